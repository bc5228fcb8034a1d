import ByteText
import CardCryptography

/// The first line of a journal: a mark, the sealed header, and a checksum over it, each as text and parted by spaces.
///
/// The checksum tells a damaged header from one that another site sealed: both open with no key of this site. It is no secret and
/// protects nothing; the seal does. Journals of the first form, `SSCJ1`, have none.
struct JournalFirstLine {
    private static let mark = "SSCJ2"
    private static let markWithoutChecksum = "SSCJ1"
    private static let checksumLength = 8

    /// The header's box.
    let sealed: [UInt8]

    init(_ sealed: [UInt8]) { self.sealed = sealed }

    /// Reads ``text``; nil for a line that is damaged.
    init?(_ text: String) throws(JournalError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count > 1, let sealed = [UInt8](hexadecimal: words[1]) else { return nil }
        self.sealed = sealed
        if words[0] == Self.markWithoutChecksum, words.count == 2 { return }
        guard words[0] == Self.mark, words.count == 3,
            try [UInt8](hexadecimal: words[2]) == Self.checksum(of: sealed)
        else { return nil }
    }

    /// The line, without its end.
    var text: String {
        get throws(JournalError) {
            "\(Self.mark) \(sealed.hexadecimal) \(try Self.checksum(of: sealed).hexadecimal)"
        }
    }

    /// The first bytes of the SHA-256 of the box.
    private static func checksum(of sealed: [UInt8]) throws(JournalError) -> [UInt8] {
        do { return Array(try HashFunction.sha256.hash(sealed).prefix(checksumLength)) } catch { throw .sealing }
    }
}
