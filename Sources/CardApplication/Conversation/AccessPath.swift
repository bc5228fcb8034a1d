public import CardLayout

/// The fewest presentations of keys and PIN that lead from one value of a directory's security register to one in which an
/// access byte is met.
public enum AccessPath {
    /// One presentation.
    public enum Presentation: Hashable, Sendable {
        /// EXTERNAL AUTHENTICATE with this key record.
        case key(KeyRecord)
        /// VERIFY the PIN, which leads to this state.
        case pin(KeyRecord)

        /// Whether a key of the issuer is presented.
        var isKey: Bool { if case .key = self { true } else { false } }

        /// The key record presented.
        public var record: KeyRecord {
            switch self {
            case .key(let record), .pin(let record): record
            }
        }
    }

    /// The presentations for access byte `right` from register value `state`; nil when none lead there.
    ///
    /// - Parameters:
    ///   - own: the directory's own security.
    ///   - inherited: the PIN record of the directory above, where the profile climbs.
    ///   - allowed: which records may be presented; a PIN nobody knows is left out here.
    public static func find(
        right: UInt8, from state: UInt8, own: DirectorySecurity, inherited: KeyRecord?,
        allowed: (Presentation) -> Bool
    ) -> [Presentation]? {
        // most files of a directory are opened by what has been presented already
        if opens(right, state) { return [] }
        let choices = (own.keys + (own.keys.contains(where: \.isPIN) ? [] : [inherited].compactMap { $0 }))
            .filter { $0.type == 0x39 || $0.type == 0x3A }
            .map { $0.isPIN ? Presentation.pin($0) : .key($0) }
            .filter(allowed)
        var reached: Set<UInt8> = [state]
        var paths: [(state: UInt8, path: [Presentation])] = [(state, [])]
        while !paths.isEmpty {
            if let found = paths.first(where: { opens(right, $0.state) }) { return found.path }
            var next: [(state: UInt8, path: [Presentation])] = []
            for (state, path) in paths {
                for choice in choices where opens(choice.record.useRight, state) {
                    let target = choice.record.reachedState
                    if reached.insert(target).inserted { next.append((target, path + [choice])) }
                }
            }
            paths = next
        }
        return nil
    }

    /// Whether a register value opens an access byte: Y ≤ register ≤ X; rights on the master file's register (`0Y`, Y > 0)
    /// are not opened here.
    public static func opens(_ right: UInt8, _ state: UInt8) -> Bool {
        AccessByte.isMet(right, by: state)
    }
}
