import CardCryptography

/// The algorithm of a key: for cards their algorithm identifier (FCI tag 9F0C, sub-tag 86).
public enum CardAlgorithm: UInt8, Hashable, Sendable, CaseIterable {
    /// 01: two-key triple DES.
    case tripleDES = 0x01
    /// 02: SSF33, which exists in hardware only; every use of it is refused.
    case ssf33 = 0x02
    /// 03: SM4.
    case sm4 = 0x03
    /// AES-128: for keys of the hierarchy that no card of this kind holds. Cards have no identifier for it, the number is ours.
    case aes = 0x10

    /// The cipher in software.
    ///
    /// - Throws: `algorithmNotAvailable` for SSF33 and for AES, which cards do not have.
    var cipher: CardCipher {
        get throws(CardKeyError) {
            switch self {
            case .tripleDES: .tripleDES
            case .sm4: .sm4
            case .ssf33, .aes: throw .algorithmNotAvailable(self)
            }
        }
    }

    /// The cipher of its 16-byte keys.
    var blockCipher: BlockCipher {
        get throws(CardKeyError) { try cipher == .sm4 ? .sm4 : .tripleDES }
    }
}

extension CardAlgorithm {
    /// The cipher that a master key of this algorithm diversifies with; no set holds a key of SSF33.
    var masterCipher: BlockCipher {
        switch self {
        case .tripleDES, .ssf33: .tripleDES
        case .sm4: .sm4
        case .aes: .aes128
        }
    }
}

extension CardAlgorithm: CustomStringConvertible {
    /// `3des`, `ssf33`, `sm4` or `aes`, as the files of this house write it.
    public var description: String {
        switch self {
        case .tripleDES: "3des"
        case .ssf33: "ssf33"
        case .sm4: "sm4"
        case .aes: "aes"
        }
    }

    /// Reads a name as `description` writes it; nil when it is none.
    public init?(_ name: String) {
        guard let match = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = match
    }
}
