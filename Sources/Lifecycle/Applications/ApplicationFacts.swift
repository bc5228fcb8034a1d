/// What is fixed about an application when it is handed in.
public struct ApplicationFacts: Hashable, Sendable {
    /// What is applied for (card.md §5.2, application type).
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// 01 新办.
        case first = 1
        /// 05 遗失补领.
        case replacement = 5
        /// 06 普通换卡.
        case renewal = 6

        /// The Chinese name.
        public var chinese: String {
            switch self {
            case .first: "新办"
            case .replacement: "遗失补领"
            case .renewal: "普通换卡"
            }
        }

        /// The name in files and JSON.
        public var name: String {
            switch self {
            case .first: "first"
            case .replacement: "replacement"
            case .renewal: "renewal"
            }
        }
    }

    /// How the card is made.
    public enum Way: UInt8, Hashable, Sendable, CaseIterable {
        /// 即时制卡, in front of the holder.
        case instant = 1
        /// 工厂批量制卡.
        case factory = 2

        /// The name in files and JSON.
        public var name: String {
            switch self {
            case .instant: "instant"
            case .factory: "factory"
            }
        }
    }

    /// For whom.
    public let person: PersonReference
    /// What for.
    public let kind: Kind
    /// How.
    public let way: Way
    /// How it came in.
    public let channel: LossReport.Channel
    /// The employer's or school's batch it came in with; empty for one person's own.
    public let batch: String
    /// Why a card is renewed; nil where it is not, and where nobody said.
    public let renewal: ReplacementReason?

    /// An application.
    public init(
        person: PersonReference, kind: Kind, way: Way, channel: LossReport.Channel, batch: String = "",
        renewal: ReplacementReason? = nil
    ) {
        self.person = person
        self.kind = kind
        self.way = way
        self.channel = channel
        self.batch = batch
        self.renewal = renewal
    }

    /// Why the card that the person has ends when the new one is there; nil for a first card.
    public var replacementReason: ReplacementReason? {
        switch kind {
        case .first: nil
        case .replacement: .lost
        case .renewal: renewal ?? .other
        }
    }
}

extension ApplicationFacts {
    /// What stands against handing it in.
    ///
    /// - Parameters:
    ///   - open: the person's applications that are neither final nor of a card that has ended.
    ///   - hasCard: whether the person has a card that is not ended.
    public func reasonsAgainst(beside open: [Application], hasCard: Bool) -> [LifecycleRefusal.Reason] {
        var reasons = open.filter { $0.facts.kind == kind }.map {
            LifecycleRefusal.Reason.applicationOpen($0.identifier, kind)
        }
        if kind == .first && hasCard { reasons.append(.personHasCard) }
        if !batch.isEmpty, BatchNumber(batch) == nil { reasons.append(.batchNumber) }
        return reasons
    }
}
