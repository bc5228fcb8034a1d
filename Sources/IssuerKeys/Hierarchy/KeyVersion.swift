/// The number of one edition of a key: 1, then one more at each replacement (密钥版本, 组号).
public struct KeyVersion: Hashable, Sendable {
    /// 1…255.
    public let number: UInt8

    /// A version of 1…255; nil for others.
    public init?(_ number: Int) {
        guard let number = UInt8(exactly: number), number > 0 else { return nil }
        self.number = number
    }

    private init(first number: UInt8) { self.number = number }

    /// The version that every key begins with, and that files without versions hold.
    public static let first = KeyVersion(first: 1)
}

extension KeyVersion: Comparable {
    /// Older versions come first.
    public static func < (left: KeyVersion, right: KeyVersion) -> Bool { left.number < right.number }
}

extension KeyVersion: CustomStringConvertible {
    /// The number.
    public var description: String { String(number) }

    /// Reads a number as `description` writes it; nil when it is none.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !text.hasPrefix("0"), let number = Int(text)
        else { return nil }
        self.init(number)
    }
}

/// How far a version of a key has come: it is prepared, makes cards, reads older cards, and ends.
public enum KeyStage: String, Hashable, Sendable, CaseIterable {
    /// Prepared, and used for nothing before it is made live (备用).
    case next
    /// The one that new cards are made with (启用).
    case live
    /// For the cards that were made with it, until none is left (旧版).
    case old
    /// For nothing any more (停用).
    case withdrawn

    /// Where it stands on the way of a version: later versions stand no further than earlier ones.
    var order: Int {
        switch self {
        case .next: 0
        case .live: 1
        case .old: 2
        case .withdrawn: 3
        }
    }
}
