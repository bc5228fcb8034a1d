import ByteText
import CardCryptography
import Testing

/// Commands and answers under line protection; the published commands are in `Fixtures/vectors/cos_dialects.json`.
@Suite struct LineProtectionTests {
    struct Sample: Sendable {
        let form: LineProtection
        let cipher: CardCipher

        static let all: [Sample] = CardCipher.allCases.flatMap { cipher in
            LineProtection.Mode.allCases.flatMap { mode in
                [LineProtection.ReadForm.bare, .counted].flatMap { read in
                    [LineProtection.KeyForm.cardKey, .sessionKey(width: 8), .sessionKey(width: 16)].map {
                        Sample(form: LineProtection(mode, keyForm: $0, readForm: read), cipher: cipher)
                    }
                }
            }
        }
    }

    private let key = Array(UInt8(0x10)...0x1F)
    private let challenge: [UInt8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]
    private let header: [UInt8] = [0x04, 0xD6, 0x95, 0x00]

    private func field(_ sample: Sample, _ plain: [UInt8], isRead: Bool = false) throws -> [UInt8] {
        try sample.form.protect(
            key.span, cipher: sample.cipher, header: header, plain: plain.span, isRead: isRead, challenge: challenge)
    }

    private func opened(_ sample: Sample, _ header: [UInt8], _ field: [UInt8], isRead: Bool = false) throws -> [UInt8] {
        try sample.form.unprotect(
            key: key, cipher: sample.cipher, header: header, field: field, isRead: isRead, challenge: challenge)
    }

    private func plain(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) } }

    // MARK: - Samples

    /// PIN reset under a session key (card.md §2.4: block 0312345680000000, message 842400010C ‖ cipher, initial value zero);
    /// computed with Python's cryptography, which gives the published commands too.
    @Test(arguments: [
        (CardCipher.tripleDES, 8, "842400010CC9520A418CE75537FB9A1026"),
        (CardCipher.tripleDES, 16, "842400010CEDD41FBEAA76C4E52D3B1936"),
        (CardCipher.sm4, 8, "8424000114BDE15E05F4AA3A43E874E430C81F4662B3CEF452"),
    ])
    func `a PIN command under a session key`(cipher: CardCipher, width: Int, command: String) throws {
        let key = try bytes("0123456789ABCDEFFEDCBA9876543210")
        let form = LineProtection(.encipheredWithMAC, keyForm: .sessionKey(width: width))
        let pin: [UInt8] = [0x12, 0x34, 0x56]
        let field = try form.protect(
            key.span, cipher: cipher, header: bytes("84240001"), plain: pin.span, isRead: false, challenge: challenge)
        #expect(field.hexadecimal == String(command.dropFirst(10)))
        if cipher == .tripleDES, width == 8 {
            let session = try BlockCipherKey(.singleDES, BlockCipherKey(.tripleDES, key).encrypt(challenge))
            #expect(try session.decrypt(Array(field.prefix(8))).hexadecimal == "0312345680000000")
        }
    }

    /// Enciphered reading as the one printed sample has it: Le ‖ 80 00… without a length in front (cos-dialects §6.2).
    @Test func `enciphered reading asks with a bare length`() throws {
        let key = try bytes("0123456789ABCDEFFEDCBA9876543210")
        let bare = LineProtection(.encipheredWithMAC)
        let length: [UInt8] = [0x10]
        let field = try bare.protect(
            key.span, cipher: .tripleDES, header: bytes("04B08502"), plain: length.span, isRead: true,
            challenge: challenge)
        let block = try BlockCipherKey(.tripleDES, key).decrypt(Array(field.prefix(8)))
        #expect(block.hexadecimal == "1080000000000000")
        #expect(field.count == 0x0C)
        let counted = LineProtection(.encipheredWithMAC, readForm: .counted)
        let other = try counted.protect(
            key.span, cipher: .tripleDES, header: bytes("04B08502"), plain: length.span, isRead: true,
            challenge: challenge)
        #expect(
            try BlockCipherKey(.tripleDES, key).decrypt(Array(other.prefix(8))).hexadecimal == "0110800000000000")
    }

    // MARK: - Properties

    @Test(arguments: Sample.all) func `the largest plain block fits and one byte more does not`(sample: Sample) throws {
        for limit in 24...255 {
            let most = sample.form.largestPlain(within: limit, cipher: sample.cipher)
            #expect(most > 0)
            #expect(try field(sample, plain(most)).count <= limit)
            let next = try? field(sample, plain(most + 1)).count
            #expect(next == nil || next ?? 0 > limit, "limit \(limit)")
        }
    }

    @Test(arguments: Sample.all) func `the largest answer fits and one byte more does not`(sample: Sample) throws {
        let most = sample.form.largestAnswer(cipher: sample.cipher)
        for count in [1, 7, 8, 15, 16, most, most + 1] {
            let answer = try sample.form.protectAnswer(
                key: key, cipher: sample.cipher, plain: plain(count), challenge: challenge)
            #expect(answer.count == sample.form.answerLength(plain: count, cipher: sample.cipher))
            #expect((answer.count <= 256) == (count <= most))
        }
    }

    @Test(arguments: Sample.all) func `both ends agree whatever the length`(sample: Sample) throws {
        for count in 1...48 {
            #expect(try opened(sample, header, field(sample, plain(count))) == plain(count))
            let answer = try sample.form.protectAnswer(
                key: key, cipher: sample.cipher, plain: plain(count), challenge: challenge)
            let back = try sample.form.unprotectAnswer(
                key.span, cipher: sample.cipher, answer: answer, length: count, challenge: challenge)
            #expect(back == plain(count))
        }
        #expect(try opened(sample, header, field(sample, [0x20], isRead: true), isRead: true) == [0x20])
    }

    @Test(arguments: Sample.all) func `every flipped bit of a command is noticed`(sample: Sample) throws {
        let field = try field(sample, plain(21))
        for bit in 0..<(header.count + field.count) * 8 {
            var message = header + field
            message[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptographyError.notAuthentic) {
                try opened(sample, Array(message.prefix(4)), Array(message.dropFirst(4)))
            }
        }
        for count in 0..<field.count {
            #expect(throws: CryptographyError.self) { try opened(sample, header, Array(field.prefix(count))) }
        }
    }

    @Test(arguments: Sample.all) func `every flipped bit of an answer is noticed`(sample: Sample) throws {
        let answer = try sample.form.protectAnswer(
            key: key, cipher: sample.cipher, plain: plain(21), challenge: challenge)
        func opened(_ answer: [UInt8], _ challenge: [UInt8]) throws -> [UInt8] {
            try sample.form.unprotectAnswer(
                key.span, cipher: sample.cipher, answer: answer, length: 21, challenge: challenge)
        }
        for bit in 0..<answer.count * 8 {
            var changed = answer
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptographyError.notAuthentic) { try opened(changed, challenge) }
        }
        for count in 0..<answer.count {
            #expect(throws: CryptographyError.notAuthentic) { try opened(Array(answer.prefix(count)), challenge) }
        }
        for bit in 0..<challenge.count * 8 {
            var other = challenge
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptographyError.notAuthentic) { try opened(answer, other) }
        }
    }

    @Test func `without a challenge nothing is protected`() {
        for sample in Sample.all {
            #expect(throws: CryptographyError.self) {
                try sample.form.protectAnswer(key: key, cipher: sample.cipher, plain: [1], challenge: [])
            }
        }
    }
}
