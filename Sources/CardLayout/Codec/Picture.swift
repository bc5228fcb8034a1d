import ByteText
public import CardData

/// A picture in the forms that cards hold (card.md §1.4: bmp or jpeg), told by its first bytes.
public struct Picture: Hashable, Sendable {
    /// The forms.
    public enum Form: String, Hashable, Sendable, CaseIterable {
        /// JPEG: begins with FFD8FF and ends with FFD9.
        case jpeg
        /// Windows bitmap: begins with `BM`, then its size in four bytes, the lowest first.
        case bitmap
    }

    /// Its form.
    public let form: Form
    /// The picture without what fills the file behind it.
    public let bytes: [UInt8]

    /// Takes a picture that may be followed by 00 or FF.
    ///
    /// Throws `picture.form` for what is neither JPEG nor bitmap, and `picture.incomplete` when its end is missing.
    public init(padded bytes: [UInt8]) throws(Faults) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            form = .jpeg
            self.bytes = try Self.wholeJPEG(bytes)
        } else if bytes.starts(with: Array("BM".utf8)) {
            form = .bitmap
            self.bytes = try Self.wholeBitmap(bytes)
        } else {
            throw Faults("picture.form")
        }
    }

    /// Filler of either kind lies behind the end-of-image marker FFD9; the marker's own FF stands before its D9.
    private static func wholeJPEG(_ bytes: [UInt8]) throws(Faults) -> [UInt8] {
        let filler = bytes.last
        let end = (bytes.lastIndex { $0 != filler || $0 == 0xD9 } ?? -1) + 1
        let picture = Array(bytes[..<end])
        guard picture.suffix(2) == [0xFF, 0xD9] else { throw Faults("picture.incomplete") }
        return picture
    }

    private static func wholeBitmap(_ bytes: [UInt8]) throws(Faults) -> [UInt8] {
        let size = bytes.dropFirst(2).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        // Two headers, 14 and at least 12 bytes, come before the first point.
        guard size >= 26, size <= bytes.count else { throw Faults("picture.incomplete") }
        return Array(bytes[..<size])
    }
}
