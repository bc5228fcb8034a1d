/// How a record of a fixed or cyclic file that nobody has written answers READ RECORD: the profile setting `unwrittenRecord`.
public enum UnwrittenRecord: String, Hashable, Sendable, CaseIterable {
    /// 6A83: the record comes into being when it is written.
    case notFound
    /// 6281 with the record's filler: it was made with the file, and the card warns that nobody has written it.
    case warning
    /// 9000 with the record's filler: it was made with the file.
    case filled

    /// Whether bytes that came with 9000 are a filler and no content.
    public func isFiller(_ bytes: [UInt8]) -> Bool {
        self == .filled && !bytes.isEmpty && (bytes.allSatisfy { $0 == 0xFF } || bytes.allSatisfy { $0 == 0x00 })
    }
}
