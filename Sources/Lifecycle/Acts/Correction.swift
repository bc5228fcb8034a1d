/// An earlier act that was entered in error, and what kind it was, so that a reader needs no other event to follow it.
public struct Correction: Hashable, Sendable {
    /// Why it was an error.
    public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
        /// 错卡: entered on another card than meant.
        case wrongCard = 1
        /// 错办: another act was meant.
        case wrongAct = 2
        /// 未发生: it did not take place.
        case didNotHappen = 3
        /// Anything else.
        case other = 9
    }

    /// The act that is undone.
    public let event: EventIdentifier
    /// Its kind.
    public let kind: ActKind
    /// Why.
    public let reason: Reason
    /// Where the plastic was before, where that is not ``ActKind/usualStart``; nil otherwise, and in what older programs recorded.
    public let before: PhysicalState?

    /// Undoes one event.
    ///
    /// - Parameter before: where the plastic was before it.
    public init(of event: EventIdentifier, kind: ActKind, reason: Reason, before: PhysicalState? = nil) {
        self.event = event
        self.kind = kind
        self.reason = reason
        self.before = kind.usualStart == nil || before == kind.usualStart ? nil : before
    }

    /// Where the plastic goes back to; nil where the act had not moved it.
    public var goesBackTo: PhysicalState? { before ?? kind.usualStart }
}

extension ActKind {
    /// From where an act of this kind that moves a card starts as a rule; nil for kinds that move none, or cannot be undone.
    public var usualStart: PhysicalState? {
        switch self {
        case .handedOver: .awaitingCollection
        case .dispatched: .personalized
        case .arrived: .inTransit
        case .recovered: .withHolder
        case .givenBack: .recovered
        default: nil
        }
    }

    /// Whether an act of this kind can be undone by a correction.
    ///
    /// What the chip, another card or the centre's word hangs on cannot; it takes an act of its own.
    public var isCorrectable: Bool {
        switch self {
        case .handedOver, .enabled, .dispatched, .arrived, .recovered, .givenBack, .temporaryLoss, .formalLoss, .held,
            .pinLocked:
            true
        default: false
        }
    }
}
