import CardCryptography
public import CardLayout
public import ISO7816
import IssuerKeys

/// What a security domain has shown of its keys, without a try being spent.
public enum SecurityDomainProof: Hashable, Sendable {
    /// It holds the keys.
    case proven
    /// Its cryptogram is made with keys that nobody here has.
    case otherKeys
    /// It does not prove itself.
    case refused
    /// It did not come to proving itself, for a reason that says nothing of its keys (``StatusWord/saysNothingOfKeys``).
    case disturbed(StatusWord)
    /// It still has the keys that blanks come with: the card was never finished.
    case keysOfBlank
    /// It has keys of another version, rule or protocol than what it was asked for, which says nothing against the card: why.
    case open(GlobalPlatformError)
}

/// The secure channel of a conversation: begun by INITIALIZE UPDATE, open after EXTERNAL AUTHENTICATE, gone with a selection, a reset
/// or an answer that is not the card's.
struct SecurityDomainState {
    var begun: GlobalPlatformChannel.Begun?
    var channel: GlobalPlatformChannel?
    /// What the last INITIALIZE UPDATE asked for; nil before one.
    var asked: AskedKeySet?

    /// Wipes the session's keys.
    mutating func close() {
        begun?.close()
        channel?.close()
        self = SecurityDomainState()
    }
}

extension CardConversation {
    /// Sends an operation of the secure channel; status words other than success come back in the answer.
    func send(_ operation: SecurityDomainOperation) throws(CardError) -> ResponseAPDU {
        do {
            return try perform(operation)
        } catch .channel(let error) {
            securityDomain.close()
            throw .channel(error)
        } catch {
            throw .securityDomain(error)
        }
    }

    /// Makes EXTERNAL AUTHENTICATE ready before a try is counted for it.
    func prepareChannel() throws(CardError) {
        guard let begun = securityDomain.begun else { throw .securityDomain(.keys(.sessionClosed)) }
        do {
            try begun.prepare()
        } catch {
            throw .securityDomain(error)
        }
    }

    private func perform(_ operation: SecurityDomainOperation) throws(GlobalPlatformError) -> ResponseAPDU {
        switch operation {
        case .initializeUpdate(let settings):
            securityDomain.close()
            guard let keys = keys.securityDomains else { throw .keys(.noSecurityDomains) }
            securityDomain.begun = try GlobalPlatformChannel.begin(
                on: AnswerFetchingChannel(self), keys: keys, settings, area: context.area)
            return ResponseAPDU(.success)
        case .externalAuthenticate:
            guard let begun = securityDomain.begun else { throw .keys(.sessionClosed) }
            securityDomain.begun = nil
            let (response, channel) = try begun.authenticate()
            securityDomain.channel = channel
            return response
        case .secured(let command): return try channelToDomain().send(command)
        case .storeKeys(let grouping, _, let p1, let number):
            let channel = try channelToDomain()
            let content = try GlobalPlatformError.reportingKeys { () throws(GlobalPlatformKeyError) in
                try channel.session.encipher(
                    keys: grouping.keys.map { .issuer(KeyName(rawValue: $0)) }, of: context)
            }
            return try store(grouping.identifier, content, p1, number, through: channel)
        case .storePIN(let grouping, let p1, let number):
            let channel = try channelToDomain()
            return try store(grouping, try pinBlock(under: channel), p1, number, through: channel)
        case .setLifeCycle(let state): return try setLifeCycle(state)
        case .putKey(let replacement, let check):
            let channel = try channelToDomain()
            let request = try GlobalPlatformError.reportingKeys { () throws(GlobalPlatformKeyError) in
                try channel.session.putKey(
                    PutKeyRequest(
                        keySet: replacement.keySet,
                        terms: GlobalPlatformKeyTerms(
                            area: context.area,
                            diversification: profile.globalPlatform?.diversification(of: replacement.keySet) ?? .none),
                        replacing: replacement.replacing, checkValue: check.method,
                        statesLength: replacement.statesLength))
            }
            let response = try channel.send(request.command)
            // the check values say whether the card deciphered what was sent
            if response.statusWord.isSuccess, response.data != request.answer { throw .differs("PUT KEY") }
            return response
        }
    }

    private func channelToDomain() throws(GlobalPlatformError) -> GlobalPlatformChannel {
        guard let channel = securityDomain.channel else { throw .keys(.sessionClosed) }
        return channel
    }

    private func store(
        _ grouping: UInt16, _ content: [UInt8], _ p1: UInt8, _ number: Int, through channel: GlobalPlatformChannel
    ) throws(GlobalPlatformError) -> ResponseAPDU {
        guard let data = DataGrouping(grouping, content) else { throw .malformed(.dataTooLong(content.count)) }
        return try channel.send(GlobalPlatformCommands.storeData(p1: p1, number: number, data.bytes))
    }

    private func pinBlock(under channel: GlobalPlatformChannel) throws(GlobalPlatformError) -> [UInt8] {
        guard let pin else { throw .noPIN }
        do {
            return try pin.withBlock { block throws(GlobalPlatformKeyError) in
                try channel.session.encipher(SecretBytes(copying: block), .bit)
            }
        } catch {
            throw .keys(error)
        }
    }

    /// A card that has gone that far already refuses to go there again: it is asked where it is before that counts as a refusal.
    private func setLifeCycle(_ state: UInt8) throws(GlobalPlatformError) -> ResponseAPDU {
        let channel = try channelToDomain()
        let response = try channel.send(GlobalPlatformCommands.setStatus(.card, state))
        guard response.statusWord == .conditionsNotSatisfied else { return response }
        let status = try channel.send(GlobalPlatformCommands.getStatus(.card))
        // E3 L 4F L AID 9F70 01 state …
        let bytes = status.data
        guard status.statusWord.isSuccess, bytes.count > 4, bytes[2] == 0x4F else { return response }
        let tail = Array(bytes.dropFirst(4 + Int(bytes[3])).prefix(4))
        guard tail.starts(with: [0x9F, 0x70, 0x01]), tail.count == 4, tail[3] >= state, tail[3] <= 0x0F
        else {
            return response
        }
        return ResponseAPDU(.success)
    }

    /// Whether the security domain holds the keys of a set: SELECT, INITIALIZE UPDATE, and the cryptogram it answers; no try is spent.
    public func proofOfSecurityDomain(
        _ profile: GlobalPlatformProfile, _ settings: GlobalPlatformChannel.Settings
    ) throws(CardError) -> SecurityDomainProof {
        let command: CommandAPDU
        do { command = try GlobalPlatformCommands.select(profile.securityDomain) } catch {
            throw .securityDomain(error)
        }
        let selection = try send(.fixed(command), wantsAnswer: false).statusWord
        guard selection.isSuccess else { return selection.saysNothingOfKeys ? .disturbed(selection) : .refused }
        // the set that blanks come with, where cards are not left with it
        let blankSet = settings.keySet == profile.keySet ? nil : profile.keySet
        do throws(CardError) {
            _ = try send(.securityDomain(.initializeUpdate(settings)))
            securityDomain.close()
            return .proven
        } catch {
            guard case .securityDomain(let reason) = error else { throw error }
            switch reason {
            case .keys(.cardNotAuthentic): return .otherKeys
            case .refused(_, let statusWord): return statusWord.saysNothingOfKeys ? .disturbed(statusWord) : .refused
            case .keys(.keyVersion(_, _, let found)) where found == profile.blankKeys.version && blankSet != nil:
                return .keysOfBlank
            case .keys(.fitsOtherwise(_, _, let found, _)) where found == blankSet: return .keysOfBlank
            case .keys(.keyVersion), .keys(.fitsOtherwise), .keys(.keysOfAnotherProtocol), .initializeUpdate,
                .protocolDiffers:
                return .open(reason)
            default: throw error
            }
        }
    }
}

extension GlobalPlatformProfile.KeyReplacement.CheckValue {
    fileprivate var method: KeyCheckValue.Method {
        switch self {
        case .encryptedZeros: .encryptedZeros
        case .encryptedOnes: .encryptedOnes
        case .cmacOfZeros: .cmacOfZeros
        }
    }
}

/// The conversation's way to the card with the pieces of an answer put together, as T=0 hands them out: protection is judged over
/// the whole.
private final class AnswerFetchingChannel: CardChannel {
    private unowned let conversation: CardConversation

    init(_ conversation: CardConversation) { self.conversation = conversation }

    var answerToReset: AnswerToReset { conversation.channel.answerToReset }
    var largestCommandData: Int { conversation.channel.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        do {
            return try conversation.exchange(command, true)
        } catch {
            guard case .channel(let reason) = error else { throw .malformedAnswer(0) }
            throw reason
        }
    }

    func reset() throws(CardChannelError) { try conversation.channel.reset() }
}
