import ByteText

extension DataObject {
    /// The tag of a data object, one to three bytes (ISO/IEC 7816-4 §5.2.2.1).
    public struct Tag: Hashable, Sendable {
        /// The bytes as they stand on the card, first the one with class and kind.
        public let bytes: [UInt8]

        /// Reads a tag; nil when the bytes are none.
        ///
        /// One byte where its low five bits are not all ones and it is not 00; else a second byte 01 to 7F, or 81 to FF and a third 00
        /// to 7F. The standard begins the second byte at 1F; cards have 9F0C and its like.
        public init?(_ bytes: [UInt8]) {
            guard let first = bytes.first else { return nil }
            let isLong = first & 0x1F == 0x1F
            switch bytes.count {
            case 1 where !isLong && first != 0x00: break
            case 2 where isLong && (0x01...0x7F).contains(bytes[1]): break
            case 3 where isLong && bytes[1] >= 0x81 && bytes[2] <= 0x7F: break
            default: return nil
            }
            self.bytes = bytes
        }

        /// True when the value is made of data objects (bit 6 of the first byte).
        public var isConstructed: Bool { bytes[0] & 0x20 != 0 }
    }
}

extension DataObject.Tag {
    /// 6F: file control information.
    public static let fileControlInformation = Self(known: [0x6F])
    /// 84: the name of a directory file.
    public static let dedicatedFileName = Self(known: [0x84])
    /// A5: what the maker of the card says of a file.
    public static let proprietaryTemplate = Self(known: [0xA5])

    private init(known bytes: [UInt8]) { self.bytes = bytes }
}

extension DataObject.Tag: CustomStringConvertible {
    /// Hexadecimal digits.
    public var description: String { bytes.hexadecimal }
}
