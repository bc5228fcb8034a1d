/// What a city lets a counter do without its centre (lifecycle-and-sync.md §3, lease).
public struct LeaseTerms: Hashable, Sendable {
    /// How old the counter's copy of the register may be, in hours.
    public let registerHours: Int
    /// How many cards it may make in a day.
    public let cardsPerDay: Int
    /// How many cards one lease is for.
    public let cards: Int

    /// Terms.
    public init(registerHours: Int, cardsPerDay: Int, cards: Int) {
        self.registerHours = registerHours
        self.cardsPerDay = cardsPerDay
        self.cards = cards
    }
}
