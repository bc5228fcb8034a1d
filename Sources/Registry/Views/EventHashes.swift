import ByteText
import GRDB
import Lifecycle
import Synchronization

/// The hashes of the events of a log, as far as is needed to find one of them.
///
/// An index of them would cost every act a page of the disk, and a hash is looked for when somebody reads one off a slip. So nothing is
/// written; four bytes of each are kept in memory from the first look-up on, and what they find is compared as a whole.
final class EventHashes: Sendable {
    /// Where the hash of the event before it stands in an event: behind four bytes, length, counter and sequence.
    private static let column = "substr(event, 25, 32)"

    /// The beginnings, of the event before each in the log's order: the first has none before it.
    private let beginnings = Mutex<[UInt32]>([])

    /// The place of the event with a hash; nil when there is none.
    func place(of hash: [UInt8], in database: Database) throws -> UInt64? {
        guard let beginning = UInt32(bigEndianBytes: Array(hash.prefix(4))), hash.count == 32 else { return nil }
        let places = try beginnings.withLock { beginnings in
            try Self.follow(&beginnings, in: database)
            return beginnings.indices.filter { beginnings[$0] == beginning }
        }
        // The hash of the event at place n, counted from 1, stands in the one behind it.
        for place in places where place > 0 {
            let found = try database.first(
                "SELECT \(Self.column) FROM log WHERE sequence = ?", .integer(Int64(place) + 1)
            ) { $0.bytes(0) }
            if found == hash { return UInt64(place) }
        }
        // No other event carries the newest one's.
        let head = try LogReader.head(of: database)
        return head.sequence > 0 && head.hash.bytes == hash ? head.sequence : nil
    }

    private static func follow(_ beginnings: inout [UInt32], in database: Database) throws {
        try database.forEachRow(
            "SELECT sequence, substr(event, 25, 4) FROM log WHERE sequence > ? ORDER BY sequence",
            .integer(Int64(beginnings.count))
        ) { row in
            // Places in the log have no gaps.
            guard row.integer(0) == Int64(beginnings.count) + 1,
                let beginning = UInt32(bigEndianBytes: row.bytes(1))
            else { throw RegistryError.damaged(sequence: UInt64(beginnings.count) + 1) }
            beginnings.append(beginning)
            return true
        }
    }
}
