public import Lifecycle

/// What became of the fee of an issue that ended without a card.
public struct FeeSettlement: Hashable, Sendable {
    /// How it was settled.
    public let way: FeeAnswer.Way
    /// The officer who says so.
    public let officer: UInt64
    /// When, Unix milliseconds.
    public let at: UInt64

    /// A settlement from its parts.
    public init(_ way: FeeAnswer.Way, officer: UInt64, at: UInt64) {
        self.way = way
        self.officer = officer
        self.at = at
    }

    /// As a line of the file has it.
    var text: String { "\(way.name) \(officer) \(at)" }

    /// Reads ``text``; nil for anything else.
    init?(text: String) {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 3, let way = FeeAnswer.Way.allCases.first(where: { $0.name == parts[0] }),
            let officer = UInt64(parts[1]), let at = UInt64(parts[2])
        else { return nil }
        self.init(way, officer: officer, at: at)
    }
}
