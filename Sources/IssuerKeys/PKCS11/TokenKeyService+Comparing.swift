import CardData

/// Which keys a token holds, told without seeing one: by the check values of two cards' keys.
extension TokenKeyService {
    /// Cards that no one has, to compare keys by their check values: 48 bits in all.
    private static let comparedFactors: [[UInt8]] = [
        [0xFF, 0x53, 0x53, 0x43, 0x41, 0x52, 0x44, 0x01], [0xFF, 0x53, 0x53, 0x43, 0x41, 0x52, 0x44, 0x02],
    ]

    /// The keys of the token that are, or are not, those of the same version in another service, told by the check values of two
    /// cards' keys.
    public func keys(
        thatAre same: Bool, thoseOf other: any CardKeyService
    ) throws(CardKeyError) -> [KeySet.Identity] {
        var found: [KeySet.Identity] = []
        for identity in comparable where try isSame(identity, asVersion: identity.version, of: other) == same {
            found.append(identity)
        }
        return found
    }

    /// Refuses a token that came down from a forbidden root, or that holds a single development key under another root's name or
    /// another version's number.
    ///
    /// Throws `key-store.development-in-production`.
    public func refuse(_ forbidden: ForbiddenRoots) throws {
        let development = try DevelopmentKeySet.make(hierarchy: hierarchy)
        let service = try SoftwareKeyService(development, hierarchy: hierarchy)
        var isDevelopment = forbidden.contains(contents.root) || contents.root == development.root
        for identity in comparable where !isDevelopment {
            for known in development.identities where known.name == identity.name && known.algorithm == .tripleDES {
                isDevelopment = try isDevelopment || isSame(identity, asVersion: known.version, of: service)
            }
        }
        guard !isDevelopment else {
            throw Faults(
                "key-store.development-in-production", ["name": contents.name, "root": contents.root.description])
        }
    }

    /// What the token can use by the hierarchy.
    private var comparable: [KeySet.Identity] {
        contents.identities.filter { identity in
            identity.algorithm == .tripleDES
                && hierarchy[identity.name].map { $0.stage(of: identity.version) != .withdrawn } ?? false
        }
    }

    /// Whether a key of the token is a version of the same key in another service.
    private func isSame(
        _ identity: KeySet.Identity, asVersion version: KeyVersion, of other: any CardKeyService
    ) throws(CardKeyError) -> Bool {
        for factor in Self.comparedFactors {
            func card(_ version: KeyVersion) -> CardKeyContext {
                CardKeyContext(
                    algorithm: .tripleDES, area: contents.area, cardFactor: factor,
                    versions: CardKeyVersions(base: version))
            }
            let key = CardKeyReference.issuer(identity.name)
            let ours = try keyCheckValue(of: key, card: card(identity.version))
            guard try other.keyCheckValue(of: key, card: card(version)) == ours else { return false }
        }
        return true
    }
}
