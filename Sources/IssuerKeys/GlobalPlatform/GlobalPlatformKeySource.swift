import CardCryptography

/// Where sessions find the key sets of security domains, and the keys of cards for key groupings.
protocol GlobalPlatformKeySource: Sendable {
    /// The key set of a name, brought down to an area; the version is that of the protocol that the card speaks.
    func keySet(
        _ name: String, _ terms: GlobalPlatformKeyTerms, for version: SecureChannelProtocol.Version
    ) throws(GlobalPlatformKeyError) -> GlobalPlatformKeySet

    /// What everybody knows besides the test key of blanks.
    var publishedValues: [[UInt8]] { get }

    /// The names of all sets.
    var keySetNames: [String] { get }

    /// Keys of a card, one behind the other.
    func keys(_ references: [CardKeyReference], of card: CardKeyContext) throws(GlobalPlatformKeyError) -> SecretBytes
}

extension GlobalPlatformKeySource {
    /// A session, once the card has proved in constant time that it holds the set's keys.
    func session(
        _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> any GlobalPlatformSession {
        let answer = request.answer
        let spoken = answer.channelProtocol
        let set = try keySet(request.keySet, request.terms, for: spoken.version)
        guard set.protocolVersion == spoken.version else {
            throw .keysOfAnotherProtocol(keySet: set.name, spoken)
        }
        guard set.version == answer.keyVersion else {
            throw .keyVersion(keySet: set.name, expected: set.version, found: answer.keyVersion)
        }
        guard spoken.allows(request.level) else { throw .levelNotAllowed(spoken, request.level) }
        let keys = try sessionKeys(of: set, request)
        guard try isCardCryptogram(of: keys, request) else { throw refusal(of: set, request) }
        return SoftwareGlobalPlatformSession(
            keys, level: request.level, keyData: answer.keyData, source: self)
    }

    private func sessionKeys(
        of set: GlobalPlatformKeySet, _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> SecureChannelSessionKeys {
        let answer = request.answer
        let context = SecureChannelContext(
            hostChallenge: request.hostChallenge, cardChallenge: answer.cardChallenge,
            sequenceCounter: answer.sequenceCounter)
        let staticKeys = try set.cardKeys(keyData: answer.keyData)
        return try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
            try SecureChannelSessionKeys(answer.channelProtocol, staticKeys, context)
        }
    }

    private func isCardCryptogram(
        of keys: borrowing SecureChannelSessionKeys, _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> Bool {
        do {
            return constantTimeEqual(try keys.cardCryptogram(), request.answer.cryptogram)
        } catch {
            throw GlobalPlatformKeyError(error)
        }
    }

    /// Why the cryptogram is not the set's: another rule or another set is tried on the answer that is there, which costs the card
    /// nothing and sends it nothing.
    private func refusal(
        of set: GlobalPlatformKeySet, _ request: GlobalPlatformSessionRequest
    ) -> GlobalPlatformKeyError {
        for name in [set.name] + keySetNames.filter({ $0 != set.name }) {
            for rule in SecureChannelDiversification.allCases {
                let terms = GlobalPlatformKeyTerms(area: request.terms.area, diversification: rule)
                guard let other = try? keySet(name, terms, for: request.answer.channelProtocol.version),
                    let keys = try? sessionKeys(of: other, request),
                    (try? isCardCryptogram(of: keys, request)) == true
                else { continue }
                return .fitsOtherwise(
                    keySet: set.name, request.terms.diversification, found: name, rule)
            }
        }
        return .cardNotAuthentic(keySet: set.name, keyVersion: request.answer.keyVersion)
    }
}
