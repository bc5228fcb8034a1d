import ByteText
import CardCryptography
import Testing

/// How eight bytes fill the blocks of SM4, in each way that a profile may say.
///
/// Expected bytes by OpenSSL, where `K` is the key, `N` the newer challenge and `nN` its complement, `O` the older one and `nO` its
/// complement, and `Z` 00×8:
///
/// ```sh
/// e() { printf %s $2 | xxd -r -p | openssl enc -sm4-ecb -nopad -K $1 | xxd -p -u; }
/// c() { printf %s $2 | xxd -r -p | openssl enc -sm4-cbc -nopad -K $1 -iv $Z$Z | tail -c 16 | xxd -p -u; }
/// SKc=$(e $K $N$nN); SKz=$(e $K $N$Z)
/// ```
@Suite struct SM4BlocksTests {
    private static let key = "0123456789ABCDEFFEDCBA9876543210"
    private static let newer = "99AABBCCDDEEFF01"
    private static let older = "1122334455667788"

    /// The left 8 bytes of `e $SKc $O$Z`, `e $SKz $O$Z`, `e $SKc $O$nO`, `e $SKz $O$nO`.
    @Test(arguments: [
        (SM4Blocks.usual, "5F8C4130C14E2B73"),
        (SM4Blocks(sessionKey: .zeroFilled), "EF348DE84AAD242B"),
        (SM4Blocks(original: .complemented), "318245DA7FC7E9D0"),
        (SM4Blocks(sessionKey: .zeroFilled, original: .complemented), "74FCE88181DA74FB"),
    ])
    func `a session cryptogram`(blocks: SM4Blocks, expected: String) throws {
        let cryptogram = try CardCryptogram.sessionCryptogram(
            key: bytes(Self.key), cipher: .sm4, factor: bytes(Self.newer), original: bytes(Self.older),
            form: .init(blocks: blocks))
        #expect(cryptogram.hexadecimal == expected)
    }

    /// The left 8 bytes of `e $K $N$nN` and `e $K $N$Z`.
    @Test(arguments: [
        (SM4Blocks.usual, "086E7FDCC9E5A120"), (SM4Blocks(plainChallenge: .zeroFilled), "6EB8F44BC40D15CD"),
    ])
    func `a cryptogram without a session key`(blocks: SM4Blocks, expected: String) throws {
        let cryptogram = try CardCryptogram.plainCryptogram(
            key: bytes(Self.key), cipher: .sm4, challenge: bytes(Self.newer), blocks: blocks)
        #expect(cryptogram.hexadecimal == expected)
    }

    /// 04D69500 with 01…0F enciphered: `E=$(e $SKc 0F01…0F)` and the left 4 bytes of `c $SKc 04D6950014${E}80…`, the last block
    /// filled with zeros; the same under `SKz`.
    @Test(arguments: [
        (SM4Blocks.usual, "93D82F6AF924602FC53499A2EFAA32B8" + "F977328B"),
        (SM4Blocks(sessionKey: .zeroFilled), "4ED1FA6EBBB8CD434BE646A7A9C5C74B" + "AE08D52A"),
    ])
    func `a protected command under a session key`(blocks: SM4Blocks, expected: String) throws {
        let protection = LineProtection(
            .encipheredWithMAC, keyForm: .sessionKey(width: 8), sm4: SM4LineForm(blocks: blocks))
        let plain = (1...15).map { UInt8($0) }
        let (key, header, challenge) = (try bytes(Self.key), try bytes("04D69500"), try bytes(Self.newer))
        let field = try protection.protect(
            key.span, cipher: .sm4, header: header, plain: plain.span, isRead: false, challenge: challenge)
        #expect(field.hexadecimal == expected)
        let opened = try protection.unprotect(
            key: key, cipher: .sm4, header: header, field: field, isRead: false, challenge: challenge)
        #expect(opened == plain)
    }

    /// Blocks of 3DES have eight bytes, and challenges of 16 bytes fill those of SM4.
    @Test func `what has no room is filled with nothing`() throws {
        let other = SM4Blocks(sessionKey: .zeroFilled, original: .complemented, plainChallenge: .zeroFilled)
        func session(_ cipher: CardCipher, _ text: String, _ isFull: Bool, _ blocks: SM4Blocks) throws -> [UInt8] {
            try CardCryptogram.sessionCryptogram(
                key: bytes(Self.key), cipher: cipher, factor: bytes(text), original: bytes(text),
                form: .init(sessionKeyWidth: 16, fullSM4Block: isFull, blocks: blocks))
        }
        #expect(
            try session(.tripleDES, Self.newer, false, other) == session(.tripleDES, Self.newer, false, .usual))
        let long = Self.newer + Self.older
        #expect(try session(.sm4, long, true, other) == session(.sm4, long, true, .usual))
        #expect(
            try CardCryptogram.plainCryptogram(
                key: bytes(Self.key), cipher: .tripleDES, challenge: bytes(Self.newer), blocks: other)
                == CardCryptogram.plainCryptogram(
                    key: bytes(Self.key), cipher: .tripleDES, challenge: bytes(Self.newer)))
    }

    @Test func `what was written down is read again`() {
        for sessionKey in SM4Blocks.Filling.allCases {
            let blocks = SM4Blocks(sessionKey: sessionKey, original: .complemented, plainChallenge: .zeroFilled)
            #expect(SM4Blocks(blocks.description) == blocks)
        }
        #expect(SM4Blocks.usual.description == "complemented/zero-filled/complemented")
        for wrong in ["", "complemented/zero-filled", "complemented/zero-filled/other", "a/b/c/d"] {
            #expect(SM4Blocks(wrong) == nil)
        }
    }
}
