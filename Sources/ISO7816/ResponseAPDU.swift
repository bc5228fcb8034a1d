/// The card's answer to one command: data, then the status word.
public struct ResponseAPDU: Hashable, Sendable {
    /// The bytes are not an answer: fewer than two, or more than 256 + 2.
    public struct Malformed: Error, Hashable, Sendable {
        /// How many bytes there were.
        public let count: Int
    }

    /// The answer's data without the status word.
    public let data: [UInt8]
    /// SW1 SW2.
    public let statusWord: StatusWord

    /// An answer from its parts.
    public init(data: [UInt8] = [], _ statusWord: StatusWord) {
        self.data = data
        self.statusWord = statusWord
    }

    /// Reads an answer as it came from the card.
    public init(bytes: [UInt8]) throws(Malformed) {
        guard (2...258).contains(bytes.count) else { throw Malformed(count: bytes.count) }
        data = Array(bytes.dropLast(2))
        statusWord = StatusWord(bytes[bytes.count - 2], bytes[bytes.count - 1])
    }

    /// Data and status word as the card sends them.
    public var bytes: [UInt8] { data + [statusWord.sw1, statusWord.sw2] }
}
