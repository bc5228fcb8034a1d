import CardCryptography
import CardData

/// The key set that a ceremony makes of its root: for every key of the hierarchy one of each algorithm and version.
///
/// Each is HKDF-SM3 of the root under a text that names the key (RFC 5869: salt and info as below), so that no two are related
/// and none tells anything of the root.
enum RootKeySet {
    static let salt = Array("sscard key ceremony 1".utf8)

    /// Throws `ceremony.weak-key` for a 3DES key that came out weak, which no ceremony will see in a lifetime.
    static func make(
        of root: KeyComponent, _ opening: CeremonyRecord.Opening, hierarchy: KeyHierarchy
    ) throws(Faults) -> KeySet {
        var set = try KeySet(
            name: opening.name, level: opening.level, area: opening.area, root: root.checkValue(count: 5))
        for key in hierarchy.keys {
            for algorithm in key.algorithms.sorted(by: { $0.rawValue < $1.rawValue }) where algorithm != .ssf33 {
                for version in key.versions.map(\.version) {
                    let bytes = try self.key("\(algorithm) \(key.name) version \(version)", of: root)
                    let isWeak = algorithm == .tripleDES && bytes.withSpan { BlockCipherKey.isWeak(.tripleDES, $0) }
                    guard !isWeak else { throw Faults("ceremony.weak-key", ["key": key.name.rawValue]) }
                    try set.insert(bytes, as: key.name, algorithm, version: version)
                }
            }
        }
        return set
    }

    private static func key(_ what: String, of root: KeyComponent) throws(Faults) -> SecretBytes {
        try storing { () throws(CryptographyError) in
            try root.withSpan { root throws(CryptographyError) in
                try KeyDerivation.hkdf(.sm3, secret: root, salt: salt, info: Array("key \(what)".utf8), count: 16)
            }
        }
    }
}
