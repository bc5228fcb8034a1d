import CardApplication
import CardLayout
import ISO7816
import IssuerKeys
import Testing

extension CardFactory {
    /// A conversation of a place with keys, which sees the card for the first time where the books do not have it.
    func firstContact(
        _ channel: any CardChannel, area: String = "990101", record: VisitRecord = VisitRecord(),
        live: CardKeyVersions? = nil, isInTheBooks: Bool = false, acceptedBy: UInt64? = nil
    ) throws -> CardConversation {
        let context = try #require(CardKeyContext(channel.answerToReset, profile: compiled.profile, area: area))
        return CardConversation(
            channel, with: compiled, keys: keys, context: context,
            visit: CardVisit(
                record, keySet: AuthenticationTerms.KeySetMark(isDevelopment: true), liveVersions: live,
                firstContact: FirstContact(acceptedBy: acceptedBy) { isInTheBooks }))
    }
}
