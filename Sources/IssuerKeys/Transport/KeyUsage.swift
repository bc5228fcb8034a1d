/// What key blocks say of the keys of the card: two letters of use, one of the algorithm (ANSI X9.143).
extension KeyHierarchy.Key {
    /// The usage: E1 confidentiality and E2 integrity of commands, E3 authentication, E5 loading of keys, E0 transactions, E6 other.
    var blockUsage: String {
        if uses.contains(.keyLoading) { return "E5" }
        if uses.contains(.commandEncipherment) { return "E1" }
        if uses.contains(.commandMAC) { return "E2" }
        if uses.contains(.internalAuthentication) { return "E3" }
        return uses.contains(.transaction) ? "E0" : "E6"
    }
}

extension CardAlgorithm {
    /// T for 3DES, A for AES; 4 for SM4, which X9.143 has no letter for and leaves the digits to makers.
    ///
    /// - Throws: `algorithmNotAvailable` for SSF33.
    var blockLetter: Character {
        get throws(CardKeyError) {
            switch self {
            case .tripleDES: "T"
            case .sm4: "4"
            case .aes: "A"
            case .ssf33: throw .algorithmNotAvailable(self)
            }
        }
    }

    /// The algorithm of a letter; nil for letters that the card has no algorithm for.
    init?(blockLetter: Character) {
        switch blockLetter {
        case "T": self = .tripleDES
        case "4": self = .sm4
        case "A": self = .aes
        default: return nil
        }
    }
}
