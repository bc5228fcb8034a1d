import ByteText
import CardCryptography
import Testing

/// Commands and answers under line protection; the published commands are in `Fixtures/vectors/cos_dialects.json`.
@Suite struct LineProtectionTests {
    struct Sample: Sendable {
        let form: LineProtection
        let cipher: CardCipher

        static let all: [Sample] =
            CardCipher.allCases.flatMap { cipher in
                LineProtection.Mode.allCases.flatMap { mode in
                    [LineProtection.ReadForm.bare, .counted].flatMap { read in
                        [LineProtection.KeyForm.cardKey, .sessionKey(width: 8), .sessionKey(width: 16)].map {
                            Sample(form: LineProtection(mode, keyForm: $0, readForm: read), cipher: cipher)
                        }
                    }
                }
            }
            + LineProtection.Mode.allCases.flatMap { mode in
                [LineProtection.ReadForm.bare, .counted].flatMap { read in
                    forms.map { Sample(form: LineProtection(mode, readForm: read, sm4: $0), cipher: .sm4) }
                }
            }

        /// What a profile may say of SM4, each alone and all at once.
        static let forms = [
            SM4LineForm(macLength: 8), SM4LineForm(initialValue: .complemented), SM4LineForm(macPadding: .whenNeeded),
            SM4LineForm(dataPadding: .always),
            SM4LineForm(macLength: 8, initialValue: .complemented, macPadding: .whenNeeded, dataPadding: .always),
        ]
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

    /// Each form that a profile may have; computed with `openssl enc -sm4-ecb` and `-sm4-cbc -nopad`, lengths and padding put
    /// together by hand: 04D69500 with 01…0B in plain or 01…0F enciphered, then an answer of 20…2F.
    @Test(
        arguments: [
            (
                SM4LineForm.published, "A3BBCFC8", "AAEEFE97", "2DFB2F40782F758B8F2ECA3836585E8600F2309C", "017E15B0",
                "F42952CF94AC83688437C9B671D6C7FAE876BE33"
            ),
            (
                SM4LineForm(macLength: 8), "A3BBCFC8", "B3FAD7AC40ABF894",
                "2DFB2F40782F758B8F2ECA3836585E868406DFD580213870", "017E15B0E23915C4",
                "F42952CF94AC83688437C9B671D6C7FAE876BE334C45CD65"
            ),
            (
                SM4LineForm(initialValue: .complemented), "A3BBCFC8", "9957DC7B",
                "2DFB2F40782F758B8F2ECA3836585E86BAA7DA8E", "2FB9B2F4", "F42952CF94AC83688437C9B671D6C7FA2C281626"
            ),
            (
                SM4LineForm(initialValue: .complemented), "1122334455667788", "3AF67CB6",
                "2DFB2F40782F758B8F2ECA3836585E860C360110", nil, nil
            ),
            (
                SM4LineForm(macPadding: .whenNeeded), "A3BBCFC8", "731C0A0E",
                "2DFB2F40782F758B8F2ECA3836585E8600F2309C",
                "DD26F4D0", "F42952CF94AC83688437C9B671D6C7FA3358A8E3"
            ),
            (
                SM4LineForm(dataPadding: .always), "A3BBCFC8", "AAEEFE97",
                "2DFB2F40782F758B8F2ECA3836585E868C338E5A27E349BEAE39214FEDA970999DE0D037", "017E15B0",
                "F42952CF94AC83688437C9B671D6C7FA8C338E5A27E349BEAE39214FEDA9709937A433C7"
            ),
            (
                Sample.forms[4], "A3BBCFC8", "33C52866BF73A00C",
                "2DFB2F40782F758B8F2ECA3836585E868C338E5A27E349BEAE39214FEDA97099C481309A5E5B0AB8", "F171F0C79459425D",
                "F42952CF94AC83688437C9B671D6C7FA8C338E5A27E349BEAE39214FEDA97099EB6864A8D1E085B4"
            ),
        ] as [(SM4LineForm, String, String, String, String?, String?)])
    func `SM4 in each form that a profile may have`(
        form: SM4LineForm, challenge: String, mac: String, enciphered: String, answerMAC: String?, answer: String?
    ) throws {
        let key = try bytes("0123456789ABCDEFFEDCBA9876543210")
        let challenge = try bytes(challenge)
        let answered = Array(UInt8(0x20)...0x2F)
        for (mode, count, expected, back) in [
            (LineProtection.Mode.mac, 11, "0102030405060708090A0B" + mac, answerMAC.map { answered.hexadecimal + $0 }),
            (.encipheredWithMAC, 15, enciphered, answer),
        ] {
            let protection = LineProtection(mode, sm4: form)
            let plain = (1...count).map { UInt8($0) }
            let field = try protection.protect(
                key.span, cipher: .sm4, header: header, plain: plain.span, isRead: false, challenge: challenge)
            #expect(field.hexadecimal == expected)
            #expect(field.count == protection.fieldLength(plain: count, cipher: .sm4))
            guard let back else { continue }
            let sent = try protection.protectAnswer(
                key: key, cipher: .sm4, plain: answered, challenge: challenge)
            #expect(sent.hexadecimal == back)
            #expect(sent.count == protection.answerLength(plain: 16, cipher: .sm4))
        }
        // of DES all is published
        let block: [UInt8] = [1, 2, 3, 4, 5, 6, 7]
        let des = try LineProtection(.encipheredWithMAC, sm4: form).protect(
            key.span, cipher: .tripleDES, header: header, plain: block.span, isRead: false, challenge: challenge)
        let published = try LineProtection(.encipheredWithMAC).protect(
            key.span, cipher: .tripleDES, header: header, plain: block.span, isRead: false, challenge: challenge)
        #expect(des == published)
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
