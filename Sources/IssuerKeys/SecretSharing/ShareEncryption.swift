import CardCryptography

/// What SLIP-0039 divides is not the secret but its encryption under a passphrase: four Feistel rounds of PBKDF2.
enum ShareEncryption {
    private static let rounds: [UInt8] = [0, 1, 2, 3]

    /// Without a passphrase, as our secrets are divided.
    static func encrypt(
        _ secret: borrowing SecretBytes, _ sharing: SecretShare.Sharing
    ) throws(CryptographyError) -> ShareValue {
        ShareValue(try run(secret, rounds, sharing, passphrase: []))
    }

    static func decrypt(
        _ value: ShareValue, _ sharing: SecretShare.Sharing, passphrase: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        try run(value.bytes, rounds.reversed(), sharing, passphrase: passphrase)
    }

    private static func run(
        _ bytes: borrowing SecretBytes, _ rounds: [UInt8], _ sharing: SecretShare.Sharing, passphrase: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        let half = bytes.count / 2
        var left = bytes.withSpan { SecretBytes(copying: $0.extracting(0..<half)) }
        var right = bytes.withSpan { SecretBytes(copying: $0.extracting(half..<2 * half)) }
        let prefix = sharing.isExtendable ? [] : Array("shamir".utf8) + sharing.identifier.bytes
        for round in rounds {
            let salt = SecretBytes.filling(count: prefix.count + half) { span in
                for index in prefix.indices { span[index] = prefix[index] }
                right.withSpan { right in
                    for index in right.indices { span[prefix.count + index] = right[index] }
                }
            }
            let mask = try salt.withSpan { salt throws(CryptographyError) in
                try KeyDerivation.pbkdf2(
                    passphrase: ([round] + passphrase).span, salt: salt,
                    iterations: 2500 << Int(sharing.iterationExponent), count: half)
            }
            let mixed = try left.combined(with: mask)
            left = right
            right = mixed
        }
        return SecretBytes.filling(count: 2 * half) { span in
            right.withSpan { right in
                for index in right.indices { span[index] = right[index] }
            }
            left.withSpan { left in
                for index in left.indices { span[half + index] = left[index] }
            }
        }
    }
}

extension UInt16 {
    fileprivate var bytes: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
}
