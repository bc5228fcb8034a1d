import ByteText
import CardCryptography
import CardLayout
import ISO7816

/// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE (Card Specification appendix E.5, Amendment D §7.1).
extension GlobalPlatformCard {
    func initializeUpdate(_ command: CommandAPDU) throws -> [UInt8] {
        let spoken = profile.channelProtocol
        session.channel = nil
        session.beginning = nil
        guard command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard command.data.count == spoken.challengeLength else { throw Refusal(.wrongLength) }
        let version = command.p1 == 0 ? content.defaultKeyVersion : command.p1
        guard let set = content.keySets[version] else { throw Refusal(.referencedDataNotFound) }
        let staticKeys = try set.staticKeys(spoken.version)
        let counter = Array(content.sequenceCounter.bigEndianBytes.suffix(spoken.sequenceCounterLength))
        let challenge =
            spoken.hasPseudoRandomChallenge
            ? try SecureChannelSessionKeys.pseudoRandomChallenge(
                spoken, staticKeys, sequenceCounter: counter,
                application: session.application ?? profile.securityDomain)
            : try randomChallenge(spoken.cardChallengeLength)
        let context = SecureChannelContext(
            hostChallenge: command.data, cardChallenge: challenge, sequenceCounter: counter)
        let channel = GlobalPlatformCardChannel(try SecureChannelSessionKeys(spoken, staticKeys, context))
        let cryptogram = try channel.keys.cardCryptogram()
        session.beginning = channel
        switch spoken.version {
        case .scp02: return keyData + [version, 0x02] + counter + challenge + cryptogram
        case .scp03:
            // a pseudo-random challenge must not come twice, so the counter has moved before the host answers
            moveSequenceCounter()
            return keyData + [version, 0x03, spoken.parameter] + challenge + cryptogram + counter
        }
    }

    func externalAuthenticate(_ command: CommandAPDU) throws {
        guard let channel = session.beginning else { throw Refusal(.conditionsNotSatisfied) }
        // one try: whatever comes of it, the next needs another INITIALIZE UPDATE
        session.beginning = nil
        guard content.failedAuthentications < profile.authenticationTries else {
            throw Refusal(.authenticationMethodBlocked)
        }
        guard command.p2 == 0, let level = SecureChannelLevel(rawValue: command.p1),
            profile.channelProtocol.allows(level)
        else { throw Refusal(.incorrectParameters) }
        guard try channel.authenticate(command, level) else {
            content.failedAuthentications += 1
            throw Refusal(.authenticationFailed)
        }
        content.failedAuthentications = 0
        // SCP02 counts the channels whose first MAC was right (appendix E.1.2)
        if profile.channelProtocol.version == .scp02 { moveSequenceCounter() }
        session.channel = channel
        session.nextBlock = 0
    }

    private func moveSequenceCounter() { content.sequenceCounter &+= 1 }
}

extension StatusWord {
    /// 6300: the cryptogram was not verified.
    static let authenticationFailed = StatusWord(rawValue: 0x6300)
}
