import CardCryptography
import CardData

/// Keys that everybody knows: the test key 40 to 4F with which blank GlobalPlatform cards come, and what other makers have published
/// as the hierarchy tells.
///
/// Whoever holds one of these on an issued card can install what he likes on it, so they never become a card's final keys, and
/// no store for production holds them.
enum PublishedKeys {
    private static let testKey: [UInt8] = Array(0x40...0x4F)

    /// Whether any of a card's three keys is published, the test key or one of these.
    static func has(_ keys: borrowing SecureChannelStaticKeys, besides values: [[UInt8]]) -> Bool {
        var isPublished = false
        for key in SecureChannelKey.allCases {
            keys.withKey(key) { isPublished = isOne($0, of: values) || isPublished }
        }
        return isPublished
    }

    /// Whether a store holds one, under whatever name.
    static func has(_ set: KeySet, besides values: [[UInt8]]) -> Bool {
        set.identities.contains { identity in set[identity]?.withSpan { isOne($0, of: values) } ?? false }
    }

    private static func isOne(_ key: Span<UInt8>, of values: [[UInt8]]) -> Bool {
        ([testKey] + values).reduce(false) { found, value in
            value.withUnsafeBufferPointer { constantTimeEqual(key, $0.span) } || found
        }
    }
}
