import CardData
import Lifecycle
public import Registry

/// What the upper tier has a counter note: leases for offline issuing, its word on duplicates, and cards that terminals have blocked.
public enum TierOrder: Codable, Hashable, Sendable {
    /// 发放额度: a block of card numbers for a counter, by serials, on the terms of the policy where it is noted.
    case grantLease(counter: UInt64, first: Int, last: Int)
    /// 收回额度: the lease that was granted by this event.
    case returnLease(counter: UInt64, sequence: UInt64)
    /// 重复卡作废: the card, by its number, that came second; and the one that took the predecessor's place first, by its number or its
    /// identification code, for that one is most often another counter's.
    case endDuplicate(card: String, first: String)
    /// 终端锁卡: the card, by its number, whose application a terminal has blocked.
    case noteBlocked(card: String)
}

/// An open lease, as programs read it.
public struct LeaseReport: Codable, Hashable, Sendable {
    /// The event that granted it.
    public let lease: String
    /// Whose it is.
    public let counter: UInt64
    /// The area of its cards.
    public let area: String
    /// Its numbers, the first and the last.
    public let numbers: String
    /// How many cards may be made from it.
    public let cards: Int
    /// How many in a day.
    public let cardsPerDay: Int
    /// How old the counter's copy of the register may be, in hours.
    public let registerHours: Int

    /// The report of an open lease.
    public init(_ open: OpenLease) {
        lease = open.identifier.description
        counter = open.lease.counter
        area = open.lease.area
        let range = open.lease.numbers
        numbers = "\(range.letter)\(range.serials.lowerBound)-\(range.serials.upperBound)"
        cards = open.lease.terms.cards
        cardsPerDay = open.lease.terms.cardsPerDay
        registerHours = open.lease.terms.registerHours
    }
}

/// What an order became.
public struct TierAnswer: Codable, Hashable, Sendable {
    /// The event that tells it.
    public let event: String
    /// The number of its slip; 0 for none.
    public let slip: UInt64
    /// The act's name.
    public let act: String
    /// How the card stands now, as programs read it; nil where the order is about none.
    public let state: String?
    /// The leases that are open now.
    public let leases: [LeaseReport]
}
