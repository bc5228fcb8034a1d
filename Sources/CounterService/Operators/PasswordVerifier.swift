import ByteText
public import CardCryptography

/// What is kept of a password: a salt, the cost of scrypt (RFC 7914), and what scrypt makes of both; never the password.
public struct PasswordVerifier: Hashable, Sendable {
    /// 32 MiB and about a tenth of a second for each guess.
    public static let standardCost = KeyDerivation.ScryptCost(cost: 1 << 15)
    private static let length = 32

    let salt: [UInt8]
    let cost: KeyDerivation.ScryptCost
    let bytes: [UInt8]

    /// A verifier from its stored parts.
    init(salt: [UInt8], cost: KeyDerivation.ScryptCost, bytes: [UInt8]) {
        self.salt = salt
        self.cost = cost
        self.bytes = bytes
    }

    /// The verifier of a new password, with a salt of its own.
    public static func make(
        _ password: borrowing SecretBytes, cost: KeyDerivation.ScryptCost
    ) throws(CryptographyError) -> PasswordVerifier {
        let salt = try SecureRandom.bytes(16)
        return PasswordVerifier(salt: salt, cost: cost, bytes: try derive(password, salt, cost))
    }

    /// Whether this is the password; takes as long for a wrong one as for the right one.
    public func accepts(_ password: borrowing SecretBytes) throws(CryptographyError) -> Bool {
        constantTimeEqual(try Self.derive(password, salt, cost), bytes)
    }

    private static func derive(
        _ password: borrowing SecretBytes, _ salt: [UInt8], _ cost: KeyDerivation.ScryptCost
    ) throws(CryptographyError) -> [UInt8] {
        try password.withSpan { (span) throws(CryptographyError) in
            try KeyDerivation.scrypt(passphrase: span, salt: salt, cost: cost, count: length).unprotectedCopy()
        }
    }
}
