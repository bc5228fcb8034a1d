import CardCryptography
public import CardData

/// Roots that no production may use, by their check values (`Keys/forbidden-roots.yaml`).
///
/// The development keys are always among them, whatever the file says.
public struct ForbiddenRoots: Sendable {
    private let roots: Set<KeyCheckValue>

    /// The roots of a list; the development root is added by itself.
    public init(_ roots: Set<KeyCheckValue> = []) { self.roots = roots }

    /// Reads the file with the list.
    ///
    /// Throws what ``DataFile/read(_:)`` throws, and `forbidden-roots.value`.
    public static func read(_ path: String) throws(Faults) -> ForbiddenRoots {
        var roots: Set<KeyCheckValue> = []
        for node in try DataFile.read(path).required("forbidden").list {
            let text = try node.string
            guard let value = KeyCheckValue(text) else { throw node.fault("forbidden-roots.value", ["value": text]) }
            roots.insert(value)
        }
        return ForbiddenRoots(roots)
    }

    /// Whether the list names a root.
    public func contains(_ root: KeyCheckValue) -> Bool { roots.contains(root) }

    /// Refuses a set that came down from a forbidden root, or that holds a single development key under another root's name.
    ///
    /// Throws `key-store.development-in-production` and `key-store.published-in-production`.
    func check(_ set: KeySet, hierarchy: KeyHierarchy) throws(Faults) {
        let isDevelopment = try storing { () throws(CryptographyError) in
            try DevelopmentKeySet.hasKey(in: set, hierarchy: hierarchy)
        }
        guard !roots.contains(set.root), try set.root != DevelopmentKeySet.root, !isDevelopment else {
            throw Faults("key-store.development-in-production", ["name": set.name, "root": set.root.description])
        }
        guard !PublishedKeys.has(set, besides: hierarchy.publishedValues) else {
            throw Faults("key-store.published-in-production", ["name": set.name])
        }
    }
}
