import CardCryptography
import CardData

/// Keys that everybody knows: the test key 40 to 4F with which blank GlobalPlatform cards come.
///
/// Whoever holds one of these on an issued card can install what he likes on it, so they never become a card's final keys, and
/// no store for production holds them.
enum PublishedKeys {
    private static let testKey: [UInt8] = Array(0x40...0x4F)

    /// Whether any of a card's three keys is published.
    static func has(_ keys: borrowing SecureChannelStaticKeys) -> Bool {
        var isPublished = false
        for key in SecureChannelKey.allCases {
            keys.withKey(key) { isPublished = isTestKey($0) || isPublished }
        }
        return isPublished
    }

    /// Whether a store holds one, under whatever name.
    static func has(_ set: KeySet) -> Bool {
        set.identities.contains { identity in set[identity]?.withSpan { isTestKey($0) } ?? false }
    }

    private static func isTestKey(_ key: Span<UInt8>) -> Bool {
        testKey.withUnsafeBufferPointer { constantTimeEqual(key, $0.span) }
    }
}
