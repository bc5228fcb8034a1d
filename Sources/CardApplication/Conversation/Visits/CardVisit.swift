public import IssuerKeys

/// What a place brings to a conversation with a card: what it remembers of it, which keys it works with, and what it is allowed.
public struct CardVisit {
    /// What is remembered of the card.
    public let record: VisitRecord
    /// Which keys the place works with.
    public let keySet: AuthenticationTerms.KeySetMark
    /// The versions that serve a card of which none are recorded; nil where the place does not tell them.
    public let liveVersions: CardKeyVersions?
    /// Leave to spend the last try of a key or PIN; nil forbids it.
    public let lastTry: LastTryPermission?
    /// What is asked before a key is presented for the first time; nil for a card whose keys are written here.
    public let firstContact: FirstContact?

    /// A visit.
    public init(
        _ record: VisitRecord, keySet: AuthenticationTerms.KeySetMark, liveVersions: CardKeyVersions? = nil,
        lastTry: LastTryPermission? = nil, firstContact: FirstContact? = nil
    ) {
        self.record = record
        self.keySet = keySet
        self.liveVersions = liveVersions
        self.lastTry = lastTry
        self.firstContact = firstContact
    }
}
