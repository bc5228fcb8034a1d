public import CardCryptography

/// One share of a secret in the form of SLIP-0039: 20 words for a secret of 16 bytes, 33 for one of 32.
///
/// It can be used and told to its keeper as words, and is neither printed nor copied by accident.
public final class SecretShare: Sendable {
    /// What all shares of one sharing have in common.
    struct Sharing: Hashable, Sendable {
        /// Drawn for each sharing, 15 bits.
        let identifier: UInt16
        /// Whether the identifier stays out of the encryption, so that a second sharing of one secret can be made.
        let isExtendable: Bool
        /// 10,000 · 2ᵉ rounds of PBKDF2.
        let iterationExponent: UInt8
        /// How many groups are needed; ours have one.
        let groupThreshold: Int
        /// How many groups there are.
        let groupCount: Int
    }

    let sharing: Sharing
    let groupIndex: Int
    let memberIndex: UInt8
    /// How many shares give the secret.
    public let threshold: Int
    let value: ShareValue

    private static let fieldWords = 4
    private static let smallestCount = 20

    init(_ sharing: Sharing, groupIndex: Int, threshold: Int, _ point: SharePolynomial.Point) {
        self.sharing = sharing
        self.groupIndex = groupIndex
        self.threshold = threshold
        memberIndex = point.x
        value = point.value
    }

    /// Its number among the shares, from 1.
    public var number: Int { Int(memberIndex) + 1 }
    /// The number of its sharing, which all shares of it have: 0…32767.
    public var identifier: UInt16 { sharing.identifier }

    /// Reads the words of a share.
    public init(words text: Span<UInt8>) throws(SecretSharingError) {
        let words = try ShareWords.read(text)
        let valueBits = 10 * (words.count - Self.fieldWords - ShareChecksum.count)
        // the value has an even number of bytes and stands at the end of its words, with at most 8 zero bits before it
        guard words.count >= Self.smallestCount, valueBits % 16 <= 8 else { throw .wrongNumberOfWords(words.count) }
        let isExtendable = words.bits(15, 1) == 1
        guard ShareChecksum.check(isExtendable: isExtendable, count: words.count, { words[$0] }) == 1 else {
            throw .checksum
        }
        sharing = Sharing(
            identifier: UInt16(words.bits(0, 15)), isExtendable: isExtendable,
            iterationExponent: UInt8(words.bits(16, 4)), groupThreshold: Int(words.bits(24, 4)) + 1,
            groupCount: Int(words.bits(28, 4)) + 1)
        groupIndex = Int(words.bits(20, 4))
        memberIndex = UInt8(words.bits(32, 4))
        threshold = Int(words.bits(36, 4)) + 1
        let (first, padding) = (10 * Self.fieldWords, valueBits % 16)
        value = ShareValue(
            SecretBytes.filling(count: valueBits / 16 * 2) { span in
                for index in span.indices { span[index] = UInt8(words.bits(first + padding + 8 * index, 8)) }
            })
        guard words.bits(first, padding) == 0, sharing.groupThreshold <= sharing.groupCount else { throw .malformed }
    }

    /// The words of the share, ASCII with blanks between them; a secret.
    public func words() throws(SecretSharingError) -> SecretBytes {
        guard !ShareWordList.words.isEmpty else { throw .noWordList }
        let fields =
            UInt64(sharing.identifier) << 25 | (sharing.isExtendable ? 1 : 0) << 24
            | UInt64(sharing.iterationExponent) << 20 | UInt64(groupIndex) << 16
            | UInt64(sharing.groupThreshold - 1) << 12 | UInt64(sharing.groupCount - 1) << 8
            | UInt64(memberIndex) << 4 | UInt64(threshold - 1)
        let valueWords = (value.bytes.count * 8 + 9) / 10
        let padding = valueWords * 10 - value.bytes.count * 8
        let body = ShareWords(count: Self.fieldWords + valueWords) { place in
            guard place >= Self.fieldWords else { return UInt16(fields >> UInt64(30 - 10 * place) & 0x3FF) }
            return (0..<10).reduce(0) { word, bit in
                let position = (place - Self.fieldWords) * 10 + bit - padding
                guard position >= 0 else { return word << 1 }
                let byte = value.bytes.withSpan { $0[position / 8] }
                return word << 1 | UInt16(byte >> UInt8(7 - position % 8)) & 1
            }
        }
        let count = body.count + ShareChecksum.count
        let check =
            ShareChecksum.check(isExtendable: sharing.isExtendable, count: count) { $0 < body.count ? body[$0] : 0 } ^ 1
        return ShareWords(count: count) { place in
            place < body.count ? body[place] : UInt16(check >> UInt32(10 * (count - 1 - place)) & 0x3FF)
        }.text()
    }
}

extension SecretShare: CustomStringConvertible, CustomReflectable {
    /// Number and sharing, nothing of the value.
    public var description: String { "share \(number) of \(identifier)" }
    /// Nothing to see for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: ["number": number]) }
}
