import ByteText
import CardCryptography
public import ISO7816
public import IssuerKeys

/// Issuer keys in a hardware module elsewhere, behind a gateway that speaks the messages of the Step1/Step2 flow over mutual TLS.
///
/// It authenticates to cards (business 02), checks them (01), and sets PINs anew (03); for everything else gateways have no message,
/// and it is refused before the gateway is called. Calls block for as long as the settings allow, so they are made on the card's own
/// thread; any number of them may run at once. What broke off behind a question is never asked again by itself.
public struct RemoteKeyService: CardKeyService {
    private let gateway: HSMGateway
    private let hierarchy: KeyHierarchy

    /// A service over a gateway, which is not called yet.
    public init(_ settings: GatewaySettings, as credentials: GatewayCredentials, hierarchy: KeyHierarchy) {
        gateway = HSMGateway(settings, as: credentials)
        self.hierarchy = hierarchy
    }

    /// Greets the gateway: both sides prove who they are, and no key is used.
    ///
    /// - Returns: when its certificate ends, `YYYYMMDDHHMMSS` UTC.
    public func greet() throws(CardKeyError) -> String? {
        try gatewayly { () throws(HSMGatewayFault) in try gateway.greet() }
    }

    /// Business 02: X ‖ Y of the module.
    public func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        let address = try address(of: key, for: .externalAuthentication, card)
        try check(challenges)
        try checkForm(form, key, card)
        try checkOriginal(form, key, card)
        let message = HSMBusiness.authenticate(try subject(card), keyAddress: address, challenges)
        let answer = try gatewayly { () throws(HSMGatewayFault) in try gateway.answer(to: message) }
        return try authentication(HSMKeyAnswer(orMalformed: answer).authentication, answers: challenges).bytes
    }

    /// Business 01 without its external half; needs the card's identification code.
    public func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool {
        _ = try address(of: key, for: .internalAuthentication, card)
        try check(challenges)
        try checkForm(form, key, card)
        try checkOriginal(form, key, card)
        guard let code = card.identificationCode else { throw .gateway(.notRead(.identificationCode)) }
        let message = HSMBusiness.readBasic(
            try subject(card), identificationCode: code, internal: challenges, external: nil)
        let text = try gatewayly { () throws(HSMGatewayFault) in try gateway.answer(to: message) }
        let genuine = try HSMBasicAnswer(orMalformed: text)
        guard genuine.externalAuthentication == nil else { throw .gateway(.malformed("an answer nobody asked for")) }
        return constantTimeEqual(
            answer, try authentication(genuine.internalAuthentication, answers: challenges).cryptogram)
    }

    /// Refused: there is no message for it.
    public func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] { throw cannot(key, "plain EXTERNAL AUTHENTICATE") }

    /// The hierarchy's.
    public var identificationCodeKey: KeyName { hierarchy.identificationCode.key }

    /// Refused: there is no message for it.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] { throw cannot(key, KeyUse.identificationCode.rawValue) }

    /// Refused: keys of cards do not travel through gateways.
    public func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        throw cannot(request.protection, "WRITE KEY")
    }

    /// Refused: there is no message for it.
    public func protect(
        _ command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> CommandAPDU { throw cannot(exchange.key, KeyUse.commandMAC.rawValue) }

    /// Refused: there is no message for it.
    public func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> [UInt8]? { throw cannot(exchange.key, KeyUse.commandMAC.rawValue) }

    /// Refused: there is no message for it.
    public func keyCheckValue(
        of key: CardKeyReference, card: CardKeyContext
    ) throws(CardKeyError) -> KeyCheckValue { throw cannot(key, "check value") }

    /// Business 03: the finished command for a new PIN under a session key; gateways have no other PIN commands.
    public func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        let address = try pinAddress(of: request.key, for: request.act.service, request.card)
        guard case .reset(let pin, let p1, let p2) = request.act else { throw cannotServe(request.key) }
        guard case .sessionKey(let width) = request.keyForm else { throw cannot(request.key, "PIN CHANGE, card key") }
        try checkForm(CryptogramForm(sessionKeyWidth: width, blocks: request.sm4.blocks), request.key, request.card)
        try check(request.challenge, "challenge")
        let card = try subject(request.card)
        let block = request.card.algorithm == .sm4 ? 16 : 8
        let macLength = request.protection.macLength(request.card.algorithm == .sm4 ? .sm4 : .tripleDES)
        let header = [0x84, 0x24, p1, p2, UInt8(block + macLength)]
        let message = HSMBusiness.changePIN(
            card, keyAddress: address, factor: request.challenge, header: header, newPIN: pin)
        let text = try gatewayly { () throws(HSMGatewayFault) in try gateway.answer(to: message) }
        guard text.hasSuffix("|"), let bytes = [UInt8](hexadecimal: String(text.dropLast())),
            bytes.starts(with: header), bytes.count == header.count + block + macLength,
            let command = try? CommandAPDU(0x84, 0x24, p1, p2, data: Array(bytes.dropFirst(header.count)))
        else { throw .gateway(.malformed("84 24")) }
        return command
    }

    /// Refuses what gateways have no message for, and keys without an address; the gateway is not called.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {
        switch need {
        case .externalAuthentication(let key):
            _ = try address(of: key, for: .externalAuthentication, card)
            _ = try subject(card)
        case .pinService(let service, let key):
            _ = try pinAddress(of: key, for: service, card)
            _ = try subject(card)
        case .writeKey(_, let protection): throw cannot(protection, "WRITE KEY")
        case .lineProtection(_, let key), .encipheredReading(let key): throw cannot(key, KeyUse.commandMAC.rawValue)
        case .securityDomain: throw .securityDomain(.noSecurityDomains)
        }
    }
}

// MARK: - Questions

extension RemoteKeyService {
    private func gatewayly<Value>(_ body: () throws(HSMGatewayFault) -> Value) throws(CardKeyError) -> Value {
        do throws(HSMGatewayFault) { return try body() } catch { throw .gateway(error) }
    }

    private func cannot(_ key: CardKeyReference, _ what: String) -> CardKeyError {
        .gateway(.cannot(key.policyName, what))
    }

    /// Where the version of the key that serves the card is in the module.
    private func address(
        of reference: CardKeyReference, for use: KeyUse, _ card: CardKeyContext
    ) throws(CardKeyError) -> HSMKeyAddress {
        guard case .issuer(let name) = reference else { throw cannot(reference, use.rawValue) }
        guard let key = hierarchy[name] else { throw .unknownKey(name) }
        guard key.uses.contains(use) else { throw .useNotAllowed(name, use.rawValue) }
        let version = try hierarchy.version(of: name, for: card)
        guard let address = key.moduleAddress(of: version) else { throw .gateway(.noAddress(name, version)) }
        return .number(address, terminalKey: nil)
    }

    /// Where the key of a PIN command is in the module.
    private func pinAddress(
        of reference: CardKeyReference, for service: CardKeyNeed.PINService, _ card: CardKeyContext
    ) throws(CardKeyError) -> HSMKeyAddress {
        guard case .issuer = reference else {
            throw .useNotAllowed(reference.policyName, KeyUse.pinMaintenance.rawValue)
        }
        let address = try address(of: reference, for: .pinMaintenance, card)
        guard service == .reset else { throw cannotServe(reference) }
        return address
    }

    private func cannotServe(_ key: CardKeyReference) -> CardKeyError { cannot(key, "PIN UNBLOCK, RELOAD PIN") }

    private func subject(_ card: CardKeyContext) throws(CardKeyError) -> HSMCard {
        guard card.algorithm != .aes else { throw .algorithmNotAvailable(card.algorithm) }
        guard card.cardFactor.count == 8 else { throw .wrongLength("card factor", card.cardFactor.count) }
        guard let reset = card.resetInformation else { throw .gateway(.notRead(.resetInformation)) }
        guard reset.count == 13 else { throw .wrongLength("reset information", reset.count) }
        return HSMCard(area: card.area, resetInformation: reset, algorithm: card.algorithm)
    }

    private func check(_ challenges: ChallengePair) throws(CardKeyError) {
        try check(challenges.factor, "session factor")
        try check(challenges.original, "original information")
    }

    private func check(_ challenge: [UInt8], _ name: String) throws(CardKeyError) {
        guard challenge.contains(where: { $0 != 0 }) else { throw .zeroChallenge }
        guard challenge.count == 8 else { throw .wrongLength(name, challenge.count) }
    }

    private func checkForm(_ form: CryptogramForm, _ key: CardKeyReference, _ card: CardKeyContext) throws(CardKeyError)
    {
        guard !form.fullSM4Block else { throw cannot(key, "SM4, 16-byte challenges") }
        let width = form.sessionKeyWidth
        guard width == 8 || width == 16 else { throw .wrongLength("session key", width) }
        guard card.algorithm != .tripleDES || width == gateway.settings.sessionKeyWidth else {
            throw cannot(key, "\(width)-byte session key")
        }
        let module = gateway.settings.blocks
        guard card.algorithm != .sm4 || form.blocks.sessionKey == module.sessionKey else {
            throw cannot(key, "SM4, session key \(form.blocks.sessionKey.rawValue)")
        }
    }

    /// The cryptograms' block of SM4 has to be the one that the module fills.
    private func checkOriginal(
        _ form: CryptogramForm, _ key: CardKeyReference, _ card: CardKeyContext
    ) throws(CardKeyError) {
        guard card.algorithm != .sm4 || form.blocks.original == gateway.settings.blocks.original else {
            throw cannot(key, "SM4, original information \(form.blocks.original.rawValue)")
        }
    }

    /// An answer over other values than those asked for is none.
    private func authentication(
        _ answer: HSMAuthentication, answers challenges: ChallengePair
    ) throws(CardKeyError) -> HSMAuthentication {
        guard answer.original == challenges.original else { throw .gateway(.malformed("another original information")) }
        return answer
    }
}

extension HSMKeyAnswer {
    fileprivate init(orMalformed text: String) throws(CardKeyError) {
        do { try self.init(text) } catch { throw .gateway(.malformed("02")) }
    }
}

extension HSMBasicAnswer {
    fileprivate init(orMalformed text: String) throws(CardKeyError) {
        do { try self.init(text) } catch { throw .gateway(.malformed("01")) }
    }
}
