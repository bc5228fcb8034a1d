import CardData
import Glibc

/// The rows of a comma-separated file as bytes, one after the other, so that a file of millions of rows needs no more memory than one
/// of ten.
///
/// Line ends within quotation marks belong to a field. That needs no decoding: in UTF-8 and GB 18030 alike the bytes of a
/// quotation mark and of a line end stand for nothing else.
struct RowStream {
    /// One row without its line end.
    struct Row {
        let line: Int
        let bytes: [UInt8]
    }

    /// The longest row that is read, in bytes.
    static let rowLimit = 1 << 16

    private let file: String
    private let reading: any IntakeReading
    private var piece: [UInt8] = []
    private var position = 0
    private var line = 1

    /// Opens a file of at most so many bytes; throws `file.unreadable`, `file.is-folder` and `file.too-large`.
    ///
    /// - Parameter name: the file as faults name it.
    init(_ source: any IntakeSource, named name: String, sizeLimit: Int) throws(Faults) {
        let reading = try source.reading(named: name)
        guard reading.length <= UInt64(sizeLimit) else {
            throw Faults("file.too-large", ["file": name, "most": String(sizeLimit >> 20)])
        }
        file = name
        self.reading = reading
    }

    /// The next row; nil at the end.
    ///
    /// Throws `csv.quotation` when quotation marks do not close, `import.row-too-long`, `file.unreadable`.
    mutating func next() throws(Faults) -> Row? {
        let start = line
        var bytes: [UInt8] = []
        var isQuoted = false
        while let byte = try nextByte() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n") {
                line += 1
                if !isQuoted {
                    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
                    return Row(line: start, bytes: bytes)
                }
            }
            bytes.append(byte)
            guard bytes.count <= Self.rowLimit else {
                let place = SourcePlace(file: file, line: start)
                // A quotation mark that nobody closes swallows the rest of the file.
                guard !isQuoted else { throw Faults("csv.quotation", ["file": file], at: place) }
                throw Faults("import.row-too-long", ["most": String(Self.rowLimit)], at: place)
            }
        }
        guard !isQuoted else {
            throw Faults("csv.quotation", ["file": file], at: SourcePlace(file: file, line: start))
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes.isEmpty ? nil : Row(line: start, bytes: bytes)
    }

    private mutating func nextByte() throws(Faults) -> UInt8? {
        if position == piece.count {
            do {
                piece = try reading.next()
            } catch {
                throw Faults("file.unreadable", ["file": file, "reason": String(cString: strerror(EIO))])
            }
            position = 0
            if piece.isEmpty { return nil }
        }
        defer { position += 1 }
        return piece[position]
    }
}
