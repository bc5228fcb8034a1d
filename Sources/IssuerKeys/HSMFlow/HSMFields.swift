import ByteText
import CardCryptography
import CardData

/// Fields of the reader driver's strings, each ended by `|` (card.md §4.2), read one after the other with every fault noted.
///
/// The bytes are wiped when the reader is let go, for a new PIN can be among them.
final class HSMFieldReader {
    private var bytes: [UInt8]
    private var fields: [Range<Int>] = []
    private var next = 0
    private var collector = FaultCollector()
    /// What the string is, for its faults.
    private let form: String

    /// Splits a string.
    init(_ text: Span<UInt8>, form: String) {
        self.form = form
        bytes = []
        bytes.reserveCapacity(text.count)
        var start = 0
        for index in text.indices {
            bytes.append(text[index])
            guard text[index] == UInt8(ascii: "|") else { continue }
            fields.append(start..<index)
            start = index + 1
        }
        if start != text.count { note("|", "the last field has no | behind it") }
    }

    /// How many fields there are.
    var count: Int { fields.count }

    /// Notes a fault of a field.
    func note(_ field: String, _ reason: String) {
        collector.add("hsm-flow.field", ["form": form, "field": field, "reason": reason])
    }

    /// Refuses another number of fields than these.
    func expect(_ counts: [Int]) {
        guard !counts.contains(fields.count) else { return }
        collector.add(
            "hsm-flow.count",
            ["form": form, "count": String(fields.count), "expected": counts.map(String.init).joined(separator: ", ")])
    }

    private func take() -> ArraySlice<UInt8> {
        guard next < fields.count else { return [] }
        defer { next += 1 }
        return bytes[fields[next]]
    }

    /// Whether the next field is empty.
    var isNextEmpty: Bool { next >= fields.count || fields[next].isEmpty }

    /// Passes over a field.
    func skip() { _ = take() }

    /// Text of visible ASCII characters.
    func text(_ field: String, of lengths: ClosedRange<Int>) -> String {
        let bytes = take()
        guard lengths.contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            note(field, "\(lengths.lowerBound)…\(lengths.upperBound) ASCII")
            return ""
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decimal digits.
    func digits(_ field: String, _ lengths: ClosedRange<Int>) -> String {
        let bytes = take()
        guard lengths.contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
            note(field, "\(lengths.lowerBound)…\(lengths.upperBound) digits")
            return ""
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes as hexadecimal digits of either case.
    func hexadecimal(_ field: String, _ lengths: ClosedRange<Int>) -> [UInt8] {
        let digits = take()
        guard digits.allSatisfy({ $0 < 0x80 }),
            let value = [UInt8](hexadecimal: String(decoding: digits, as: UTF8.self)), lengths.contains(value.count)
        else {
            note(field, "\(2 * lengths.lowerBound)…\(2 * lengths.upperBound) hexadecimal digits")
            return []
        }
        return value
    }

    /// Exactly so many bytes as hexadecimal digits.
    func hexadecimal(_ field: String, _ count: Int) -> [UInt8] { hexadecimal(field, count...count) }

    /// A random value of 8 bytes that is not all zeros: field software has been seen to pass zeros, which proves nothing.
    func challenge(_ field: String) -> [UInt8] {
        let value = hexadecimal(field, 8)
        if value.count == 8, value.allSatisfy({ $0 == 0 }) {
            collector.add("hsm-flow.zero-challenge", ["form": form, "field": field])
        }
        return value
    }

    /// `01`, `02` or `03`.
    func algorithm() -> CardAlgorithm {
        let value = take()
        let text = String(decoding: value, as: UTF8.self)
        guard value.count == 2, let number = UInt8(text, radix: 16), let algorithm = CardAlgorithm(rawValue: number),
            number <= 3
        else {
            note("algorithm", "01, 02, 03")
            return .tripleDES
        }
        return algorithm
    }

    /// Six digits.
    func area() -> String { digits("area", 6...6) }

    /// Where a key is.
    func keyAddress() -> HSMKeyAddress? {
        let value = take()
        let address = value.allSatisfy { $0 < 0x80 } ? HSMKeyAddress(String(decoding: value, as: UTF8.self)) : nil
        if address == nil { note("key address", "0094, 009412, RKMFEF0C_370000") }
        return address
    }

    /// A new PIN, which leaves no copy.
    func pin() -> PersonalIdentificationNumber? {
        let range = next < fields.count ? fields[next] : 0..<0
        skip()
        do throws(PersonalIdentificationNumber.Malformed) {
            return try PersonalIdentificationNumber(digits: bytes.span.extracting(range))
        } catch {
            note("new PIN", "4…12 digits")
            return nil
        }
    }

    /// Throws what was noted, if anything was.
    func check() throws(Faults) { try collector.check() }

    deinit { bytes.wipe() }
}

extension [String] {
    /// The fields as one string, each ended by `|`.
    var hsmText: String { map { $0 + "|" }.joined() }
}
