import ByteText
import CardCryptography
import CardData
import ISO7816

/// Keys of security domains behind the guard: opening a channel, enciphering keys and replacing keys are judged and written down.
public struct GuardedGlobalPlatformKeys: GlobalPlatformKeyService {
    private let base: any GlobalPlatformKeyService
    private let keyGuard: KeyGuard
    private let session: KeyGuard.Session

    /// A service for one operator.
    ///
    /// - Throws: `cardKeys` when the key log cannot open a session.
    public init(
        _ base: any GlobalPlatformKeyService, behind keyGuard: KeyGuard, for session: KeyUseSession
    ) throws(GlobalPlatformKeyError) {
        self.base = base
        self.keyGuard = keyGuard
        do throws(KeyLogError) {
            self.session = try KeyGuard.Session(session, log: keyGuard.log)
        } catch {
            throw .cardKeys(CardKeyError(error))
        }
    }

    /// A service in a session of the key log that is open already.
    init(_ base: any GlobalPlatformKeyService, behind keyGuard: KeyGuard, in session: KeyGuard.Session) {
        (self.base, self.keyGuard, self.session) = (base, keyGuard, session)
    }

    /// A session, as the service behind opens it; a pair of challenges serves once.
    public func openSession(
        _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> any GlobalPlatformSession {
        let place = try permit(
            .secureChannel, request.keySet, challenge: request.hostChallenge + request.answer.cardChallenge,
            [KeyLogEntry.Field("domain", request.answer.keyData.hexadecimal)])
        do throws(GlobalPlatformKeyError) {
            return GuardedGlobalPlatformSession(try base.openSession(request), keySet: request.keySet, keys: self)
        } catch {
            try note(place, error)
            throw error
        }
    }

    /// As the service behind, where the policy lets the operator do it.
    public func check(
        _ need: SecurityDomainNeed, keySet: String, of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) {
        do throws(CardKeyError) {
            try keyGuard.foresee(
                [KeyGuard.Use(operation: need.operation, key: KeyName(rawValue: keySet), card: card)], in: session)
        } catch {
            throw .cardKeys(error)
        }
        try base.check(need, keySet: keySet, of: card)
    }

    func permit(
        _ operation: KeyOperation, _ keySet: String, card: CardKeyContext? = nil, challenge: [UInt8] = [],
        _ more: [KeyLogEntry.Field] = []
    ) throws(GlobalPlatformKeyError) -> UInt64 {
        do throws(CardKeyError) {
            return try keyGuard.permit(
                KeyGuard.Use(
                    operation: operation, key: KeyName(rawValue: keySet), card: card, challenge: challenge, more: more),
                in: session)
        } catch {
            throw .cardKeys(error)
        }
    }

    func note(_ place: UInt64, _ error: GlobalPlatformKeyError) throws(GlobalPlatformKeyError) {
        do throws(CardKeyError) {
            try keyGuard.note(.failed, of: place, error.faults.first?.code.rawValue ?? "", in: session)
        } catch {
            throw .cardKeys(error)
        }
    }
}

/// A session of which the uses of issuer keys are judged and written down; commands under its session keys pass.
private final class GuardedGlobalPlatformSession: GlobalPlatformSession {
    private let base: any GlobalPlatformSession
    private let keySet: String
    private let keys: GuardedGlobalPlatformKeys

    init(_ base: any GlobalPlatformSession, keySet: String, keys: GuardedGlobalPlatformKeys) {
        self.base = base
        self.keySet = keySet
        self.keys = keys
    }

    var channelProtocol: SecureChannelProtocol { base.channelProtocol }
    var level: SecureChannelLevel { base.level }

    func externalAuthentication() throws(GlobalPlatformKeyError) -> CommandAPDU { try base.externalAuthentication() }

    func wrap(_ command: CommandAPDU) throws(GlobalPlatformKeyError) -> CommandAPDU { try base.wrap(command) }

    func unwrap(_ response: ResponseAPDU) throws(GlobalPlatformKeyError) -> ResponseAPDU { try base.unwrap(response) }

    func encipher(
        keys names: [CardKeyReference], of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) -> [UInt8] {
        let loads = names.map { name in
            switch name {
            case .issuer(let key): key.rawValue
            case .transport: "transport"
            }
        }
        return try guarded(.keyData, card, [KeyLogEntry.Field("loads", loads.joined(separator: ","))]) {
            () throws(GlobalPlatformKeyError) in try base.encipher(keys: names, of: card)
        }
    }

    func encipher(
        _ content: borrowing SecretBytes, _ padding: SensitivePadding
    ) throws(GlobalPlatformKeyError) -> [UInt8] { try base.encipher(content, padding) }

    func putKey(_ request: PutKeyRequest) throws(GlobalPlatformKeyError) -> PutKeyCommand {
        try guarded(.putKey, nil, [KeyLogEntry.Field("loads", request.keySet)]) {
            () throws(GlobalPlatformKeyError) in try base.putKey(request)
        }
    }

    func close() { base.close() }

    private func guarded<Value>(
        _ operation: KeyOperation, _ card: CardKeyContext?, _ more: [KeyLogEntry.Field],
        _ body: () throws(GlobalPlatformKeyError) -> Value
    ) throws(GlobalPlatformKeyError) -> Value {
        let place = try keys.permit(operation, keySet, card: card, more)
        do throws(GlobalPlatformKeyError) {
            return try body()
        } catch {
            try keys.note(place, error)
            throw error
        }
    }
}
