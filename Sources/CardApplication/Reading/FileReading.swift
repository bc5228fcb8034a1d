public import ISO7816

/// What one file of a card held, or why it was not read.
public struct FileReading: Hashable, Sendable {
    /// What came of reading a file.
    public enum Outcome: Hashable, Sendable {
        /// The records in their order, with tag and length where the file has them.
        case records([[UInt8]])
        /// The bytes of a transparent file.
        case bytes([UInt8])
        /// What was presented does not open it.
        case notOpen
        /// It is read under line protection only, and the key for it is not at hand.
        case protected
        /// The card has no such file.
        case absent
        /// The file was never written.
        case neverWritten
        /// The card answered with a status word that is none of these; the other files were read all the same.
        case refused(StatusWord)
    }

    /// The directory's name.
    public let directory: String
    /// The file's name.
    public let file: String
    /// What came of it.
    public let outcome: Outcome
    /// What the card gave with 6281 although it holds something: its check sum is wrong, and the bytes may be (cos-dialects §6.2).
    ///
    /// Numbers of records from 1, or offsets of pieces of a transparent file.
    public let damaged: [Int]

    init(directory: String, file: String, outcome: Outcome, damaged: [Int] = []) {
        self.directory = directory
        self.file = file
        self.outcome = outcome
        self.damaged = damaged
    }
}

extension ResponseAPDU {
    /// Whether the card warns of its own data, and they are more than the filler of what nobody has written.
    var isDamaged: Bool {
        statusWord == .dataMayBeCorrupted && !data.allSatisfy { $0 == 0x00 } && !data.allSatisfy { $0 == 0xFF }
    }
}
