import CardCryptography

/// The masters of cities, derived once and kept as ready ciphers.
struct CityMasters {
    /// Which key of which city.
    struct Identity: Hashable {
        let name: KeyName
        let algorithm: CardAlgorithm
        let area: String
    }

    // a run over every city of the country with every key would fill memory for ever without a bound
    private static let limit = 8192

    private var masters: [Identity: CityMaster] = [:]
    /// The master used last: a batch derives one key for many cards.
    private var latest: CityMaster?

    /// The master of a key and city; made and kept when it is not there.
    mutating func master(
        _ identity: Identity, make: () throws(CardKeyError) -> CityMaster
    ) throws(CardKeyError) -> CityMaster {
        if let latest, latest.identity == identity { return latest }
        let master: CityMaster
        if let kept = masters[identity] {
            master = kept
        } else {
            master = try make()
            if masters.count >= Self.limit { masters.removeAll() }
            masters[identity] = master
        }
        latest = master
        return master
    }
}

/// One key of one city as a ready cipher, with what may be done with it; never leaves the lock around the masters.
final class CityMaster {
    let identity: CityMasters.Identity
    private let uses: [KeyUse]
    private let key: BlockCipherKey
    private let parity: KeyParity

    init(
        _ identity: CityMasters.Identity, uses: Set<KeyUse>, key: consuming BlockCipherKey, parity: KeyParity
    ) {
        self.identity = identity
        self.uses = Array(uses)
        self.key = key
        self.parity = parity
    }

    /// The key of one card; `use` nil stands for a mere comparison.
    func cardKey(for use: KeyUse?, of card: CardKeyContext) throws(CardKeyError) -> SecretBytes {
        if let use, !uses.contains(use) { throw .useNotAllowed(identity.name, use.rawValue) }
        guard let factor = DiversificationFactor(card.cardFactor) else {
            throw .wrongLength("card factor", card.cardFactor.count)
        }
        return try CardKeyError.reporting { () throws(CryptographyError) in
            try Diversification.derive(from: key, factor: factor, parity: parity)
        }
    }
}
