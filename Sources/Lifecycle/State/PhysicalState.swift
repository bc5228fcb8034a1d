/// Part B of a card's state, 实体卡: where the plastic is (lifecycle-and-sync.md §3 B, from the moment it has a name).
public enum PhysicalState: String, Hashable, Sendable, CaseIterable {
    /// A blank with a plan for this card is being written.
    case personalizing
    /// Written, read back and compared; still in the office.
    case personalized
    /// On its way to the outlet that hands it over.
    case inTransit = "in-transit"
    /// At the outlet, not yet collected.
    case awaitingCollection = "awaiting-collection"
    /// Handed over.
    case withHolder = "with-holder"
    /// Taken back or found.
    case recovered
    /// Cut by two persons.
    case destroyed
    /// Failed while being made; kept in the spoiled box until it is destroyed.
    case spoiled
    /// Not where it should be, before it was handed over.
    case missing

    /// The Chinese word.
    public var chinese: String {
        switch self {
        case .personalizing: "制卡中"
        case .personalized: "已制卡"
        case .inTransit: "配送中"
        case .awaitingCollection: "待领"
        case .withHolder: "已领"
        case .recovered: "已回收"
        case .destroyed: "已销毁"
        case .spoiled: "废卡"
        case .missing: "遗失"
        }
    }
}
