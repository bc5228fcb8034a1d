import CardCryptography

/// The words of one share as numbers of ten bits, kept as secret as the share: two bytes each, most significant first.
struct ShareWords: ~Copyable {
    private let bytes: SecretBytes

    /// How many words there are.
    var count: Int { bytes.count / 2 }

    /// A share's words, each made by `body` from its place.
    init(count: Int, _ body: (Int) -> UInt16) {
        bytes = SecretBytes.filling(count: 2 * count) { span in
            for index in 0..<count {
                let word = body(index)
                span[2 * index] = UInt8(truncatingIfNeeded: word >> 8)
                span[2 * index + 1] = UInt8(truncatingIfNeeded: word)
            }
        }
    }

    /// Reads words out of ASCII text; capital letters are read as small ones, blanks and line ends part the words.
    static func read(_ text: Span<UInt8>) throws(SecretSharingError) -> ShareWords {
        guard !ShareWordList.words.isEmpty else { throw .noWordList }
        var bounds: [Range<Int>] = []
        var start: Int?
        for index in 0...text.count {
            let isBlank = index == text.count || [0x20, 0x09, 0x0A, 0x0D].contains(text[index])
            if isBlank, let first = start {
                bounds.append(first..<index)
                start = nil
            } else if !isBlank, start == nil {
                start = index
            }
        }
        guard bounds.count <= 512 else { throw .wrongNumberOfWords(bounds.count) }
        var unknown: Int?
        let small = SecretBytes.filling(count: text.count) { span in
            for index in text.indices {
                span[index] = (0x41...0x5A).contains(text[index]) ? text[index] | 0x20 : text[index]
            }
        }
        let words = ShareWords(count: bounds.count) { index in
            let number = small.withSpan { ShareWordList.number(of: $0.extracting(bounds[index])) }
            if number == nil, unknown == nil { unknown = index + 1 }
            return number ?? 0
        }
        if let unknown { throw .unknownWord(unknown) }
        return words
    }

    /// The number of a word.
    subscript(index: Int) -> UInt16 {
        bytes.withSpan { UInt16($0[2 * index]) << 8 | UInt16($0[2 * index + 1]) }
    }

    /// The number that lies in the bits from `start` on.
    func bits(_ start: Int, _ count: Int) -> UInt32 {
        (start..<start + count).reduce(0) { number, place in
            number << 1 | UInt32(self[place / 10] >> (9 - place % 10)) & 1
        }
    }

    /// The words as ASCII text with blanks between them.
    func text() -> SecretBytes {
        let length = (0..<count).reduce(count - 1) { $0 + ShareWordList.words[Int(self[$1])].count }
        return SecretBytes.filling(count: length) { span in
            var at = 0
            for index in 0..<count {
                if index > 0 {
                    span[at] = 0x20
                    at += 1
                }
                for letter in ShareWordList.words[Int(self[index])] {
                    span[at] = letter
                    at += 1
                }
            }
        }
    }
}

/// The three check words of a share (RS1024, a Reed–Solomon code over the words): up to three wrong words are noticed for
/// certain.
enum ShareChecksum {
    static let count = 3
    private static let generator: [UInt32] = [
        0x00E0_E040, 0x01C1_C080, 0x0383_8100, 0x0707_0200, 0x0E0E_0009, 0x1C0C_2412, 0x3808_6C24, 0x3090_FC48,
        0x21B1_F890, 0x03F3_F120,
    ]

    /// The text that goes before the words; shares that can be extended have another.
    private static func customization(isExtendable: Bool) -> [UInt8] {
        Array((isExtendable ? "shamir_extendable" : "shamir").utf8)
    }

    /// The check of so many words, each given by its place: 1 when the last three are their check words.
    static func check(isExtendable: Bool, count: Int, _ word: (Int) -> UInt16) -> UInt32 {
        var check: UInt32 = 1
        func take(_ value: UInt32) {
            let top = check >> 20
            check = (check & 0xFFFFF) << 10 ^ value
            for bit in 0..<10 where top >> UInt32(bit) & 1 == 1 { check ^= generator[bit] }
        }
        for byte in customization(isExtendable: isExtendable) { take(UInt32(byte)) }
        for index in 0..<count { take(UInt32(word(index))) }
        return check
    }
}
