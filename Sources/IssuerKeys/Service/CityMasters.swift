import CardCryptography

/// The masters of cities, derived once and kept as ready ciphers.
struct CityMasters {
    /// Which key of which city.
    struct Identity: Hashable {
        let name: KeyName
        let algorithm: CardAlgorithm
        let area: String
        let version: KeyVersion
    }

    // a run over every city of the country with every key would fill memory for ever without a bound
    private static let limit = 8192

    /// The version of each key that serves cards of which none is recorded.
    private let live: [KeyName: KeyVersion]
    private var masters: [Identity: CityMaster] = [:]
    /// The master used last: a batch derives one key for many cards.
    private var latest: CityMaster?

    init(live: [KeyName: KeyVersion]) { self.live = live }

    /// The key of one card under a key's master in the card's city; nil when that master is not kept.
    mutating func cardKey(
        _ name: KeyName, for use: KeyUse?, of card: CardKeyContext
    ) throws(CardKeyError) -> SecretBytes? {
        // making an identity and its hash would take half as long again as all the rest
        if let latest, latest.isMaster(of: name, for: card) { return try latest.cardKey(for: use, of: card) }
        guard let kept = master(of: name, for: card) else { return nil }
        latest = kept
        return try kept.cardKey(for: use, of: card)
    }

    /// The master of a card's city; nil when it is not kept.
    func master(of name: KeyName, for card: CardKeyContext) -> CityMaster? {
        guard let version = card.versions?[name] ?? live[name] else { return nil }
        return masters[Identity(name: name, algorithm: card.algorithm, area: card.area, version: version)]
    }

    /// Keeps a master.
    mutating func keep(_ master: CityMaster) {
        if masters.count >= Self.limit { masters.removeAll() }
        masters[master.identity] = master
    }
}

/// One key of one city as a ready cipher, with what may be done with it; never leaves the lock around the masters.
final class CityMaster {
    let identity: CityMasters.Identity
    /// Whether it serves cards of which no version is recorded.
    private let isLive: Bool
    private let uses: [KeyUse]
    private let key: BlockCipherKey
    private let parity: KeyParity

    init(
        _ identity: CityMasters.Identity, isLive: Bool, uses: Set<KeyUse>, key: consuming BlockCipherKey,
        parity: KeyParity
    ) {
        self.identity = identity
        self.isLive = isLive
        self.uses = Array(uses)
        self.key = key
        self.parity = parity
    }

    /// Whether the key of a card comes from this master.
    func isMaster(of name: KeyName, for card: CardKeyContext) -> Bool {
        identity.algorithm == card.algorithm && identity.name.rawValue == name.rawValue && identity.area == card.area
            && (card.versions.map { $0[name] == identity.version } ?? isLive)
    }

    /// The key of one card; `use` nil stands for a mere comparison.
    func cardKey(for use: KeyUse?, of card: CardKeyContext) throws(CardKeyError) -> SecretBytes {
        try check(use)
        guard let factor = DiversificationFactor(card.cardFactor) else {
            throw .wrongLength("card factor", card.cardFactor.count)
        }
        return try cardKey(factor)
    }

    /// Throws `useNotAllowed` for what may not be done with the key.
    func check(_ use: KeyUse?) throws(CardKeyError) {
        if let use, !uses.contains(use) { throw .useNotAllowed(identity.name, use.rawValue) }
    }

    /// The key of the card with this factor.
    func cardKey(_ factor: DiversificationFactor) throws(CardKeyError) -> SecretBytes {
        try CardKeyError.reporting { () throws(CryptographyError) in
            try Diversification.derive(from: key, factor: factor, parity: parity)
        }
    }
}
