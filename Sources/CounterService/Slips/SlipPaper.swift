/// What slips are printed on.
public enum SlipPaper: String, Hashable, Sendable, CaseIterable {
    /// A sheet.
    case a4
    /// 小票: a roll 80 mm wide.
    case receipt
}
