import CardCryptography
public import CardData

/// The key set for development and tests, made from a public text: whoever reads this file can make every one of its keys.
///
/// The second edition holds every version of every key that the hierarchy names; its first versions and its root are those of the
/// first edition, so that cards and sets made with that one go on.
///
/// It stands at the level of a province and serves every city, so that two levels, city and card, are left to derive. Production
/// refuses it.
public enum DevelopmentKeySet {
    /// What opens the file of the set; public, like the keys.
    public static let passphrase = "sscard development keys are public"

    private static let seed = Array("SSCard development key set 1: public keys, never for a real card".utf8)
    private static let area = "000000"

    /// The check value of the root that all development keys come from; `Keys/forbidden-roots.yaml` names it.
    public static var root: KeyCheckValue {
        get throws(Faults) {
            try storing { () throws(CryptographyError) in
                try derive("root", count: 16).withSpan { span throws(CryptographyError) in
                    try KeyCheckValue(of: span, cipher: .sm4, count: 5)
                }
            }
        }
    }

    /// The set: for every key of the hierarchy one of each algorithm and version that it exists for.
    ///
    /// Throws `key-store.cryptography`, or `key-store.key-refused` for a key that exists for SSF33.
    public static func make(hierarchy: KeyHierarchy) throws(Faults) -> KeySet {
        var set = try KeySet(name: "development", level: .province, area: area, root: root)
        for key in hierarchy.keys {
            for algorithm in key.algorithms {
                for version in key.versions.map(\.version) {
                    let identity = KeySet.Identity(name: key.name, algorithm: algorithm, version: version)
                    let bytes = try storing { () throws(CryptographyError) in try self.key(identity) }
                    try set.insert(bytes, as: key.name, algorithm, version: version)
                }
            }
        }
        return set
    }

    /// The text of the set's file, the same at every call: `Keys/development/keyset.yaml`.
    ///
    /// Throws what ``make(hierarchy:)`` throws.
    public static func file(hierarchy: KeyHierarchy) throws(Faults) -> String {
        let set = try make(hierarchy: hierarchy)
        let root = try root
        return try storing { () throws(CryptographyError) in
            let header = KeySetHeader(
                name: set.name, level: set.level, area: set.area, root: root,
                salt: try derive("salt", count: 16).unprotectedCopy(), cost: .init(cost: 1 << 14))
            // other contents, other nonce: no two texts meet one nonce, though here nothing would be lost
            let contents = KeySetContents.write(set)
            let nonce = try contents.withSpan { contents throws(CryptographyError) in
                try Array(HashFunction.sha256.hash(contents).prefix(12))
            }
            return try SealedKeyStore.seal(
                set, header, passphrase: SecretBytes(copying: Array(passphrase.utf8)), nonce: nonce)
        }
    }

    /// Whether a set holds a development key, of whatever version, as it is or derived for the set's city.
    static func hasKey(in set: KeySet, hierarchy: KeyHierarchy) throws(CryptographyError) -> Bool {
        let factors = set.level == .city ? hierarchy.areaFactors(from: .province, area: set.area) : []
        for identity in set.identities {
            // a development key is one under another version's number as well
            let named = hierarchy[identity.name]?.versions.map(\.version) ?? []
            for version in Set(named + [.first, identity.version]) {
                let known = KeySet.Identity(name: identity.name, algorithm: identity.algorithm, version: version)
                let development = try Diversification.derive(
                    from: key(known), masterCipher: identity.algorithm.masterCipher, factors: factors,
                    parity: hierarchy.parity)
                let isSame = set[identity]?.withSpan { held in development.withSpan { constantTimeEqual(held, $0) } }
                if isSame == true { return true }
            }
        }
        return false
    }

    private static func key(_ identity: KeySet.Identity) throws(CryptographyError) -> SecretBytes {
        // the first edition knew no versions
        let version = identity.version == .first ? "" : " version \(identity.version)"
        return try derive("key \(identity.algorithm) \(identity.name)\(version)", count: 16)
    }

    private static func derive(_ what: String, count: Int) throws(CryptographyError) -> SecretBytes {
        try KeyDerivation.hkdf(
            secret: seed.span, salt: Array("sscard development".utf8), info: Array(what.utf8), count: count)
    }
}
