import CardCryptography

/// The masters of cities, derived once and kept as ready ciphers with what they may be used for.
///
/// All that is looked up or checked for a key happens once for each city; a card's key then costs one look-up and one derivation.
struct CityMasters {
    private struct Identity: Hashable {
        let name: KeyName
        let algorithm: CardAlgorithm
        let area: String
    }

    /// A kept cipher; never leaves the lock around the masters.
    private final class Master {
        let key: BlockCipherKey
        let uses: Set<KeyUse>

        init(_ key: consuming BlockCipherKey, uses: Set<KeyUse>) {
            self.key = key
            self.uses = uses
        }
    }

    // a run over every city of the country with every key would fill memory for ever without a bound
    private static let limit = 8192

    private let keySet: KeySet
    private let hierarchy: KeyHierarchy
    private var masters: [Identity: Master] = [:]

    /// No masters yet.
    init(_ keySet: KeySet, hierarchy: KeyHierarchy) {
        self.keySet = keySet
        self.hierarchy = hierarchy
    }

    /// The key of one card for one use; `use` nil stands for a mere comparison.
    ///
    /// - Throws: `unknownKey`, `useNotAllowed`, `wrongLength` for area or card factor, `keyNotHeld`.
    mutating func cardKey(
        _ name: KeyName, for use: KeyUse?, of card: CardKeyContext
    ) throws(CardKeyError) -> SecretBytes {
        let identity = Identity(name: name, algorithm: card.algorithm, area: card.area)
        let master: Master
        if let kept = masters[identity] { master = kept } else { master = try make(identity) }
        if let use, !master.uses.contains(use) { throw .useNotAllowed(name, use.rawValue) }
        guard let factor = DiversificationFactor(card.cardFactor) else {
            throw .wrongLength("card factor", card.cardFactor.count)
        }
        return try CardKeyError.reporting { () throws(CryptographyError) in
            try Diversification.derive(from: master.key, factor: factor, parity: hierarchy.parity)
        }
    }

    private mutating func make(_ identity: Identity) throws(CardKeyError) -> Master {
        guard let key = hierarchy[identity.name] else { throw .unknownKey(identity.name) }
        guard AreaFactor.isAreaCode(identity.area) else { throw .wrongLength("area", identity.area.utf8.count) }
        guard keySet.covers(area: identity.area),
            let held = keySet[KeySet.Identity(name: identity.name, algorithm: identity.algorithm)]
        else { throw .keyNotHeld(identity.name, identity.algorithm, area: identity.area) }
        let cipher = try identity.algorithm.cipher
        let factors = hierarchy.areaFactors(from: keySet.level, area: identity.area)
        let master = try CardKeyError.reporting { () throws(CryptographyError) in
            try held.derived(cipher, factors: factors, parity: hierarchy.parity)
                .withSpan { span throws(CryptographyError) in Master(try cipher.key(span), uses: key.uses) }
        }
        if masters.count >= Self.limit { masters.removeAll() }
        masters[identity] = master
        return master
    }
}
