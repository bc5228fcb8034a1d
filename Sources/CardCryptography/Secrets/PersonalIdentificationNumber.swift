/// The holder's PIN (个人密码): 4 to 12 decimal digits, which can be used and compared but neither printed nor copied by accident.
public final class PersonalIdentificationNumber: Sendable {
    /// Why text is no PIN; never says the text.
    public enum Malformed: Error, Hashable, Sendable {
        /// Fewer than 4 or more than 12 characters.
        case wrongLength(Int)
        /// A character that is no decimal digit.
        case notADigit
    }

    /// ASCII digits.
    private let digits: SecretBytes

    /// Reads ASCII digits out of memory that the caller wipes.
    ///
    /// - Throws: ``Malformed`` when they are no PIN.
    public init(digits: Span<UInt8>) throws(Malformed) {
        guard (4...12).contains(digits.count) else { throw .wrongLength(digits.count) }
        for index in digits.indices {
            guard (0x30...0x39).contains(digits[index]) else { throw .notADigit }
        }
        self.digits = SecretBytes(copying: digits)
    }

    /// Reads digits out of text.
    ///
    /// The text itself stays in memory until that is reused: where the PIN is a holder's own, read it into ``SecretBytes`` and
    /// use the other initialiser.
    ///
    /// - Throws: ``Malformed`` when they are no PIN.
    public convenience init(digits text: String) throws(Malformed) {
        let bytes = SecretBytes(copying: Array(text.utf8))
        let number = try bytes.withSpan { span throws(Malformed) in try PersonalIdentificationNumber(digits: span) }
        self.init(copying: number)
    }

    private init(copying other: PersonalIdentificationNumber) {
        digits = other.digits.withSpan { SecretBytes(copying: $0) }
    }

    /// A PIN drawn at random, never a trivial one.
    ///
    /// - Parameter count: How many digits, brought into 4…12.
    public static func random(digits count: Int = 6) throws(CryptographyError) -> PersonalIdentificationNumber {
        let wanted = min(max(count, 4), 12)
        while true {
            let drawn = try SecretBytes.filling(count: wanted) {
                (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
                for index in span.indices { span[index] = try randomDigit() }
            }
            let number = try? drawn.withSpan { span throws(Malformed) in try PersonalIdentificationNumber(digits: span)
            }
            if let number, !number.isTrivial { return number }
        }
    }

    private static func randomDigit() throws(CryptographyError) -> UInt8 {
        while true {
            // 250…255 are drawn again, so that every digit is equally likely
            let byte = try SecureRandom.secret(1).withSpan { $0[0] }
            if byte < 250 { return 0x30 + byte % 10 }
        }
    }

    /// How many digits the PIN has: 4…12.
    public var count: Int { digits.count }

    /// True when all digits are equal, or each is one more, or each one less, than the digit before (123456, 654321).
    public var isTrivial: Bool {
        digits.withSpan { span in
            let steps = (1..<span.count).map { Int(span[$0]) - Int(span[$0 - 1]) }
            return [0, 1, -1].contains { step in steps.allSatisfy { $0 == step } }
        }
    }

    /// True when its first two or three digits come again until its end, at least once as a whole (1212, 121212, 123123).
    public var isRepetition: Bool {
        digits.withSpan { span in
            [2, 3].contains { period in
                span.count >= 2 * period && (period..<span.count).allSatisfy { span[$0] == span[$0 - period] }
            }
        }
    }

    /// Whether so many of its digits in a row, or all of a shorter PIN, stand in a text.
    public func shares(_ length: Int, inARowWith text: String) -> Bool {
        let (wanted, other) = (min(length, count), Array(text.utf8))
        guard other.count >= wanted else { return false }
        return digits.withSpan { span in
            (0...(span.count - wanted)).contains { start in
                (0...(other.count - wanted)).contains { place in
                    (0..<wanted).allSatisfy { span[start + $0] == other[place + $0] }
                }
            }
        }
    }

    /// Lends the PIN as the card takes it: 2 to 6 bytes of packed decimal digits, an odd last digit followed by F.
    public func withPackedDigits<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let packed = digits.withSpan { span in
            SecretBytes.filling(count: (span.count + 1) / 2) { packed in
                for index in packed.indices {
                    let low = 2 * index + 1 < span.count ? span[2 * index + 1] & 0x0F : 0x0F
                    packed[index] = span[2 * index] << 4 | low
                }
            }
        }
        return try packed.withUnsafeBytes(body)
    }

    /// Lends the PIN as ASCII digits, for the one place that tells a generated PIN to its holder.
    public func withDigits<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try digits.withUnsafeBytes(body)
    }
}

extension PersonalIdentificationNumber: Equatable {
    /// Whether both are the same PIN; takes the same time wherever they differ.
    public static func == (left: PersonalIdentificationNumber, right: PersonalIdentificationNumber) -> Bool {
        left.digits.isEqual(to: right.digits)
    }
}

extension PersonalIdentificationNumber: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `PIN`, whatever the digits are.
    public var description: String { "PIN" }
    /// `PIN`, whatever the digits are.
    public var debugDescription: String { "PIN" }
    /// Nothing to see for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
