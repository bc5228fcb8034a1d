public import CardData

/// A level of the hierarchy, from the top down.
public enum KeyLevel: String, Hashable, Sendable, CaseIterable, Comparable {
    /// 部级: the national roots.
    case ministry
    /// 省级.
    case province
    /// 市级.
    case city
    /// The card.
    case card

    /// Whether one stands above the other.
    public static func < (left: KeyLevel, right: KeyLevel) -> Bool { left.depth < right.depth }

    private var depth: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How the factor is made that diversifies the level above down to this one.
public struct LevelFactor: Hashable, Sendable {
    /// What the factor is made of.
    public enum Rule: Hashable, Sendable {
        /// The left digits of the area code as ASCII, then fixed bytes; together 8 bytes.
        case area(digits: Int, suffix: [UInt8])
        /// The 8-byte factor of the card, which the profile of its operating system makes.
        case card
    }

    /// The level that the factor leads to.
    public let level: KeyLevel
    /// What it is made of.
    public let rule: Rule
    /// Where it stands in the hierarchy file.
    public let place: SourcePlace

    /// The factor for an area; nil when it is no area code, or the level is the card's, whose factor the profile makes.
    func factor(area: String) -> DiversificationFactor? {
        guard case .area(let digits, let suffix) = rule, AreaFactor.isAreaCode(area) else { return nil }
        return DiversificationFactor(Array(area.utf8.prefix(digits)) + suffix)
    }
}
