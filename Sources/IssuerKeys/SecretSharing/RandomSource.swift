public import CardCryptography

/// Where random bytes come from: so many secret bytes a call.
public typealias RandomSource = @Sendable (Int) throws(CryptographyError) -> SecretBytes
