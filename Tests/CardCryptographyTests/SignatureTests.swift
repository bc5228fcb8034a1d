import CardCryptography
import Testing

@Suite struct SignatureTests {
    private let message = Array("sample".utf8)

    @Test func `a published P-256 signature is accepted, and not for another message`() throws {
        // RFC 6979 A.2.5, P-256 with SHA-256, message "sample"
        let key = try VerificationKey(
            point: bytes(
                """
                0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6\
                7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299
                """))
        let signature = try bytes(
            """
            EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
            F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
            """)
        #expect(try key.verify(signature, of: message))
        #expect(try !key.verify(signature, of: Array("sampel".utf8)))
        var altered = signature
        altered[40] ^= 1
        #expect(try !key.verify(altered, of: message))
    }

    @Test func `signatures have 64 bytes whatever their numbers are`() throws {
        // one signature in 128 has a number that starts with a zero byte
        let key = try SigningKey.generate()
        for _ in 0..<400 {
            let signature = try key.sign(message)
            #expect(signature.count == 64)
            #expect(try key.verificationKey.verify(signature, of: message))
        }
    }

    /// No number is used for two signatures: two of one r would give the key away.
    @Test func `a key made ready once signs one message after the other, and no two with one number`() throws {
        let key = try SigningKey.generate()
        let signer = try key.signer()
        var numbers: Set<[UInt8]> = []
        for turn in 0..<200 {
            let message = [UInt8](repeating: UInt8(turn % 3), count: turn)
            let signature = try signer.sign(message)
            #expect(try key.verificationKey.verify(signature, of: message))
            #expect(try !key.verificationKey.verify(signature, of: message + [0]))
            numbers.insert(Array(signature.prefix(32)))
        }
        #expect(numbers.count == 200)
    }

    @Test func `a key pair survives being written and read`() throws {
        let key = try SigningKey.generate()
        let signature = try key.sign(message)
        let der = try key.der()
        let pem = try key.pem()
        let fromDER = try der.withSpan { span throws(CryptographyError) in try SigningKey(der: span) }
        let fromPEM = try pem.withSpan { span throws(CryptographyError) in try SigningKey(pem: span) }
        #expect(String(decoding: pem.unprotectedCopy(), as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----"))
        for copy in [fromDER, fromPEM] {
            #expect(copy.verificationKey == key.verificationKey)
            #expect(try copy.verificationKey.verify(signature, of: message))
        }
        let publicPoint = try VerificationKey(point: key.verificationKey.point)
        let publicDER = try VerificationKey(der: key.verificationKey.der())
        let publicPEM = try VerificationKey(pem: key.verificationKey.pem())
        #expect(publicPoint == publicDER)
        #expect(publicDER == publicPEM)
        #expect(try publicPoint.verify(signature, of: message))
    }

    @Test func `bytes that are no key, and keys of the other curve, are refused`() throws {
        let sm2 = try SM2.SigningKey.generate()
        let der = try sm2.der().unprotectedCopy()
        #expect(throws: CryptographyError.malformedKey) { try SigningKey(der: der.span) }
        #expect(throws: CryptographyError.malformedKey) { try VerificationKey(der: sm2.verificationKey.der()) }
        #expect(throws: CryptographyError.malformedKey) { try VerificationKey(point: sm2.verificationKey.point) }
        #expect(throws: CryptographyError.malformedKey) { try SigningKey(pem: Array("no key".utf8).span) }
        #expect(throws: CryptographyError.malformedKey) {
            try VerificationKey(point: [4] + [UInt8](repeating: 1, count: 64))
        }
    }

    @Test func `a signature that is too short is no signature`() throws {
        let key = try SigningKey.generate().verificationKey
        #expect(throws: CryptographyError.malformedSignature) { try key.verify([1, 2, 3], of: message) }
        #expect(try !key.verify([UInt8](repeating: 0, count: 64), of: message))
    }

    @Test func `an SM2 key pair survives being written, and its scalar must belong to its point`() throws {
        let key = try SM2.SigningKey.generate()
        let copy = try key.der().withSpan { span throws(CryptographyError) in try SM2.SigningKey(der: span) }
        let signature = try copy.sign(message, identifier: SM2.defaultIdentifier)
        #expect(try key.verificationKey.verify(signature, of: message, identifier: SM2.defaultIdentifier))
        #expect(throws: CryptographyError.malformedKey) {
            _ = try SM2.SigningKey(
                scalar: SecretBytes(copying: [UInt8](repeating: 7, count: 32)), point: key.verificationKey.point)
        }
    }

    @Test func `a key pair shows nothing of itself`() throws {
        let key = try SigningKey.generate()
        var shown = "\(key)"
        dump(key, to: &shown)
        #expect(!shown.contains("point") && !shown.contains("EllipticKey"))
    }
}
