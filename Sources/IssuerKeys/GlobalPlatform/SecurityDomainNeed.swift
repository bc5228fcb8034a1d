public import CardCryptography

/// What a security domain will want of a key service, as far as it is known before the card is touched.
public enum SecurityDomainNeed: Hashable, Sendable {
    /// A secure channel.
    case channel(SecureChannelProtocol.Version, SecureChannelDiversification)
    /// Keys of the card, enciphered under the channel's DEK.
    case keyData([CardKeyReference])
    /// The keys of another set in the place of those that the card came with.
    case putKey(keySet: String, SecureChannelProtocol.Version, SecureChannelDiversification)

    /// As the policy of use names it.
    var operation: KeyOperation {
        switch self {
        case .channel: .secureChannel
        case .keyData: .keyData
        case .putKey: .putKey
        }
    }
}

extension GlobalPlatformKeySource {
    /// Finds every key of the need; refuses what is not held, or is published and would stay on the card.
    func found(
        _ need: SecurityDomainNeed, keySet: String, of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) {
        switch need {
        case .channel(let version, let rule): _ = try masters(keySet, version, rule, card)
        case .keyData(let references): _ = try keys(references, of: card)
        case .putKey(let name, let version, let rule):
            // the card's own data are not known yet: published values are the same whatever they are
            let keys = try masters(name, version, rule, card).cardKeys(keyData: [UInt8](repeating: 0, count: 10))
            guard !PublishedKeys.has(keys, besides: publishedValues) else { throw .publishedKeys(name) }
        }
    }

    private func masters(
        _ name: String, _ version: SecureChannelProtocol.Version, _ rule: SecureChannelDiversification,
        _ card: CardKeyContext
    ) throws(GlobalPlatformKeyError) -> GlobalPlatformKeySet {
        try keySet(name, GlobalPlatformKeyTerms(area: card.area, diversification: rule), for: version)
    }
}

extension CardKeyService {
    /// Refuses beforehand what the service's keys of security domains cannot do.
    func checkSecurityDomain(
        _ need: SecurityDomainNeed, keySet: String, of card: CardKeyContext
    ) throws(CardKeyError) {
        do throws(GlobalPlatformKeyError) {
            guard let domains = securityDomains else { throw .noSecurityDomains }
            try domains.check(need, keySet: keySet, of: card)
        } catch {
            if case .cardKeys(let reason) = error { throw reason }
            throw .securityDomain(error)
        }
    }
}
