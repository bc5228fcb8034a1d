public import CardApplication
public import CardLayout
public import ISO7816
public import IssuerKeys
public import Personalization

/// How a place counts the tries of the cards that come to it, and who there may spend a last one.
public struct VisitPolicy: Sendable {
    /// `DATA/tries`.
    public let folder: String
    /// Which keys the place works with.
    public let keySet: AuthenticationTerms.KeySetMark
    /// The versions of the keys that serve a card of which none are recorded; nil where they are not known.
    public let liveVersions: CardKeyVersions?
    /// Leave to spend last tries; nil forbids it.
    public let lastTry: LastTryPermission?
    /// How cards are taken that are seen for the first time; nil where every card is taken for known.
    public let firstContact: FirstContactRule?

    /// A policy from its parts.
    public init(
        folder: String, isDevelopment: Bool, liveVersions: CardKeyVersions? = nil, lastTry: LastTryPermission? = nil,
        firstContact: FirstContactRule? = nil
    ) {
        self.firstContact = firstContact
        self.folder = folder
        self.liveVersions = liveVersions
        keySet = AuthenticationTerms.KeySetMark(isDevelopment: isDevelopment)
        self.lastTry = lastTry
    }

    /// The policy of a place that lets nobody spend a last try, its folder `tries` beside that of the journals.
    init(
        besideJournals journals: String, isDevelopment: Bool, liveVersions: CardKeyVersions?,
        firstContact: FirstContactRule? = nil
    ) {
        let parent = journals.lastIndex(of: "/").map { journals[...$0] } ?? ""
        self.init(
            folder: parent + "tries", isDevelopment: isDevelopment, liveVersions: liveVersions,
            firstContact: firstContact)
    }

    /// The visit of a card whose keys are written here.
    public func visit(of card: CardIdentity) throws(CardError) -> CardVisit {
        CardVisit(
            try VisitRecord(in: folder, card: card.bytes), keySet: keySet, liveVersions: liveVersions, lastTry: lastTry)
    }

    /// The visit of the card of a profile that gave this answer to reset.
    ///
    /// - Parameter isBegun: true for a card on which work was begun here: its books are the journal.
    public func visit(
        of answer: AnswerToReset, by profile: COSProfile, isBegun: Bool = false
    ) throws(IssuingError) -> CardVisit {
        guard let card = CardIdentity(answer, rule: profile.identity) else { throw .noIdentity }
        let own: CardVisit
        do { own = try visit(of: card) } catch { throw .card(error) }
        guard !isBegun, let firstContact else { return own }
        return CardVisit(
            own.record, keySet: keySet, liveVersions: liveVersions, lastTry: lastTry,
            firstContact: FirstContact(acceptedBy: firstContact.acceptedBy) { firstContact.isInTheBooks(card) })
    }
}
