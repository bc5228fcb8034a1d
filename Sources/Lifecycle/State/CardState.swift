/// The state of one card: four parts side by side (lifecycle-and-sync.md §3; part A, the application, is no card yet).
public struct CardState: Hashable, Sendable {
    /// Part B: where the plastic is.
    public internal(set) var physical: PhysicalState
    /// Part C: the base of the social function.
    public internal(set) var social: SocialFunction
    /// Part C: what restricts it now, by the event that opened each.
    public internal(set) var restrictions: Set<Restriction>
    /// Part D: what the bank last said.
    public internal(set) var bank: BankMirror

    /// A state from its parts, for stores that keep them.
    public init(
        physical: PhysicalState, social: SocialFunction, restrictions: Set<Restriction> = [],
        bank: BankMirror = .unknown
    ) {
        self.physical = physical
        self.social = social
        self.restrictions = restrictions
        self.bank = bank
    }

    /// Where every card begins: its plan is made, nothing is certain about the chip.
    public static let beginning = CardState(physical: .personalizing, social: .sealed)

    /// The word shown: ended > loss > hold > temporary loss > PIN lock > sealed > normal.
    public var shown: ShownState {
        if social.isEnded { return .ended }
        // Most cards have none, and every act asks.
        if restrictions.isEmpty { return social == .sealed ? .sealed : .normal }
        if isRestricted(by: .loss) { return .loss }
        if isRestricted(by: .hold) || isRestricted(by: .cancellation) { return .hold }
        return isRestricted(by: .temporaryLoss) ? .temporaryLoss : .pinLock
    }

    /// Whether the card may be used: enabled and unrestricted.
    public var isUsable: Bool { shown == .normal }

    /// Whether a restriction of this kind is open.
    public func isRestricted(by kind: Restriction.Kind) -> Bool { restrictions.contains { $0.kind == kind } }

    /// The open restrictions in the order of the events that opened them.
    public var openRestrictions: [Restriction] { restrictions.sorted { $0.openedBy < $1.openedBy } }
}
