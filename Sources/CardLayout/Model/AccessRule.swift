/// Who may read or write: `free | never | card | pin | KEYNAME`, joined by `|` and `&`, with parentheses.
public indirect enum AccessRule: Hashable, Sendable {
    /// Everybody.
    case free
    /// Nobody.
    case never
    /// The card alone, by its own transactions.
    case card
    /// Whoever has presented the PIN.
    case pin
    /// Whoever has authenticated with this key.
    case key(String)
    /// One of these is enough.
    case any([AccessRule])
    /// All of these are needed.
    case all([AccessRule])

    /// Whether the rule is met by what has been presented.
    public func isMet(pin: Bool, keys: Set<String>) -> Bool {
        switch self {
        case .free: true
        case .never, .card: false
        case .pin: pin
        case .key(let name): keys.contains(name)
        case .any(let rules): rules.contains { $0.isMet(pin: pin, keys: keys) }
        case .all(let rules): rules.allSatisfy { $0.isMet(pin: pin, keys: keys) }
        }
    }

    /// The names of all keys in the rule.
    public var keyNames: Set<String> {
        switch self {
        case .free, .never, .card, .pin: []
        case .key(let name): [name]
        case .any(let rules), .all(let rules): rules.reduce(into: []) { $0.formUnion($1.keyNames) }
        }
    }
}
