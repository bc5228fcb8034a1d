import CardCryptography
import CardData
public import ISO7816

/// A key service behind the guard: each use is judged and written down before the service behind it is asked.
///
/// Published transport values are no issuer keys: what is done with them alone passes, and leaves no entry.
public struct GuardedKeyService: CardKeyService {
    private let base: any CardKeyService
    private let keyGuard: KeyGuard
    private let session: KeyGuard.Session

    /// A service for one operator.
    ///
    /// - Throws: `notPermitted` when the key log cannot open a session.
    public init(_ base: any CardKeyService, behind keyGuard: KeyGuard, for session: KeyUseSession) throws(CardKeyError)
    {
        self.base = base
        self.keyGuard = keyGuard
        do throws(KeyLogError) {
            self.session = try KeyGuard.Session(session, log: keyGuard.log)
        } catch {
            throw CardKeyError(error)
        }
    }

    /// The same keys in the name of somebody else, or for another ticket.
    public func acting(as session: KeyUseSession) throws(CardKeyError) -> GuardedKeyService {
        try GuardedKeyService(base, behind: keyGuard, for: session)
    }

    /// Those of the service behind, under the same guard and in the same session of the key log.
    public var securityDomains: (any GlobalPlatformKeyService)? {
        base.securityDomains.map { GuardedGlobalPlatformKeys($0, behind: keyGuard, in: session) }
    }

    /// As the service behind; the pair of challenges serves once.
    public func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try guarded(.externalAuthentication, key, card, challenges.factor + challenges.original) {
            () throws(CardKeyError) in
            try base.externalAuthentication(with: key, of: card, challenges: challenges, form: form)
        }
    }

    /// As the service behind; the challenge serves once.
    public func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try guarded(.externalAuthentication, key, card, challenge) { () throws(CardKeyError) in
            try base.plainExternalAuthentication(with: key, of: card, challenge: challenge, form: form)
        }
    }

    /// As the service behind; what was found out is written down too.
    public func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool {
        guard case .issuer(let name) = key else {
            return try base.verifyInternalAuthentication(
                answer: answer, with: key, of: card, challenges: challenges, form: form)
        }
        let use = KeyGuard.Use(
            operation: .internalAuthentication, key: name, card: card,
            challenge: challenges.factor + challenges.original)
        let place = try keyGuard.permit(use, in: session)
        let isGenuine = try noting(place) { () throws(CardKeyError) in
            try base.verifyInternalAuthentication(
                answer: answer, with: key, of: card, challenges: challenges, form: form)
        }
        if !isGenuine { try keyGuard.note(.outcome, of: place, "not-genuine", in: session) }
        return isGenuine
    }

    /// As the service behind; an answer that is not the card's is noted.
    public func verifyPlainInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> Bool {
        guard case .issuer(let name) = key else {
            return try base.verifyPlainInternalAuthentication(
                answer: answer, with: key, of: card, challenge: challenge)
        }
        let use = KeyGuard.Use(operation: .internalAuthentication, key: name, card: card, challenge: challenge)
        let place = try keyGuard.permit(use, in: session)
        let isGenuine = try noting(place) { () throws(CardKeyError) in
            try base.verifyPlainInternalAuthentication(answer: answer, with: key, of: card, challenge: challenge)
        }
        if !isGenuine { try keyGuard.note(.outcome, of: place, "not-genuine", in: session) }
        return isGenuine
    }

    /// As the service behind.
    public var identificationCodeKey: KeyName { base.identificationCodeKey }

    /// As the service behind.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] {
        try guarded(.identificationCode, key, card, []) { () throws(CardKeyError) in
            try base.identificationCodeAuthentication(over: groups, with: key, of: card)
        }
    }

    /// As the service behind, where the policy lets the operator do it.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {
        try check([need], of: card)
    }

    /// As the service behind, where the policy lets the operator do all of it.
    public func check(_ needs: [CardKeyNeed], of card: CardKeyContext) throws(CardKeyError) {
        let uses = needs.compactMap(\.operation).map {
            KeyGuard.Use(operation: $0.operation, key: $0.key, card: card)
        }
        try keyGuard.foresee(uses, in: session)
        try base.check(needs, of: card)
    }

    /// As the service behind; the entry names the key that is loaded, the challenge serves once, and no trivial PIN is written.
    public func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        let operation: KeyOperation
        let content: String?
        switch request.content {
        case .pin(let pin):
            operation = .firstPIN
            content = "PIN"
            guard !pin.isTrivial else { throw .notPermitted(.trivialPIN) }
        case .key(.issuer(let name)):
            operation = .keyLoading
            content = name.rawValue
        case .key(.transport):
            operation = .keyLoading
            content = nil
        }
        let key: KeyName
        switch request.protection {
        case .issuer(let name): key = name
        case .transport:
            // published bytes under published bytes
            guard let content else { return try base.writeKeyCommand(request) }
            key = KeyName(rawValue: content)
        }
        let place = try keyGuard.permit(
            KeyGuard.Use(
                operation: operation, key: key, card: request.card, challenge: request.challenge,
                command: CommandAPDU(0x84, 0xD4, request.p1, request.p2),
                more: content.map { [KeyLogEntry.Field("loads", $0)] } ?? []), in: session)
        return try noting(place) { () throws(CardKeyError) in try base.writeKeyCommand(request) }
    }

    /// As the service behind, for commands and files that the key may protect; the challenge serves once.
    public func protect(
        _ command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> CommandAPDU {
        let operation: KeyOperation = exchange.protection.mode == .mac ? .commandMAC : .commandEncipherment
        return try guarded(operation, exchange.key, exchange.card, exchange.challenge, command) {
            () throws(CardKeyError) in try base.protect(command, by: exchange)
        }
    }

    /// As the service behind, for the challenge of a command that was protected before.
    public func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> [UInt8]? {
        if case .issuer(let name) = exchange.key {
            try keyGuard.checkAnswer(exchange.challenge, to: exchange.card, under: name)
        }
        return try guarded(.answer, exchange.key, exchange.card, [], command) { () throws(CardKeyError) in
            try base.unprotect(answer, to: command, by: exchange)
        }
    }

    /// As the service behind: with the persons and the ticket that the policy asks for, and never a trivial PIN.
    public func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        switch request.act {
        case .reset(let pin, _, _), .reload(let pin, _):
            guard !pin.isTrivial else { throw .notPermitted(.trivialPIN) }
        case .unblock: break
        }
        return try guarded(request.act.service.operation, request.key, request.card, request.challenge) {
            () throws(CardKeyError) in
            try base.pinCommand(request)
        }
    }

    /// As the service behind.
    public func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue {
        try guarded(.checkValue, key, card, []) { () throws(CardKeyError) in
            try base.keyCheckValue(of: key, card: card)
        }
    }

    // MARK: -

    private func guarded<Value>(
        _ operation: KeyOperation, _ key: CardKeyReference, _ card: CardKeyContext, _ challenge: [UInt8],
        _ command: CommandAPDU? = nil, _ body: () throws(CardKeyError) -> Value
    ) throws(CardKeyError) -> Value {
        guard case .issuer(let name) = key else { return try body() }
        let place = try keyGuard.permit(
            KeyGuard.Use(operation: operation, key: name, card: card, challenge: challenge, command: command),
            in: session)
        return try noting(place, body)
    }

    /// A use that was written down and then failed gets a second entry.
    private func noting<Value>(
        _ place: UInt64, _ body: () throws(CardKeyError) -> Value
    ) throws(CardKeyError) -> Value {
        do throws(CardKeyError) {
            return try body()
        } catch {
            try keyGuard.note(.failed, of: place, error.faults.first?.code.rawValue ?? "", in: session)
            throw error
        }
    }
}

extension CardKeyError {
    /// A failure of the key log as a refusal.
    init(_ error: KeyLogError) {
        self = .notPermitted(Faults(error.faults) ?? Faults("key-log.closed"))
    }
}

extension Faults {
    /// A PIN that everybody guesses first.
    static var trivialPIN: Faults { Faults("key-use.trivial-pin") }
}
