import CardCryptography

/// Keys of security domains in this process's memory.
public final class SoftwareGlobalPlatformKeys: GlobalPlatformKeyService {
    private let keySets: [String: GlobalPlatformKeySet]
    private let cardKeys: SoftwareKeyService?

    /// A service over key sets; of two with one name the later counts.
    ///
    /// - Parameter cardKeys: Where the keys of cards come from that go into key data groupings; nil when none do.
    public init(_ keySets: [GlobalPlatformKeySet], cardKeys: SoftwareKeyService? = nil) {
        self.keySets = Dictionary(keySets.map { ($0.name, $0) }) { $1 }
        self.cardKeys = cardKeys
    }

    /// A session, once the card has proved that it holds the set's keys.
    public func openSession(
        _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> any GlobalPlatformSession {
        let set = try keySet(request.keySet)
        let answer = request.answer
        let spoken = answer.channelProtocol
        guard set.protocolVersion == spoken.version else {
            throw .keysOfAnotherProtocol(keySet: set.name, spoken)
        }
        guard set.version == answer.keyVersion else {
            throw .keyVersion(keySet: set.name, expected: set.version, found: answer.keyVersion)
        }
        guard spoken.allows(request.level) else { throw .levelNotAllowed(spoken, request.level) }
        let context = SecureChannelContext(
            hostChallenge: request.hostChallenge, cardChallenge: answer.cardChallenge,
            sequenceCounter: answer.sequenceCounter)
        let staticKeys = try set.cardKeys(keyData: answer.keyData)
        let session = try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
            try SecureChannelSessionKeys(spoken, staticKeys, context)
        }
        let expected = try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
            try session.cardCryptogram()
        }
        guard constantTimeEqual(expected, answer.cryptogram) else {
            throw .cardNotAuthentic(keySet: set.name, keyVersion: answer.keyVersion)
        }
        return SoftwareGlobalPlatformSession(
            session, level: request.level, keyData: answer.keyData, service: self)
    }

    func keySet(_ name: String) throws(GlobalPlatformKeyError) -> GlobalPlatformKeySet {
        guard let set = keySets[name] else { throw .unknownKeySet(name) }
        return set
    }

    /// Keys of a card, one behind the other.
    func keys(_ references: [CardKeyReference], of card: CardKeyContext) throws(GlobalPlatformKeyError) -> SecretBytes {
        guard let cardKeys else { throw .noCardKeys }
        var joined = SecretBytes.filling(count: 0) { _ in }
        for reference in references {
            do throws(CardKeyError) {
                let key = try cardKeys.cardKey(reference, for: nil, of: card)
                joined = try key.use { key throws(CryptographyError) in joined.appending(key) }
            } catch {
                throw .cardKeys(error)
            }
        }
        return joined
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
