public import CardApplication
public import CardData
public import Lifecycle
public import Registry

/// A service for the holder's PIN, as a counter asks for it.
public struct PINRequest: Sendable {
    /// What shall be done, with the PINs it takes.
    public let act: HolderPIN.Act
    /// On whose request: the number of a form or call; may be empty for a change alone.
    public let ticket: String
    /// Who does it, with whom, and on what proof.
    public let handling: Handling
    /// Only these directories of the card; all when nil.
    public let directories: Set<String>?
    /// The card's newest event that was shown to whoever asks; nil when nobody says what they saw.
    public let seen: UInt64?

    /// The longest ticket, in bytes of UTF-8.
    public static let longestTicket = 120

    /// A request; throws `pin.ticket` for an empty ticket where one is needed, one that is too long, or one with control
    /// characters, and `pin.same` for a new PIN that is the old one.
    ///
    /// - Parameter seen: the card's newest event that was shown to whoever asks: where there is a newer one, the chip is left alone.
    public init(
        _ act: HolderPIN.Act, ticket: String = "", handling: Handling, directories: Set<String>? = nil,
        expecting seen: UInt64? = nil
    ) throws(Faults) {
        var faults = FaultCollector()
        let isNeeded = if case .change = act { false } else { true }
        _ = faults.attempt { () throws(Faults) in try Self.check(ticket: ticket, isNeeded: isNeeded) }
        if case .change(let old, let new) = act, old == new { faults.add("pin.same") }
        try faults.check()
        self.act = act
        self.ticket = ticket
        self.handling = handling
        self.directories = directories
        self.seen = seen
    }

    /// Checks a ticket.
    ///
    /// - Throws: `pin.ticket` for an empty one where one is needed, one that is too long, and one with control characters.
    public static func check(ticket: String, isNeeded: Bool) throws(Faults) {
        if ticket.allSatisfy(\.isWhitespace) && (isNeeded || !ticket.isEmpty)
            || ticket.utf8.count > longestTicket
            || ticket.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        {
            throw Faults("pin.ticket", ["most": String(longestTicket)])
        }
    }

    /// The service as the log names it.
    public var service: PINService {
        switch act {
        case .change: .change
        case .reset: .reset
        case .unblock: .unblock
        }
    }
}

/// What became of a service for the PIN.
public struct PINOutcome: Sendable {
    /// The card's identification code.
    public let identificationCode: IdentificationCode
    /// The card as the registry has it; nil when it is not this counter's.
    public let card: RegisteredCard?
    /// The directories in which the PIN was served.
    public let directories: [String]
    /// The events, the service first and then the lifted PIN lock; empty for a card that is not this counter's.
    public let events: [RecordedEvent]
}
