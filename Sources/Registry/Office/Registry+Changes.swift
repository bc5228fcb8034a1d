public import CardData
import Foundation
import GRDB
public import Lifecycle

/// A card or an application whose record has changed, and the newest event that changed it.
public struct RecordChange: Hashable, Sendable {
    /// What was changed, by the name under which people ask for it.
    public enum Subject: Hashable, Sendable {
        /// A card that has a number.
        case card(CardNumber)
        /// An application.
        case application(EventIdentifier)
    }

    /// What was changed.
    public let subject: Subject
    /// The event's place in the log.
    public let event: UInt64

    /// A change from its parts.
    public init(_ subject: Subject, event: UInt64) {
        self.subject = subject
        self.event = event
    }
}

/// What has changed on record behind a place in the log.
public struct RecordChanges: Hashable, Sendable {
    /// Each card and each application once, in the order of their newest events.
    public let changes: [RecordChange]
    /// Behind this place nothing is left out; it lies behind the one that was asked for where so much has come since that not all was read.
    public let start: UInt64
    /// The newest event's place.
    public let head: UInt64

    /// Changes from their parts.
    public init(changes: [RecordChange], start: UInt64, head: UInt64) {
        self.changes = changes
        self.start = start
        self.head = head
    }
}

extension Registry {
    /// How far back changes are read: whoever asks for more has to look again at everything.
    private static let stretch: UInt64 = 4096

    /// The newest event's place in the log; 0 for an empty one.
    public func newestPlace() throws(RegistryError) -> UInt64 {
        try reading { try Self.newestPlace(in: $0) }
    }

    /// What has changed on record behind a place in the log; it is no event, and tells of nobody.
    public func changes(after place: UInt64) throws(RegistryError) -> RecordChanges {
        try reading { database in
            let head = try Self.newestPlace(in: database)
            let start = max(place, head > Self.stretch ? head - Self.stretch : 0)
            var newest: [RecordChange.Subject: UInt64] = [:]
            try database.forEachRow(
                """
                SELECT log.sequence, card_facts.number, log.kind, log.event FROM log
                LEFT JOIN card_facts ON card_facts.reference = log.card WHERE log.sequence > ?
                """, .integer(Int64(clamping: start))
            ) { row in
                let subject =
                    row.isNull(1)
                    ? try Self.application(row.bytes(3), kind: row.integer(2))
                    : (try? CardNumber(row.text(1))).map(RecordChange.Subject.card)
                if let subject { newest[subject] = UInt64(clamping: row.integer(0)) }
                return true
            }
            return RecordChanges(
                changes: newest.map { RecordChange($0.key, event: $0.value) }.sorted { $0.event < $1.event },
                start: start, head: head)
        }
    }

    private static func newestPlace(in database: Database) throws -> UInt64 {
        let newest = try database.first("SELECT max(sequence) FROM log") { $0.integer(0) }
        return UInt64(clamping: newest ?? 0)
    }

    /// The application that an event is about; nil for one of another kind.
    private static func application(_ bytes: [UInt8], kind: Int64) throws -> RecordChange.Subject? {
        guard (Int64(ActKind.submitted.rawValue)...0x08FF).contains(kind) else { return nil }
        let event = try Event(encoded: bytes)
        return switch try event.readBody().act {
        case .submitted: .application(event.identifier)
        case .application(let identifier, _): .application(identifier)
        default: nil
        }
    }
}
