import ByteText

/// A BER-TLV data object: tag, length, and a value of bytes or of further data objects (ISO/IEC 7816-4 §5.2.2).
///
/// Reading is strict: lengths take the fewest bytes, no byte is left over, and what is read is written again as it was.
public struct DataObject: Hashable, Sendable {
    /// What stands behind tag and length.
    public enum Value: Hashable, Sendable {
        /// Bytes, under a primitive tag.
        case bytes([UInt8])
        /// Data objects, under a constructed tag.
        case objects([DataObject])
    }

    /// The tag.
    public let tag: Tag
    /// The value.
    public let value: Value

    /// A primitive data object; throws when the tag is that of a constructed one.
    public init(_ tag: Tag, bytes: [UInt8]) throws(Malformed) {
        guard !tag.isConstructed else { throw Malformed(.valueOfOtherKind, at: 0) }
        self.init(tag: tag, value: .bytes(bytes))
    }

    /// A constructed data object; throws when the tag is that of a primitive one.
    public init(_ tag: Tag, objects: [DataObject]) throws(Malformed) {
        guard tag.isConstructed else { throw Malformed(.valueOfOtherKind, at: 0) }
        self.init(tag: tag, value: .objects(objects))
    }

    init(tag: Tag, value: Value) {
        self.tag = tag
        self.value = value
    }

    /// The data object as bytes: tag, length in the fewest bytes, value.
    public var bytes: [UInt8] {
        let content =
            switch value {
            case .bytes(let bytes): bytes
            case .objects(let objects): objects.flatMap(\.bytes)
            }
        return tag.bytes + Self.length(content.count) + content
    }

    /// The first data object inside that has this tag; nil for a primitive one.
    public subscript(tag: Tag) -> DataObject? {
        guard case .objects(let objects) = value else { return nil }
        return objects.first { $0.tag == tag }
    }

    /// The bytes of a primitive data object; nil for a constructed one.
    public var primitive: [UInt8]? {
        if case .bytes(let bytes) = value { bytes } else { nil }
    }

    /// A length field in the fewest bytes (ISO/IEC 7816-4 §5.2.2.2): one up to 7F, then `81` to `84` with one to four bytes.
    public static func length(_ count: Int) -> [UInt8] {
        guard count > 0x7F else { return [UInt8(truncatingIfNeeded: count)] }
        let digits = Array(UInt32(clamping: count).bigEndianBytes.drop { $0 == 0 })
        return [0x80 | UInt8(digits.count)] + digits
    }
}

extension DataObject {
    /// Why bytes are no BER-TLV data objects, and where.
    public struct Malformed: Error, Hashable, Sendable {
        /// What is wrong.
        public enum Reason: Hashable, Sendable, CaseIterable {
            /// Bytes end inside a tag, a length or a value.
            case truncated
            /// A tag that no data object has: 00, more than three bytes, or one that begins its number with zeros.
            case tag
            /// 80: the end would be marked in the value, which cards do not do.
            case indefiniteLength
            /// More than four bytes of length, or more than are needed.
            case length
            /// Data objects in data objects, deeper than the reader goes.
            case tooDeep
            /// Bytes behind the one data object that was expected.
            case trailing
            /// Bytes under a constructed tag, or data objects under a primitive one.
            case valueOfOtherKind
        }

        /// What is wrong.
        public let reason: Reason
        /// The byte where it begins, from 0.
        public let offset: Int

        init(_ reason: Reason, at offset: Int) {
            self.reason = reason
            self.offset = offset
        }
    }
}

extension DataObject: CustomStringConvertible {
    /// A line for each data object, those inside indented by two spaces: tag and bytes in hexadecimal digits.
    public var description: String {
        switch value {
        case .bytes(let bytes): bytes.isEmpty ? tag.description : "\(tag) \(bytes.hexadecimal)"
        case .objects(let objects):
            ([tag.description]
                + objects.flatMap { $0.description.split(separator: "\n").map { "  \($0)" } })
                .joined(separator: "\n")
        }
    }
}
