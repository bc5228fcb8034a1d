import ByteText
import CardCryptography

/// The bytes of one entry: sequence, time, kind, `name=value` for each field, hash, with TAB between them and LF at the end.
///
/// In values, bytes below 20, 7F and the percent sign are written as a percent sign and two hexadecimal digits. The hash is SM3 over
/// the hash of the entry before (32 zero bytes before the first) and the line up to and with its last TAB.
struct KeyLogLine {
    /// The line up to where the hash begins.
    private(set) var bytes: [UInt8] = []

    static let firstHash = [UInt8](repeating: 0, count: 32)
    /// No line of ours is longer; a longer one is no line of the log.
    static let longest = 64 * 1024

    init() { bytes.reserveCapacity(512) }

    /// Begins another line in the same memory.
    mutating func begin(_ sequence: UInt64, _ time: UInt64, _ kind: KeyLogEntry.Kind) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: String(sequence).utf8)
        bytes.append(Self.tab)
        bytes.append(contentsOf: String(time).utf8)
        bytes.append(Self.tab)
        bytes.append(contentsOf: kind.rawValue.utf8)
        bytes.append(Self.tab)
    }

    mutating func add(_ field: KeyLogEntry.Field) {
        bytes.append(contentsOf: field.name.utf8)
        bytes.append(UInt8(ascii: "="))
        for byte in field.value.utf8 {
            if byte < 0x20 || byte == 0x7F || byte == Self.percent {
                bytes.append(Self.percent)
                bytes.append(contentsOf: byte.hexadecimal.utf8)
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(Self.tab)
    }

    /// Ends the line with its hash, which comes back.
    mutating func end(after previous: [UInt8], _ hashing: inout IncrementalHash) throws(CryptographyError) -> [UInt8] {
        let hash = try Self.hash(of: bytes.span, after: previous, &hashing)
        bytes.append(contentsOf: hash.hexadecimal.utf8)
        bytes.append(Self.lineEnd)
        return hash
    }

    static let tab = UInt8(ascii: "\t")
    static let lineEnd = UInt8(ascii: "\n")
    private static let percent = UInt8(ascii: "%")

    static func hash(
        of line: Span<UInt8>, after previous: [UInt8], _ hashing: inout IncrementalHash
    ) throws(CryptographyError) -> [UInt8] {
        try hashing.update(previous)
        try hashing.update(line)
        return try hashing.finish()
    }
}

/// A line that was read, split but not yet believed.
struct KeyLogLineParts {
    let entry: KeyLogEntry
    /// The hash that the line states.
    let hash: [UInt8]
    /// The line up to where the hash begins.
    let hashed: ArraySlice<UInt8>

    /// Splits a line without its LF; nil when it is none.
    init?(_ line: ArraySlice<UInt8>) {
        guard line.count <= KeyLogLine.longest, let end = line.lastIndex(of: KeyLogLine.tab),
            let hash = [UInt8](hexadecimal: String(decoding: line[(end + 1)...], as: UTF8.self)), hash.count == 32
        else { return nil }
        let parts = line[..<end].split(separator: KeyLogLine.tab, omittingEmptySubsequences: false)
        guard parts.count >= 3, let sequence = UInt64(String(decoding: parts[0], as: UTF8.self)),
            let time = UInt64(String(decoding: parts[1], as: UTF8.self)),
            let kind = KeyLogEntry.Kind(rawValue: String(decoding: parts[2], as: UTF8.self))
        else { return nil }
        var fields: [KeyLogEntry.Field] = []
        for part in parts.dropFirst(3) {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")),
                let value = Self.unescaped(part[(equals + 1)...])
            else { return nil }
            fields.append(KeyLogEntry.Field(String(decoding: part[..<equals], as: UTF8.self), value))
        }
        entry = KeyLogEntry(sequence: sequence, time: time, kind: kind, fields: fields)
        self.hash = hash
        hashed = line[...end]
    }

    /// What a signature in the field `name` covers: the line up to that field.
    func signed(before name: String) -> [UInt8]? {
        let mark = [KeyLogLine.tab] + Array("\(name)=".utf8)
        var at = hashed.startIndex
        while at + mark.count <= hashed.endIndex {
            if hashed[at..<at + mark.count].elementsEqual(mark) { return Array(hashed[...at]) }
            at += 1
        }
        return nil
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> String? {
        guard text.contains(UInt8(ascii: "%")) else { return String(validating: text, as: UTF8.self) }
        var bytes: [UInt8] = []
        var at = text.startIndex
        while at < text.endIndex {
            guard text[at] == UInt8(ascii: "%") else {
                bytes.append(text[at])
                at += 1
                continue
            }
            guard at + 3 <= text.endIndex,
                let byte = [UInt8](hexadecimal: String(decoding: text[(at + 1)...(at + 2)], as: UTF8.self)),
                byte.count == 1
            else { return nil }
            bytes += byte
            at += 3
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
