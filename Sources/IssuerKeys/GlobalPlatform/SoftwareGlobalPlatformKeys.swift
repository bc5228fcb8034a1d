import CardCryptography

/// Key sets of security domains that were made in this process, whatever the area: for cards without a sealed store behind them.
public final class SoftwareGlobalPlatformKeys: GlobalPlatformKeyService, GlobalPlatformKeySource {
    private let keySets: [String: GlobalPlatformKeySet]
    private let cardKeys: SoftwareKeyService?

    /// A service over key sets; of two with one name the later counts.
    ///
    /// - Parameter cardKeys: Where the keys of cards come from that go into key data groupings; nil when none do.
    public init(_ keySets: [GlobalPlatformKeySet], cardKeys: SoftwareKeyService? = nil) {
        self.keySets = Dictionary(keySets.map { ($0.name, $0) }) { $1 }
        self.cardKeys = cardKeys
    }

    /// Finds every key of the need.
    public func check(
        _ need: SecurityDomainNeed, keySet: String, of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) { try found(need, keySet: keySet, of: card) }

    /// A session, once the card has proved that it holds the set's keys.
    public func openSession(
        _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> any GlobalPlatformSession { try session(request) }

    func keySet(
        _ name: String, _ terms: GlobalPlatformKeyTerms, for version: SecureChannelProtocol.Version
    ) throws(GlobalPlatformKeyError) -> GlobalPlatformKeySet {
        guard let set = keySets[name] else { throw .unknownKeySet(name) }
        return set
    }

    var publishedValues: [[UInt8]] { [] }

    var keySetNames: [String] { keySets.keys.sorted() }

    func keys(_ references: [CardKeyReference], of card: CardKeyContext) throws(GlobalPlatformKeyError) -> SecretBytes {
        guard let cardKeys else { throw .noCardKeys }
        return try cardKeys.keys(references, of: card)
    }
}
