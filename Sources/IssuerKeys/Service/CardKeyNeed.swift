public import CardCryptography

/// What a card will ask a key service for, without its challenge: enough to know beforehand whether the service can do it.
public enum CardKeyNeed: Hashable, Sendable {
    /// EXTERNAL AUTHENTICATE with a key.
    case externalAuthentication(CardKeyReference)
    /// WRITE KEY of a key, or of a PIN where there is none, under another key.
    case writeKey(CardKeyReference?, under: CardKeyReference)
    /// A command that serves a PIN under a key.
    case pinService(PINService, CardKeyReference)
    /// A command under line protection, whose answer is in plain or has nothing but a MAC.
    case lineProtection(LineProtection.Mode, CardKeyReference)
    /// A command whose answer is enciphered under line protection: it has to be deciphered here.
    case encipheredReading(CardKeyReference)
    /// What a security domain wants, in a channel under the keys of a set.
    case securityDomain(SecurityDomainNeed, keySet: String)

    /// The commands that serve a PIN under the issuer's keys.
    public enum PINService: Hashable, Sendable {
        /// A new PIN takes the old one's place (84 24 with data).
        case reset
        /// The PIN gets its tries back (84 24 without data).
        case unblock
        /// A new PIN takes the old one's place (80 5E 00).
        case reload
    }

    /// As the policy of use names it; nil for published values alone, which need no leave.
    var operation: (operation: KeyOperation, key: KeyName)? {
        switch self {
        case .externalAuthentication(.issuer(let name)): (.externalAuthentication, name)
        case .writeKey(nil, under: .issuer(let name)): (.firstPIN, name)
        case .writeKey(.some, under: .issuer(let name)): (.keyLoading, name)
        case .writeKey(.issuer(let name), under: .transport): (.keyLoading, name)
        case .pinService(let service, .issuer(let name)): (service.operation, name)
        case .lineProtection(.mac, .issuer(let name)): (.commandMAC, name)
        case .lineProtection(.encipheredWithMAC, .issuer(let name)), .encipheredReading(.issuer(let name)):
            (.commandEncipherment, name)
        case .securityDomain(let need, let keySet): (need.operation, KeyName(rawValue: keySet))
        case .externalAuthentication(.transport), .writeKey(.transport, under: .transport),
            .writeKey(nil, under: .transport), .pinService(_, .transport), .lineProtection(_, .transport),
            .encipheredReading(.transport):
            nil
        }
    }
}

extension CardKeyNeed.PINService {
    /// As the policy of use names it.
    var operation: KeyOperation {
        switch self {
        case .reset: .pinReset
        case .unblock: .pinUnblock
        case .reload: .pinReload
        }
    }
}

extension [CardKeyNeed] {
    /// Each need once, in its order.
    public var eachOnce: [CardKeyNeed] {
        var seen: Set<CardKeyNeed> = []
        return filter { seen.insert($0).inserted }
    }
}
