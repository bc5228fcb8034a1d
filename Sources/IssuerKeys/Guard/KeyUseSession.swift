import ByteText

/// In whose name keys are used: an operator, perhaps for a ticket and with a second person.
public struct KeyUseSession: Sendable {
    /// The second person of a service that takes two.
    public enum SecondPerson: Hashable, Sendable {
        /// Two persons have signed for exactly this card and ticket.
        case approved(ApprovedRequest)
        /// Somebody's name was given and nothing signed; holds in development only.
        case named(String)
    }

    /// Who uses keys.
    public let user: KeyOperator
    /// For which work order.
    public let ticket: WorkTicket?
    /// With whom.
    public let second: SecondPerson?

    /// A session from its parts.
    public init(_ user: KeyOperator, ticket: WorkTicket? = nil, second: SecondPerson? = nil) {
        self.user = user
        self.ticket = ticket
        self.second = second
    }

    /// What an approval for a card must bind: the card's factor, and the ticket where there is one.
    public static func approvalDetails(card: CardKeyContext, ticket: WorkTicket?) -> [String: String] {
        var details = ["card": card.cardFactor.hexadecimal, "area": card.area]
        details["ticket"] = ticket?.text
        return details
    }
}
