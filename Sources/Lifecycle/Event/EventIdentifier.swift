public import ByteText

/// The name of an event that no two events share: whose log it stands in, and where.
///
/// It exists before any centre has seen the event, so a loss slip can carry it and a release can name it.
public struct EventIdentifier: Hashable, Sendable {
    /// The counter whose log holds the event.
    public let counter: UInt64
    /// The event's place in that log, from 1 without gaps.
    public let sequence: UInt64

    /// Names an event.
    public init(counter: UInt64, sequence: UInt64) {
        self.counter = counter
        self.sequence = sequence
    }

    /// Counter, then sequence, 8 bytes each, most significant first.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        bytes.append(bigEndian: counter)
        bytes.append(bigEndian: sequence)
        return bytes
    }

    /// Takes what ``bytes`` gives, 16 bytes; nil for any other number of them.
    public init?(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard bytes.count == 16, let read = try? EventIdentifier(reading: &reader) else { return nil }
        self = read
    }

    /// Reads what ``bytes`` wrote.
    public init(reading reader: inout ByteReader) throws(ByteReader.Exhausted) {
        counter = try reader.takeInteger()
        sequence = try reader.takeInteger()
    }
}

extension EventIdentifier: Comparable {
    /// By counter, then by sequence.
    public static func < (left: EventIdentifier, right: EventIdentifier) -> Bool {
        (left.counter, left.sequence) < (right.counter, right.sequence)
    }
}

extension EventIdentifier: CustomStringConvertible {
    /// `counter/sequence`, as slips print it.
    public var description: String { "\(counter)/\(sequence)" }
}
