/// What a place brings to a conversation with a card: what it remembers of it, which keys it works with, and what it is allowed.
public struct CardVisit {
    /// What is remembered of the card.
    public let record: VisitRecord
    /// Which keys the place works with.
    public let keySet: AuthenticationTerms.KeySetMark
    /// Leave to spend the last try of a key or PIN; nil forbids it.
    public let lastTry: LastTryPermission?
    /// True where the profile says that VERIFY without data tells the PIN's counter and costs no try.
    public let asksForCounter: Bool

    /// A visit.
    public init(
        _ record: VisitRecord, keySet: AuthenticationTerms.KeySetMark, lastTry: LastTryPermission? = nil,
        asksForCounter: Bool = false
    ) {
        self.record = record
        self.keySet = keySet
        self.lastTry = lastTry
        self.asksForCounter = asksForCounter
    }
}
