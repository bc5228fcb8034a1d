/// What a stock book counts.
public enum StockKind: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    /// 空白卡.
    case blank = 1
    /// 成品卡, not handed over yet.
    case finished = 2
    /// 废卡, in the spoiled box until two persons destroy it.
    case spoiled = 3
    /// PSAM 卡.
    case securityModule = 4
    /// 在途卡: a finished card on its way; whoever sent it answers for it until it arrives, and nobody counts it at day end.
    case inTransit = 5
    /// 装机 PSAM 卡: built into a terminal; whoever installed it answers for it until it is taken out, and nobody counts it at day end.
    case installed = 6

    /// What lies in somebody's hands: it is moved, and counted at day end.
    public static let atHand: [StockKind] = allCases.filter { ![.inTransit, .installed].contains($0) }

    /// The name in files and JSON.
    public var name: String {
        switch self {
        case .blank: "blank"
        case .finished: "finished"
        case .spoiled: "spoiled"
        case .securityModule: "psam"
        case .inTransit: "in-transit"
        case .installed: "psam-installed"
        }
    }

    /// The Chinese word.
    public var chinese: String {
        switch self {
        case .blank: "空白卡"
        case .finished: "成品卡"
        case .spoiled: "废卡"
        case .securityModule: "PSAM 卡"
        case .inTransit: "在途卡"
        case .installed: "装机 PSAM 卡"
        }
    }

    /// In the order of the book.
    public static func < (left: StockKind, right: StockKind) -> Bool { left.rawValue < right.rawValue }
}
