import CardCryptography

/// The algorithm identifier of the social-security card (FCI tag 9F0C, sub-tag 86).
public enum CardAlgorithm: UInt8, Hashable, Sendable, CaseIterable {
    /// 01: two-key triple DES.
    case tripleDES = 0x01
    /// 02: SSF33, which exists in hardware only; every use of it is refused.
    case ssf33 = 0x02
    /// 03: SM4.
    case sm4 = 0x03

    /// The cipher in software.
    ///
    /// - Throws: `algorithmNotAvailable` for SSF33.
    var cipher: CardCipher {
        get throws(CardKeyError) {
            switch self {
            case .tripleDES: .tripleDES
            case .sm4: .sm4
            case .ssf33: throw .algorithmNotAvailable(self)
            }
        }
    }

    /// The cipher of its 16-byte keys.
    var blockCipher: BlockCipher {
        get throws(CardKeyError) { try cipher == .sm4 ? .sm4 : .tripleDES }
    }
}

extension CardAlgorithm: CustomStringConvertible {
    /// `3des`, `ssf33` or `sm4`, as the files of this house write it.
    public var description: String {
        switch self {
        case .tripleDES: "3des"
        case .ssf33: "ssf33"
        case .sm4: "sm4"
        }
    }

    /// Reads a name as `description` writes it; nil when it is none.
    public init?(_ name: String) {
        guard let match = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = match
    }
}
