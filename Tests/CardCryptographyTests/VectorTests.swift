import ByteText
import CardCryptography
import Testing

/// Every vector of `Fixtures/vectors`; each file names its source.
@Suite struct VectorTests {
    /// Checked in the room of issuer keys, which runs every file through the reader of `sscard keys vectors`: diversification, check
    /// values, shares, and what was added for files from elsewhere, by operation and, where it is a part, by algorithm or mode.
    static let elsewhere: Set<String> = [
        "diversify", "kcv", "slip39", "keywrap AES-KW", "keywrap AES-KWP", "sm2kex", "sm2enc", "block CTR", "block OFB",
        "block CFB", "mac emac", "mac mac-des", "mac lmac", "mac trcbc", "mac cbcr",
    ]

    @Test func `every vector is right, or named as checked elsewhere`() throws {
        var checked: [String: Int] = [:]
        var left: Set<String> = []
        for (file, vectors) in try VectorFile.all() {
            for vector in vectors.cases {
                let kind = [vector.op, vector.mode ?? vector.alg].compactMap(\.self).joined(separator: " ")
                guard !Self.elsewhere.contains(vector.op), !Self.elsewhere.contains(kind) else {
                    left.insert(Self.elsewhere.contains(kind) ? kind : vector.op)
                    continue
                }
                try #require(try check(vector), "\(file): \(vector.name) is of an unknown kind: \(kind)")
                checked[vector.op, default: 0] += 1
            }
        }
        // what is named as checked elsewhere is there, and nothing has gone missing from the folder
        #expect(left == Self.elsewhere)
        #expect(
            checked == [
                "block": 74, "cos-command": 5, "cos-cryptogram": 7, "cos-mac": 8, "mac": 49, "hash": 8, "hmac": 24,
                "kdf": 15, "pboc": 3, "pbocscript": 1, "tac": 1, "sm2sign": 1,
                "sm2verify": 4, "xor": 1,
            ])
    }

    /// Checks one vector; false when its kind is unknown.
    private func check(_ vector: Vector) throws -> Bool {
        switch vector.op {
        case "block": try checkBlock(vector)
        case "mac": try checkMAC(vector)
        case "hash": try checkHash(vector)
        case "hmac": try checkHMAC(vector)
        case "kdf": try checkKeyDerivation(vector)
        case "pboc": try checkPurse(vector)
        case "tac": try checkTransactionCode(vector)
        case "pbocscript": try checkScript(vector)
        case "sm2sign", "sm2verify": try checkSM2(vector)
        case "xor": try checkComponents(vector)
        case "cos-cryptogram", "cos-mac", "cos-command": try checkCard(vector)
        default: return false
        }
        return true
    }

    private func cipher(_ vector: Vector, keyLength: Int) throws -> BlockCipher {
        switch (vector.cipher, keyLength) {
        case ("DES", 8): .singleDES
        case ("3DES", 16): .tripleDES
        case ("3DES", 24): .threeKeyTripleDES
        case ("SM4", 16): .sm4
        case ("AES", 16): .aes128
        case ("AES", 24): .aes192
        case ("AES", 32): .aes256
        default: throw UnknownKind()
        }
    }

    private struct UnknownKind: Error {}

    private func checkBlock(_ vector: Vector) throws {
        let keyBytes = try bytes(#require(vector.key))
        let key = try BlockCipherKey(cipher(vector, keyLength: keyBytes.count), keyBytes)
        let plain = try bytes(#require(vector.plaintext))
        let expected = try bytes(#require(vector.ciphertext))
        if vector.mode == "CBC" {
            let iv = try bytes(#require(vector.iv))
            #expect(try key.encryptChained(plain, initialValue: iv) == expected, "\(vector.name)")
            #expect(try key.decryptChained(expected, initialValue: iv) == plain, "\(vector.name)")
            return
        }
        guard let iterations = vector.iterations else {
            #expect(try key.encrypt(plain) == expected, "\(vector.name)")
            #expect(try key.decrypt(expected) == plain, "\(vector.name)")
            return
        }
        var block = [16 of UInt8](repeating: 0)
        for index in block.indices { block[index] = plain[index] }
        for _ in 0..<iterations { block = try key.encrypt(block) }
        #expect(block.indices.map { block[$0] } == expected, "\(vector.name)")
    }

    private func checkMAC(_ vector: Vector) throws {
        let key = try bytes(#require(vector.key))
        let message = try bytes(#require(vector.msg))
        let expected = try bytes(#require(vector.mac))
        let padding = vector.padding.flatMap(MACPadding.init)
        let iv = try vector.iv.map(bytes)
        var computed: [UInt8]
        switch vector.alg {
        case "cbc-mac":
            computed = try BlockCipherMAC.cbcMAC(
                BlockCipherKey(cipher(vector, keyLength: key.count), key), message, padding: #require(padding),
                initialValue: iv)
        case "retail" where vector.cipher == "3DES":
            // two-key triple DES all along the chain, and the second key between (as the source's library has it)
            computed = try BlockCipherMAC.retailMAC(
                BlockCipherKey(.tripleDES, key), BlockCipherKey(.tripleDES, bytes(#require(vector.key2))), message,
                padding: #require(padding), initialValue: iv)
        case "retail":
            let cipher = try cipher(vector, keyLength: key.count)
            computed = try BlockCipherMAC.retailMAC(
                BlockCipherKey(cipher, key), BlockCipherKey(cipher, bytes(#require(vector.key2))), message,
                padding: #require(padding), initialValue: iv)
        case "cmac":
            computed = try BlockCipherMAC.cmac(cipher(vector, keyLength: key.count), key: key.span, message)
        default: throw UnknownKind()
        }
        computed = Array(computed.prefix(expected.count))
        #expect((computed == expected) == (vector.result != "invalid"), "\(vector.name)")
    }

    /// What cards and their manuals have shown (cos-dialects §5).
    private func checkCard(_ vector: Vector) throws {
        let key = try bytes(#require(vector.key))
        let challenge = try bytes(#require(vector.challenge))
        switch vector.op {
        case "cos-cryptogram":
            let cryptogram = try CardCryptogram.plainCryptogram(key: key, cipher: .tripleDES, challenge: challenge)
            #expect(try cryptogram == bytes(#require(vector.output)), "\(vector.name)")
        case "cos-mac":
            let mac = try CardCryptogram.commandMAC(
                key: key, cipher: .tripleDES,
                initialValue: CardCryptogram.initialValue(challenge: challenge, cipher: .tripleDES),
                message: bytes(#require(vector.msg)))
            #expect(try mac == bytes(#require(vector.mac)), "\(vector.name)")
        default:
            let form = LineProtection(.encipheredWithMAC)
            let header = try bytes(#require(vector.header))
            let plain = try bytes(#require(vector.plaintext))
            let field = try form.protect(
                key.span, cipher: .tripleDES, header: header, plain: plain.span, isRead: false, challenge: challenge)
            let expected = try bytes(#require(vector.ciphertext)) + bytes(#require(vector.mac))
            #expect(field == expected, "\(vector.name)")
            let opened = try form.unprotect(
                key: key, cipher: .tripleDES, header: header, field: expected, isRead: false, challenge: challenge)
            #expect(opened == plain, "\(vector.name)")
        }
    }

    private func checkHash(_ vector: Vector) throws {
        let message = try bytes(#require(vector.msg))
        #expect(vector.alg == "SM3")
        #expect(try HashFunction.sm3.hash(message) == bytes(#require(vector.digest)), "\(vector.name)")
        var pieces = try IncrementalHash(.sm3)
        for _ in 0..<2 {  // a finished hash is ready for the next message
            for byte in message { try pieces.update([byte]) }
            #expect(try pieces.finish() == bytes(#require(vector.digest)), "\(vector.name)")
        }
    }

    private func checkHMAC(_ vector: Vector) throws {
        #expect(vector.alg == "SM3")
        let expected = try bytes(#require(vector.mac))
        let key = try bytes(#require(vector.key))
        let computed = try HashFunction.sm3.hmac(key: key.span, bytes(#require(vector.msg)))
        #expect(
            constantTimeEqual(Array(computed.prefix(expected.count)), expected) == (vector.result != "invalid"),
            "\(vector.name)")
    }

    private func checkKeyDerivation(_ vector: Vector) throws {
        let expected = try bytes(#require(vector.output))
        let salt = try bytes(#require(vector.salt))
        switch vector.alg {
        case "scrypt":
            guard case .number(let blockSize) = vector.r else { throw UnknownKind() }
            let passphrase = try bytes(#require(vector.password))
            let cost = try KeyDerivation.ScryptCost(
                cost: #require(vector.n), blockSize: blockSize, parallelization: #require(vector.p))
            let computed = try KeyDerivation.scrypt(
                passphrase: passphrase.span, salt: salt, cost: cost, count: expected.count
            ).unprotectedCopy()
            #expect(computed == expected, "\(vector.name)")
        case "hkdf-sha256", "hkdf-sm3":
            let secret = try bytes(#require(vector.ikm))
            let info = try bytes(#require(vector.info))
            let computed = try KeyDerivation.hkdf(
                vector.alg == "hkdf-sm3" ? .sm3 : .sha256, secret: secret.span, salt: salt, info: info,
                count: expected.count
            ).unprotectedCopy()
            #expect(computed == expected, "\(vector.name)")
        default: throw UnknownKind()
        }
    }

    private func checkPurse(_ vector: Vector) throws {
        let session = try CardCryptogram.sessionKey(
            key: bytes(#require(vector.key)), cipher: .tripleDES, factor: bytes(#require(vector.session_input)),
            form: .init())
        #expect(try session == bytes(#require(vector.session_key)), "\(vector.name)")
        for sample in try #require(vector.macs) {
            let mac = try CardCryptogram.commandMAC(
                key: session, cipher: .tripleDES, initialValue: [UInt8](repeating: 0, count: 8),
                message: bytes(sample.data))
            #expect(try mac == bytes(sample.mac), "\(vector.name)")
        }
    }

    /// The code that proves a transaction to the bank: a MAC under both halves of the internal key, one XOR the other.
    private func checkTransactionCode(_ vector: Vector) throws {
        let mac = try CardCryptogram.foldedMAC(
            key: bytes(#require(vector.key)), message: bytes(#require(vector.msg)))
        #expect(try mac == bytes(#require(vector.mac)), "\(vector.name)")
    }

    private func checkScript(_ vector: Vector) throws {
        // 3DES(UDK, 0⁶ ‖ ATC) ‖ 3DES(UDK, 0⁶ ‖ NOT ATC): here only the counter is inverted
        let counter = try bytes(#require(vector.atc))
        let key = try BlockCipherKey(.tripleDES, bytes(#require(vector.udk)))
        let input = [UInt8](repeating: 0, count: 6) + counter + [UInt8](repeating: 0, count: 6) + counter.map { ~$0 }
        #expect(try key.encrypt(input) == bytes(#require(vector.session_key)), "\(vector.name)")
    }

    private func checkComponents(_ vector: Vector) throws {
        let components = try #require(vector.components).map(bytes)
        var key = SecretBytes(copying: components[0])
        for component in components.dropFirst() { key = try key.combined(with: SecretBytes(copying: component)) }
        let combined = key.unprotectedCopy()
        #expect(try combined == bytes(#require(vector.key)), "\(vector.name)")
    }

    private func checkSM2(_ vector: Vector) throws {
        let key = try SM2.VerificationKey(point: bytes(#require(vector.public_key)))
        if let digest = vector.e {
            #expect(
                try key.verify(rawSignature(der: bytes(#require(vector.sig_der))), digest: bytes(digest)),
                "\(vector.name)")
            return
        }
        guard case .hexadecimal(let r) = vector.r else { throw UnknownKind() }
        let signature = try bytes(r) + bytes(#require(vector.s))
        let identifier = try bytes(#require(vector.id))
        let message = try bytes(#require(vector.msg))
        #expect(
            try key.verify(signature, of: message, identifier: identifier) == (vector.result != "invalid"),
            "\(vector.name)")
        guard let scalar = vector.private_key else { return }
        let pair = try SM2.SigningKey(scalar: SecretBytes(copying: bytes(scalar)), point: key.point)
        let own = try pair.sign(message, identifier: identifier)
        #expect(try key.verify(own, of: message, identifier: identifier), "\(vector.name)")
    }

    /// r ‖ s out of SEQUENCE{r, s}, whose numbers may have a zero in front or be short.
    private func rawSignature(der: [UInt8]) throws -> [UInt8] {
        var reader = ByteReader(der)
        _ = try reader.take(2)
        var raw: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(try reader.take(2)[1])
            let number = try reader.take(count).drop { $0 == 0 }
            raw += [UInt8](repeating: 0, count: 32 - number.count) + number
        }
        return raw
    }
}
