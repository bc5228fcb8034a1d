import CardCryptography

/// The masters of cities, derived once and kept as ready ciphers.
struct CityMasters {
    private struct Identity: Hashable {
        let key: KeySet.Identity
        let area: String
    }

    /// A kept cipher; never leaves the lock around the masters.
    private final class Master {
        let key: BlockCipherKey

        init(_ key: consuming BlockCipherKey) { self.key = key }
    }

    // a run over every city of the country with every key would fill memory for ever without a bound
    private static let limit = 8192

    private var masters: [Identity: Master] = [:]

    /// The key of one card: the last of `factors` diversifies the city's master, those before it lead down to that.
    mutating func cardKey(
        _ identity: KeySet.Identity, area: String, held: HeldKey, factors: [DiversificationFactor], parity: KeyParity
    ) throws(CardKeyError) -> SecretBytes {
        guard let cardFactor = factors.last else { throw .wrongLength("card factor", 0) }
        let place = Identity(key: identity, area: area)
        if let kept = masters[place] {
            return try Self.derive(kept, cardFactor, parity)
        }
        let cipher = try identity.algorithm.cipher
        let master = try CardKeyError.reporting { () throws(CryptographyError) in
            let city = try held.derived(cipher, factors: Array(factors.dropLast()), parity: parity)
            return try city.withSpan { span throws(CryptographyError) in Master(try cipher.key(span)) }
        }
        if masters.count >= Self.limit { masters.removeAll() }
        masters[place] = master
        return try Self.derive(master, cardFactor, parity)
    }

    private static func derive(
        _ master: Master, _ factor: DiversificationFactor, _ parity: KeyParity
    ) throws(CardKeyError) -> SecretBytes {
        try CardKeyError.reporting { () throws(CryptographyError) in
            try Diversification.derive(from: master.key, factor: factor, parity: parity)
        }
    }
}
