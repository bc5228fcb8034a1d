import ByteText
import CardCryptography

/// Vectors of cards: what their manuals and traces show, and how their keys come down.
extension Vector {
    func checkPurse() throws(VectorFailure) {
        let key = try bytes("key")
        let factor = try bytes("session_input")
        let session = try computing { () throws(CryptographyError) in
            try CardCryptogram.sessionKey(key: key, cipher: .tripleDES, factor: factor, form: .init())
        }
        try expect(session, "session_key")
        for sample in try tables("macs") {
            let data = try sample.bytes("data")
            let found = try computing { () throws(CryptographyError) in
                try CardCryptogram.commandMAC(
                    key: session, cipher: .tripleDES, initialValue: [UInt8](repeating: 0, count: 8), message: data)
            }
            try sample.expect(found, "mac")
        }
    }

    /// The code that proves a wallet's transaction to the bank.
    func checkTransactionCode() throws(VectorFailure) {
        let key = try bytes("key")
        let message = try bytes("msg")
        let found = try computing { () throws(CryptographyError) in
            try CardCryptogram.foldedMAC(key: key, message: message)
        }
        try expect(found, "mac")
    }

    /// 3DES(UDK, 0⁶ ‖ ATC) ‖ 3DES(UDK, 0⁶ ‖ NOT ATC).
    func checkScript() throws(VectorFailure) {
        let master = try bytes("udk")
        let counter = try bytes("atc")
        let zeros = [UInt8](repeating: 0, count: 6)
        let found = try computing { () throws(CryptographyError) in
            try BlockCipherKey(.tripleDES, master).encrypt(zeros + counter + zeros + counter.map { ~$0 })
        }
        try expect(found, "session_key")
    }

    func checkCardCommand() throws(VectorFailure) {
        let key = try bytes("key")
        let challenge = try bytes("challenge")
        switch operation {
        case "cos-cryptogram":
            let found = try computing { () throws(CryptographyError) in
                try CardCryptogram.plainCryptogram(key: key, cipher: .tripleDES, challenge: challenge)
            }
            try expect(found, "output")
        case "cos-mac":
            let message = try bytes("msg")
            let found = try computing { () throws(CryptographyError) in
                try CardCryptogram.commandMAC(
                    key: key, cipher: .tripleDES,
                    initialValue: CardCryptogram.initialValue(challenge: challenge, cipher: .tripleDES),
                    message: message)
            }
            try expect(found, "mac")
        default:
            let header = try bytes("header")
            let plain = try bytes("plaintext")
            let expected = try bytes("ciphertext") + bytes("mac")
            let form = LineProtection(.encipheredWithMAC)
            let field = try computing { () throws(CryptographyError) in
                try form.protect(
                    key.span, cipher: .tripleDES, header: header, plain: plain.span, isRead: false, challenge: challenge
                )
            }
            guard field == expected else {
                throw .differs(expected: expected.hexadecimal, found: field.hexadecimal)
            }
            let opened: [UInt8]? = try computing { () throws(CryptographyError) in
                try form.unprotect(
                    key: key, cipher: .tripleDES, header: header, field: expected, isRead: false, challenge: challenge)
            }
            guard let opened else { throw .refused("MAC") }
            try expect(opened, "plaintext")
        }
    }

    func checkDiversification() throws(VectorFailure) {
        var factors: [DiversificationFactor] = []
        for text in try texts("factors") {
            guard let bytes = [UInt8](hexadecimal: text), let factor = DiversificationFactor(bytes) else {
                throw .missing("factors")
            }
            factors.append(factor)
        }
        let master = try bytes("master")
        let cipher = try cipher(keyLength: master.count)
        let parity: KeyParity = isSet("odd_parity") ? .odd : .none
        let found = try computing { () throws(CryptographyError) in
            try Diversification.derive(
                from: SecretBytes(copying: master), masterCipher: cipher, factors: factors, parity: parity
            ).unprotectedCopy()
        }
        try expect(found, "key")
    }

    func checkCheckValue() throws(VectorFailure) {
        guard let method = text("method").flatMap(KeyCheckValue.Method.init(rawValue:)) else {
            throw .unknown("kcv \(text("method") ?? "")")
        }
        let key = try bytes("key")
        let cipher = try cipher(keyLength: key.count)
        let count = try bytes("kcv").count
        let found = try computing { () throws(CryptographyError) in
            try KeyCheckValue(method, of: key.span, cipher: cipher, count: count)
        }
        try expect(found.bytes, "kcv")
    }

    func checkComponents() throws(VectorFailure) {
        var components: [[UInt8]] = []
        for text in try texts("components") {
            guard let bytes = [UInt8](hexadecimal: text) else { throw .missing("components") }
            components.append(bytes)
        }
        guard let first = components.first else { throw .missing("components") }
        let found = try computing { () throws(CryptographyError) in
            var key = SecretBytes(copying: first)
            for component in components.dropFirst() { key = try key.combined(with: SecretBytes(copying: component)) }
            return key.unprotectedCopy()
        }
        try expect(found, "key")
    }
}
