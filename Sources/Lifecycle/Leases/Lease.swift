public import CardData

/// 离线制卡额度: a block of card numbers handed to one counter, from which it may make cards while it is cut off.
///
/// What is left of all leases is the most duplicate cards that can exist at a moment.
public struct Lease: Hashable, Sendable {
    /// The counter it is for.
    public let counter: UInt64
    /// The six-digit area of the cards.
    public let area: String
    /// The card numbers.
    public let numbers: CardNumberRange
    /// How it may be used.
    public let terms: LeaseTerms

    /// A lease; nil when the block has fewer numbers than the terms allow cards, or allows none.
    public init?(counter: UInt64, area: String, numbers: CardNumberRange, terms: LeaseTerms) {
        guard numbers.count >= terms.cards, terms.cards > 0, area.utf8.count == 6 else { return nil }
        self.counter = counter
        self.area = area
        self.numbers = numbers
        self.terms = terms
    }

    /// What stands against making a card from the lease; nothing when it may be made.
    public func reasonsAgainst(_ making: LeasedMaking) -> [LeaseRefusal] {
        var reasons: [LeaseRefusal] = []
        if making.counter != counter { reasons.append(.anotherCounter(counter)) }
        if making.area != area { reasons.append(.anotherArea(area)) }
        if !numbers.contains(making.number) { reasons.append(.numberNotLeased(making.number)) }
        if making.registerAgeHours > terms.registerHours {
            reasons.append(.registerTooOld(hours: making.registerAgeHours, allowed: terms.registerHours))
        }
        if making.madeToday >= terms.cardsPerDay { reasons.append(.dayUsedUp(terms.cardsPerDay)) }
        if making.madeInAll >= terms.cards { reasons.append(.usedUp(terms.cards)) }
        return reasons
    }

    /// How many cards are left after so many.
    public func left(after made: Int) -> Int { max(0, terms.cards - made) }
}

/// A card that a counter wants to make without its centre; ages and counts are told, for no rule reads a clock.
public struct LeasedMaking: Hashable, Sendable {
    /// The counter.
    public let counter: UInt64
    /// The card's area.
    public let area: String
    /// The card's number.
    public let number: CardNumber
    /// How many hours ago the counter's copy of the register was the centre's.
    public let registerAgeHours: Int
    /// How many cards the counter has made from the lease today.
    public let madeToday: Int
    /// How many in all.
    public let madeInAll: Int

    /// A making.
    public init(
        counter: UInt64, area: String, number: CardNumber, registerAgeHours: Int, madeToday: Int, madeInAll: Int
    ) {
        self.counter = counter
        self.area = area
        self.number = number
        self.registerAgeHours = registerAgeHours
        self.madeToday = madeToday
        self.madeInAll = madeInAll
    }
}
