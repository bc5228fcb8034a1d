/// What a card will ask a key service for, without its challenge: enough to know beforehand whether the service can do it.
public enum CardKeyNeed: Hashable, Sendable {
    /// EXTERNAL AUTHENTICATE with a key.
    case externalAuthentication(CardKeyReference)
    /// WRITE KEY of a key, or of a PIN where there is none, under another key.
    case writeKey(CardKeyReference?, under: CardKeyReference)
    /// What a security domain wants, in a channel under the keys of a set.
    case securityDomain(SecurityDomainNeed, keySet: String)

    /// As the policy of use names it; nil for published values alone, which need no leave.
    var operation: (operation: KeyOperation, key: KeyName)? {
        switch self {
        case .externalAuthentication(.issuer(let name)): (.externalAuthentication, name)
        case .writeKey(nil, under: .issuer(let name)): (.firstPIN, name)
        case .writeKey(.some, under: .issuer(let name)): (.keyLoading, name)
        case .writeKey(.issuer(let name), under: .transport): (.keyLoading, name)
        case .securityDomain(let need, let keySet): (need.operation, KeyName(rawValue: keySet))
        case .externalAuthentication(.transport), .writeKey(.transport, under: .transport),
            .writeKey(nil, under: .transport):
            nil
        }
    }
}
