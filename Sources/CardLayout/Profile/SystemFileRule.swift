/// How a profile places a file that the card operating system itself works with, and no layout describes.
public struct SystemFileRule: Hashable, Sendable {
    /// The two-byte file identifier; its low five bits are the short identifier.
    public let identifier: UInt16
    /// Bytes of its content; nil where its records are counted.
    public let size: Int?
    /// The length of its records; 0 where they differ or there are none.
    public let recordLength: UInt8
    /// The access byte for reading.
    public let readRight: UInt8
    /// The access byte for writing.
    public let writeRight: UInt8

    /// A rule from its parts.
    public init(identifier: UInt16, size: Int?, recordLength: UInt8, readRight: UInt8, writeRight: UInt8) {
        self.identifier = identifier
        self.size = size
        self.recordLength = recordLength
        self.readRight = readRight
        self.writeRight = writeRight
    }
}
