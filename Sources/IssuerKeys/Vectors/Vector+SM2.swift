import ByteText
import CardCryptography

/// Vectors of SM2.
extension Vector {
    /// The published signature is the key's, its Z is right, and the pair's own signature is one too.
    func checkSignature() throws(VectorFailure) {
        try checkVerification()
        let point = try bytes("public_key")
        let scalar = try bytes("private_key")
        let identifier = try bytes("id")
        let message = try bytes("msg")
        try expect(
            try computing { () throws(CryptographyError) in try SM2.identityDigest(identifier, point: point) }, "za")
        let isOwn = try computing { () throws(CryptographyError) in
            let pair = try SM2.SigningKey(scalar: SecretBytes(copying: scalar), point: point)
            let signature = try pair.sign(message, identifier: identifier)
            return try pair.verificationKey.verify(signature, of: message, identifier: identifier)
        }
        guard isOwn else { throw .refused("own signature") }
    }

    func checkVerification() throws(VectorFailure) {
        let point = try bytes("public_key")
        let isGood: Bool
        if let digest = try optionalBytes("e") {
            let signature = try rawSignature(bytes("sig_der"))
            isGood = try computing { () throws(CryptographyError) in
                try SM2.VerificationKey(point: point).verify(signature, digest: digest)
            }
        } else {
            let signature = try bytes("r") + bytes("s")
            let identifier = try bytes("id")
            let message = try bytes("msg")
            isGood = try computing { () throws(CryptographyError) in
                try SM2.VerificationKey(point: point).verify(signature, of: message, identifier: identifier)
            }
        }
        if isGood == mustFail { throw mustFail ? .accepted : .refused("signature") }
    }

    /// The message comes out of the published cipher text and of one that is made here, and the two forms are the same.
    func checkCipherText() throws(VectorFailure) {
        let scalar = try bytes("private_key")
        let message = try bytes("msg")
        let der = try bytes("ciphertext_der")
        let raw = try computing { () throws(CryptographyError) in try SM2.rawCipherText(der) }
        if try optionalBytes("c1c3c2") != nil { try expect(raw, "c1c3c2") }
        try expect(try computing { () throws(CryptographyError) in try SM2.derCipherText(raw) }, "ciphertext_der")
        let (published, own) = try computing { () throws(CryptographyError) in
            let pair = try SM2.SigningKey(scalar: SecretBytes(copying: scalar))
            let enciphered = try pair.verificationKey.encrypt(SecretBytes(copying: message))
            return try (pair.decrypt(raw).unprotectedCopy(), pair.decrypt(enciphered).unprotectedCopy())
        }
        try expect(published, "msg")
        try expect(own, "msg")
    }

    /// Both sides come to the published key and proofs.
    func checkExchange() throws(VectorFailure) {
        let (idA, idB) = (try bytes("idA"), try bytes("idB"))
        let (pointA, pointB) = (try bytes("PA"), try bytes("PB"))
        let (randomA, randomB) = (try bytes("RA"), try bytes("RB"))
        let count = try bytes("K").count
        let (opener, answerer) = try computing { () throws(CryptographyError) in
            (
                try SM2.ExchangeParty(identifier: idA, point: pointA, randomPoint: randomA),
                try SM2.ExchangeParty(identifier: idB, point: pointB, randomPoint: randomB)
            )
        }
        try expect(opener.identity, "ZA")
        try expect(answerer.identity, "ZB")
        for isOpener in [true, false] {
            let scalar = try bytes(isOpener ? "dA" : "dB")
            let random = try bytes(isOpener ? "rA" : "rB")
            let agreement = try computing { () throws(CryptographyError) in
                try SM2.agree(
                    scalar: SecretBytes(copying: scalar), random: SecretBytes(copying: random), opener: opener,
                    answerer: answerer, isOpener: isOpener, count: count)
            }
            try expect(agreement.key.unprotectedCopy(), "K")
            try expect(agreement.answererProof, "SB")
            try expect(agreement.openerProof, "SA")
        }
    }

    private func rawSignature(_ der: [UInt8]) throws(VectorFailure) -> [UInt8] {
        try computing { () throws(CryptographyError) in try SM2.rawSignature(der) }
    }
}
