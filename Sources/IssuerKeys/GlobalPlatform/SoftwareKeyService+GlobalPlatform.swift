import CardCryptography

/// The sealed store's masters of security domains, brought down by the hierarchy: store → city → card.
extension SoftwareKeyService: GlobalPlatformKeyService, GlobalPlatformKeySource {
    /// The service itself.
    public var securityDomains: (any GlobalPlatformKeyService)? { self }

    /// Finds every key of the need.
    public func check(
        _ need: SecurityDomainNeed, keySet: String, of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) { try found(need, keySet: keySet, of: card) }

    /// A session, once the card has proved that it holds the set's keys.
    public func openSession(
        _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> any GlobalPlatformSession { try session(request) }

    var publishedValues: [[UInt8]] { hierarchy.publishedValues }

    var keySetNames: [String] { hierarchy.securityDomains.map(\.name) }

    func keySet(
        _ name: String, _ terms: GlobalPlatformKeyTerms, for version: SecureChannelProtocol.Version
    ) throws(GlobalPlatformKeyError) -> GlobalPlatformKeySet {
        guard let described = hierarchy.securityDomain(name) else { throw .unknownKeySet(name) }
        switch described.source {
        case .published(let value):
            return try GlobalPlatformKeySet(
                name: name, version: described.version, for: version, master: SecretBytes(copying: value), .none)
        case .masters(let encryption, let mac, let dataEncryption):
            return try GlobalPlatformKeySet(
                name: name, version: described.version, for: version,
                encryptionMaster: try cityMaster(encryption, described.edition, version, area: terms.area),
                macMaster: try cityMaster(mac, described.edition, version, area: terms.area),
                dataEncryptionMaster: try cityMaster(dataEncryption, described.edition, version, area: terms.area),
                terms.diversification)
        }
    }

    func keys(_ references: [CardKeyReference], of card: CardKeyContext) throws(GlobalPlatformKeyError) -> SecretBytes {
        var joined = SecretBytes.filling(count: 0) { _ in }
        for reference in references {
            do throws(CardKeyError) {
                let key = try cardKey(reference, for: nil, of: card)
                joined = try key.use { key throws(CryptographyError) in joined.appending(key) }
            } catch {
                throw .cardKeys(error)
            }
        }
        return joined
    }

    /// A city's master of one edition: 3DES for SCP02, AES for SCP03.
    private func cityMaster(
        _ name: KeyName, _ edition: KeyVersion, _ version: SecureChannelProtocol.Version, area: String
    ) throws(GlobalPlatformKeyError) -> HeldKey {
        do throws(CardKeyError) {
            if hierarchy[name]?.stage(of: edition) == .withdrawn {
                throw CardKeyError.versionWithdrawn(name, edition)
            }
            return try areaKey(
                KeySet.Identity(name: name, algorithm: version == .scp02 ? .tripleDES : .aes, version: edition),
                area: area)
        } catch {
            throw .cardKeys(error)
        }
    }
}

extension SecretBytes {
    /// These bytes, then others.
    borrowing func appending(_ other: Span<UInt8>) -> SecretBytes {
        withSpan { mine in
            SecretBytes.filling(count: mine.count + other.count) { span in
                for index in mine.indices { span[index] = mine[index] }
                for index in other.indices { span[mine.count + index] = other[index] }
            }
        }
    }
}
