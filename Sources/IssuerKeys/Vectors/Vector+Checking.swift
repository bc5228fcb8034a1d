import ByteText
import CardCryptography

/// Running of vectors through the code that cards are made with.
extension Vector {
    /// Runs the case; throws what was wrong.
    public func check() throws(VectorFailure) {
        switch operation {
        case "block": try checkBlock()
        case "mac": try checkMAC()
        case "hash": try checkHash()
        case "hmac": try checkHMAC()
        case "kdf": try checkKeyDerivation()
        case "keywrap": try checkKeyWrap()
        case "pboc": try checkPurse()
        case "tac": try checkTransactionCode()
        case "pbocscript": try checkScript()
        case "cos-cryptogram", "cos-mac", "cos-command": try checkCardCommand()
        case "diversify": try checkDiversification()
        case "kcv": try checkCheckValue()
        case "xor": try checkComponents()
        case "slip39": try checkShares()
        case "sm2sign": try checkSignature()
        case "sm2verify": try checkVerification()
        case "sm2enc": try checkCipherText()
        case "sm2kex": try checkExchange()
        default: throw .unknown(operation)
        }
    }

    /// That what came out is what stands under a name, or begins it.
    func expect(_ found: [UInt8], _ key: String) throws(VectorFailure) {
        let expected = try bytes(key)
        guard found != expected else { return }
        throw .differs(expected: expected.hexadecimal, found: found.hexadecimal)
    }

    /// Runs a piece of cryptography; its refusal becomes a failure of the case.
    func computing<Value: ~Copyable>(
        _ body: () throws(CryptographyError) -> Value
    ) throws(VectorFailure) -> Value {
        do throws(CryptographyError) {
            return try body()
        } catch {
            throw .refused("\(error)")
        }
    }

    /// The cipher of the case for a key of this many bytes.
    func cipher(keyLength: Int) throws(VectorFailure) -> BlockCipher {
        switch (text("cipher"), keyLength) {
        case ("DES", 8): .singleDES
        case ("3DES", 16): .tripleDES
        case ("3DES", 24): .threeKeyTripleDES
        case ("SM4", 16): .sm4
        case ("AES", 16): .aes128
        case ("AES", 24): .aes192
        case ("AES", 32): .aes256
        default: throw .unknown("\(operation) \(text("cipher") ?? "")-\(keyLength * 8)")
        }
    }

    /// The key under a name, ready for use.
    func key(_ name: String = "key") throws(VectorFailure) -> BlockCipherKey {
        let bytes = try bytes(name)
        let cipher = try cipher(keyLength: bytes.count)
        return try computing { () throws(CryptographyError) in try BlockCipherKey(cipher, bytes) }
    }
}

// MARK: - Ciphers, MACs, hashes

extension Vector {
    private func checkBlock() throws(VectorFailure) {
        let key = try key()
        let plain = try bytes("plaintext")
        let enciphered = try bytes("ciphertext")
        let initial = try optionalBytes("iv") ?? []
        let mode = text("mode") ?? "ECB"
        guard ["ECB", "CBC", "CTR", "OFB", "CFB"].contains(mode) else { throw .unknown("block \(mode)") }
        let rounds = number("iterations") ?? 1
        let found = try computing { () throws(CryptographyError) in
            var block = plain
            for _ in 0..<rounds {
                switch mode {
                case "CBC": block = try key.encryptChained(block, initialValue: initial)
                case "CTR": block = try key.counterMode(block, counter: initial)
                case "OFB": block = try key.outputFeedback(block, initialValue: initial)
                case "CFB": block = try key.encryptFeedback(block, initialValue: initial)
                default: block = try key.encrypt(block)
                }
            }
            return block
        }
        try expect(found, "ciphertext")
        guard rounds == 1 else { return }
        let back = try computing { () throws(CryptographyError) in
            switch mode {
            case "CBC": try key.decryptChained(enciphered, initialValue: initial)
            case "CTR": try key.counterMode(enciphered, counter: initial)
            case "OFB": try key.outputFeedback(enciphered, initialValue: initial)
            case "CFB": try key.decryptFeedback(enciphered, initialValue: initial)
            default: try key.decrypt(enciphered)
            }
        }
        try expect(back, "plaintext")
    }

    private func checkMAC() throws(VectorFailure) {
        let key = try key()
        let keyBytes = try bytes("key")
        let second = try optionalBytes("key2") ?? []
        let message = try bytes("msg")
        let initial = try optionalBytes("iv")
        let padding = number("padding").flatMap { MACPadding(rawValue: $0) } ?? .bit
        let algorithm = text("alg") ?? ""
        let known = ["cbc-mac", "retail", "cmac", "emac", "mac-des", "lmac", "trcbc", "cbcr"]
        guard known.contains(algorithm) else { throw .unknown("mac \(algorithm)") }
        let found = try computing { () throws(CryptographyError) in
            switch algorithm {
            case "cbc-mac": try BlockCipherMAC.cbcMAC(key, message, padding: padding, initialValue: initial)
            case "retail":
                try BlockCipherMAC.retailMAC(
                    key, BlockCipherKey(key.cipher, second), message, padding: padding, initialValue: initial)
            case "emac": try BlockCipherMAC.emac(key, BlockCipherKey(key.cipher, second), message, padding: padding)
            case "mac-des": try BlockCipherMAC.macDES(key, second: second, message, padding: padding)
            case "lmac": try BlockCipherMAC.lmac(key, message, padding: padding)
            case "trcbc": try BlockCipherMAC.trCBC(key, message)
            case "cbcr": try BlockCipherMAC.cbcr(key, message)
            default: try BlockCipherMAC.cmac(key.cipher, key: keyBytes.span, message)
            }
        }
        try expectMAC(found)
    }

    private func checkHash() throws(VectorFailure) {
        guard text("alg") == "SM3" else { throw .unknown("hash \(text("alg") ?? "")") }
        let message = try bytes("msg")
        try expect(try computing { () throws(CryptographyError) in try HashFunction.sm3.hash(message) }, "digest")
    }

    private func checkHMAC() throws(VectorFailure) {
        guard text("alg") == "SM3" else { throw .unknown("hmac \(text("alg") ?? "")") }
        let key = try bytes("key")
        let message = try bytes("msg")
        try expectMAC(
            try computing { () throws(CryptographyError) in try HashFunction.sm3.hmac(key: key.span, message) })
    }

    /// Compares as many left bytes as the case has; for an invalid case they must differ.
    private func expectMAC(_ found: [UInt8]) throws(VectorFailure) {
        let count = try bytes("mac").count
        guard count > 0, count <= found.count else { throw .missing("mac") }
        guard mustFail else { return try expect(Array(found.prefix(count)), "mac") }
        if try Array(found.prefix(count)) == bytes("mac") { throw .accepted }
    }

    private func checkKeyDerivation() throws(VectorFailure) {
        let salt = try bytes("salt")
        let count = try bytes("output").count
        let algorithm = text("alg") ?? ""
        let found: [UInt8]
        switch algorithm {
        case "scrypt":
            guard let n = number("n").flatMap(UInt64.init(exactly:)),
                let r = number("r").flatMap(UInt64.init(exactly:)),
                let p = number("p").flatMap(UInt64.init(exactly:))
            else { throw .missing("n, r, p") }
            let passphrase = try bytes("password")
            found = try computing { () throws(CryptographyError) in
                try KeyDerivation.scrypt(
                    passphrase: passphrase.span, salt: salt, cost: .init(cost: n, blockSize: r, parallelization: p),
                    count: count
                ).unprotectedCopy()
            }
        case "hkdf-sha256", "hkdf-sm3":
            let secret = try bytes("ikm")
            let info = try bytes("info")
            found = try computing { () throws(CryptographyError) in
                try KeyDerivation.hkdf(
                    algorithm == "hkdf-sm3" ? .sm3 : .sha256, secret: secret.span, salt: salt, info: info, count: count
                ).unprotectedCopy()
            }
        default: throw .unknown("kdf \(algorithm)")
        }
        try expect(found, "output")
    }

    private func checkKeyWrap() throws(VectorFailure) {
        let algorithm = text("alg") ?? ""
        guard algorithm == "AES-KW" || algorithm == "AES-KWP" else { throw .unknown("keywrap \(algorithm)") }
        let isPadded = algorithm == "AES-KWP"
        let keyBytes = try bytes("key")
        let plain = try bytes("msg")
        let wrapped = try bytes("ct")
        let cipher: BlockCipher =
            switch keyBytes.count {
            case 16: .aes128
            case 24: .aes192
            default: .aes256
            }
        let key = try computing { () throws(CryptographyError) in try BlockCipherKey(cipher, keyBytes) }
        let opened: [UInt8]?
        do throws(CryptographyError) {
            opened =
                try isPadded ? AESKeyWrap.unwrapPadded(wrapped, under: key) : AESKeyWrap.unwrap(wrapped, under: key)
        } catch {
            guard mustFail else { throw .refused("\(error)") }
            return
        }
        if mustFail { throw .accepted }
        if opened != plain { throw .differs(expected: plain.hexadecimal, found: (opened ?? []).hexadecimal) }
        // Some lengths may be opened though nobody may make them.
        guard text("result") == "valid" else { return }
        let made = try computing { () throws(CryptographyError) in
            try isPadded ? AESKeyWrap.wrapPadded(plain, under: key) : AESKeyWrap.wrap(plain, under: key)
        }
        try expect(made, "ct")
    }
}
