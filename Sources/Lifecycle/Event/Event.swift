/// One act as it is kept for good: stored, signed and forwarded as the same bytes at every tier, never encoded again.
///
/// Bytes, most significant first throughout:
///
/// | field | bytes |
/// |---|---|
/// | `SCE1` | 4 |
/// | length of all that follows this field | 4 |
/// | counter, sequence (from 1) | 8, 8 |
/// | SHA-256 of the counter's previous event, zeros before the first | 32 |
/// | epoch of the upstream store last seen, 0 before any contact | 8 |
/// | hybrid logical time: milliseconds × 65,536 + count | 8 |
/// | wall time, Unix milliseconds | 8 |
/// | last measured clock error in milliseconds, FFFFFFFF when never measured | 4 |
/// | officer, second person (0: none) | 8, 8 |
/// | card: its identification code, zeros when the act is about no card | 16 |
/// | newest event about this card that the counter knew, 0: none | 8 |
/// | kind of act | 2 |
/// | slip number, 0: none | 8 |
/// | length of the body, the body | 4, n |
/// | signature algorithm, length of the signature | 1, 2 |
/// | signature over everything before it | n |
public struct Event: Hashable, Sendable {
    /// The first four bytes of every event.
    static let magic = Array("SCE1".utf8)
    /// An event is never longer.
    public static let lengthLimit = 1 << 20
    /// A clock error that was never measured.
    public static let clockErrorUnknown = UInt32.max

    /// Counter and sequence.
    public var identifier: EventIdentifier
    /// SHA-256 of the previous event's bytes, 32 bytes; zeros before the first.
    public var previous: EventHash
    /// The upstream store's epoch that the counter last saw; 0 before any contact.
    public var epochSeen: UInt64
    /// Hybrid logical time: never falls within a counter's log, close to wall time.
    public var hybridTime: UInt64
    /// Wall time, Unix milliseconds; kept for questions of liability, no rule reads it.
    public var wallMilliseconds: UInt64
    /// The last measured error of the clock, milliseconds.
    public var clockErrorMilliseconds: UInt32
    /// The officer's number.
    public var officer: UInt64
    /// The second person's number, 0 when there was none.
    public var secondPerson: UInt64
    /// The card; nil when the act is about no card.
    public var card: CardReference?
    /// The newest event about this card that the counter knew.
    public var seen: UInt64
    /// The kind of act; kept as a number, so that a store can carry kinds it does not know.
    public var kind: UInt16
    /// The number of the slip printed for it; 0 for none.
    public var slip: UInt64
    /// The act's fields, see ``EventBody``.
    public var body: [UInt8]
    /// The counter's signature.
    public var signature: EventSignature

    /// An event from its parts.
    public init(
        identifier: EventIdentifier, previous: EventHash, epochSeen: UInt64 = 0, hybridTime: UInt64,
        wallMilliseconds: UInt64, clockErrorMilliseconds: UInt32 = Event.clockErrorUnknown, officer: UInt64,
        secondPerson: UInt64 = 0, card: CardReference?, seen: UInt64, kind: UInt16, slip: UInt64 = 0, body: [UInt8],
        signature: EventSignature = .coveredByLaterHead
    ) {
        self.identifier = identifier
        self.previous = previous
        self.epochSeen = epochSeen
        self.hybridTime = hybridTime
        self.wallMilliseconds = wallMilliseconds
        self.clockErrorMilliseconds = clockErrorMilliseconds
        self.officer = officer
        self.secondPerson = secondPerson
        self.card = card
        self.seen = seen
        self.kind = kind
        self.slip = slip
        self.body = body
        self.signature = signature
    }

    /// The latest wall time of the counter's log up to this event, Unix milliseconds; hybrid time keeps it.
    public var latestWallMilliseconds: UInt64 { max(hybridTime >> 16, wallMilliseconds) }

    /// Whether the clock stood behind an earlier event when this one was recorded: its wall time is then uncertain.
    ///
    /// By less than a second a clock is corrected while it runs, and no paper prints that.
    public var isClockBehind: Bool { latestWallMilliseconds - wallMilliseconds >= 1000 }

    /// What the event says; throws when its kind is not known here or its body is not in the one form.
    public func readBody() throws(EventFormatError) -> EventBody {
        guard let known = ActKind(rawValue: kind) else { throw .kindUnknown(kind) }
        guard known.concernsCard == (card != nil) else { throw .cardReference }
        return try EventBody(kind: known, encoded: body)
    }
}

/// The counter's signature on an event.
public enum EventSignature: Hashable, Sendable {
    /// 0: not signed by itself; the next signed event of the log covers it through the chain.
    case coveredByLaterHead
    /// 1: ECDSA on P-256 over SHA-256, r ‖ s, 64 bytes.
    case p256([UInt8])
    /// 2: SM2 over SM3, r ‖ s, 64 bytes; kept for checkpoints.
    case sm2([UInt8])

    /// The algorithm's number in events.
    public var algorithm: UInt8 {
        switch self {
        case .coveredByLaterHead: 0
        case .p256: 1
        case .sm2: 2
        }
    }

    /// The signature; empty when there is none.
    public var bytes: [UInt8] {
        switch self {
        case .coveredByLaterHead: []
        case .p256(let bytes), .sm2(let bytes): bytes
        }
    }

    init?(algorithm: UInt8, bytes: [UInt8]) {
        switch (algorithm, bytes.count) {
        case (0, 0): self = .coveredByLaterHead
        case (1, 64): self = .p256(bytes)
        case (2, 64): self = .sm2(bytes)
        default: return nil
        }
    }
}
