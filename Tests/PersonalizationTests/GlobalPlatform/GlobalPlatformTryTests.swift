import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// Tries are counted before they are spent, none is spent blindly, and the cause of a failure is told without asking the card again.
@Suite struct GlobalPlatformTryTests {
    /// What a place remembers, and whose keys it works with.
    private func visit(_ record: VisitRecord) -> CardVisit {
        CardVisit(record, keySet: AuthenticationTerms.KeySetMark(isDevelopment: true))
    }

    /// Spoils the host's cryptogram in EXTERNAL AUTHENTICATE.
    private func spoiled(_ command: CommandAPDU) -> CommandAPDU {
        guard command.ins == 0x82, let first = command.data.first else { return command }
        let data = [first ^ 0x01] + command.data.dropFirst()
        return (try? CommandAPDU(command.cla, command.ins, command.p1, command.p2, data: data)) ?? command
    }

    private func authenticate(_ site: GlobalPlatformSite, _ conversation: CardConversation) throws -> CardError? {
        let settings = try site.settings()
        do throws(CardError) {
            try conversation.perform(.securityDomain(.initializeUpdate(settings)))
            try conversation.perform(.securityDomain(.externalAuthenticate(settings)))
            return nil
        } catch {
            return error
        }
    }

    @Test func aFailedAuthenticationIsCountedAndTheLastTryIsNeverSpent() throws {
        let site = try GlobalPlatformSite("authenticationTries: 3")
        let record = VisitRecord()
        let relay = try site.connection()
        relay.changeCommand = spoiled
        for left in [2, 1] {
            let conversation = try site.conversation(relay, visit: visit(record))
            #expect(
                try authenticate(site, conversation)
                    == .authenticationFailed(key: "card-maker", triesLeft: left))
        }
        let sent = relay.sent.count { $0.ins == 0x82 }
        #expect(sent == 2, "each failure was sent once")
        let conversation = try site.conversation(relay, visit: visit(record))
        #expect(try authenticate(site, conversation) == .lastTry("card-maker/00"))
        #expect(relay.sent.count { $0.ins == 0x82 } == 2)
        // the card would have lost its security domain with it
        relay.changeCommand = { $0 }
        _ = try site.open(relay)
    }

    /// Typed at a shell it costs the same try: INITIALIZE UPDATE and EXTERNAL AUTHENTICATE byte by byte, with a cryptogram that is none.
    @Test func anAuthenticationInBytesSpendsFromTheSameCounter() throws {
        let site = try GlobalPlatformSite("authenticationTries: 3")
        let record = VisitRecord()
        let relay = try site.connection()
        let initialize = CardOperation.fixed(
            try CommandAPDU(0x80, 0x50, 0x00, 0x00, data: [1, 2, 3, 4, 5, 6, 7, 8], expectedLength: 256))
        let authenticate = CardOperation.fixed(
            try CommandAPDU(0x84, 0x82, 0x01, 0x00, data: [UInt8](repeating: 0xA5, count: 16)))
        for _ in 0..<2 {
            let conversation = try site.conversation(relay, visit: visit(record))
            #expect(try conversation.send(initialize).statusWord.isSuccess)
            #expect(try !conversation.send(authenticate).statusWord.isSuccess)
        }
        let conversation = try site.conversation(relay, visit: visit(record))
        _ = try conversation.send(initialize)
        #expect(throws: CardError.lastTry("card-maker/00")) { try conversation.send(authenticate) }
        #expect(try self.authenticate(site, conversation) == .lastTry("card-maker/00"))
        #expect(relay.sent.count { $0.ins == 0x82 } == 2)
        // Without INITIALIZE UPDATE the card compares nothing.
        let fresh = VisitRecord()
        let other = try site.conversation(try site.connection(), visit: visit(fresh))
        #expect(try other.send(authenticate).statusWord == .conditionsNotSatisfied)
        _ = try site.open(relay)
    }

    /// A set of keys has one counter, whichever version is typed and whichever the profile plans with; the blank answers with version 20.
    @Test(arguments: [("00", UInt8(0x20)), ("20", UInt8(0x00))])
    func aSetTypedByAnotherVersionSpendsFromTheCounterOfThePlan(planned: String, typed: UInt8) throws {
        let site = try GlobalPlatformSite("authenticationTries: 3\nsecureChannel: {keyVersion: \(planned)}")
        let record = VisitRecord()
        let relay = try site.connection()
        relay.changeCommand = spoiled
        let settings = try site.profile.channelSettings(keySet: "card-maker", version: site.profile.keyVersion)
        let conversation = try site.conversation(relay, visit: visit(record))
        #expect(throws: CardError.authenticationFailed(key: "card-maker", triesLeft: 2)) {
            try conversation.perform(.securityDomain(.initializeUpdate(settings)))
            try conversation.perform(.securityDomain(.externalAuthenticate(settings)))
        }
        let initialize = CardOperation.fixed(
            try CommandAPDU(0x80, 0x50, typed, 0x00, data: [1, 2, 3, 4, 5, 6, 7, 8], expectedLength: 256))
        let authenticate = CardOperation.fixed(
            try CommandAPDU(0x84, 0x82, 0x01, 0x00, data: [UInt8](repeating: 0xA5, count: 16)))
        #expect(try conversation.send(initialize).statusWord.isSuccess)
        #expect(try !conversation.send(authenticate).statusWord.isSuccess)
        _ = try conversation.send(initialize)
        #expect(throws: CardError.lastTry("card-maker/\(planned)")) { try conversation.send(authenticate) }
        #expect(relay.sent.count { $0.ins == 0x82 } == 2)
    }

    @Test func aKeyServiceThatFailsBeforeAnythingIsSentSpendsNoTry() throws {
        let site = try GlobalPlatformSite("authenticationTries: 2")
        let record = VisitRecord()
        let relay = try site.connection()
        let failing = FailingKeys(base: site.keys)
        for _ in 0..<3 {
            let conversation = try site.conversation(relay, keys: failing, visit: visit(record))
            #expect(try authenticate(site, conversation) == .securityDomain(.keys(.serviceFailed("gone"))))
        }
        #expect(relay.sent.count { $0.ins == 0x82 } == 0)
        #expect(try authenticate(site, site.conversation(relay, visit: visit(record))) == nil)
    }

    @Test func aRightAuthenticationFillsTheCounterAgain() throws {
        let site = try GlobalPlatformSite("authenticationTries: 3")
        let record = VisitRecord()
        let relay = try site.connection()
        relay.changeCommand = spoiled
        _ = try authenticate(site, site.conversation(relay, visit: visit(record)))
        relay.changeCommand = { $0 }
        #expect(try authenticate(site, site.conversation(relay, visit: visit(record))) == nil)
        relay.changeCommand = spoiled
        #expect(
            try authenticate(site, site.conversation(relay, visit: visit(record)))
                == .authenticationFailed(key: "card-maker", triesLeft: 2))
    }

    @Test func theVirtualCardIsLostAfterSoManyFailures() throws {
        let site = try GlobalPlatformSite("authenticationTries: 2")
        let relay = try site.connection()
        relay.changeCommand = spoiled
        for _ in 0..<2 { #expect(throws: GlobalPlatformError.self) { try site.open(relay) } }
        relay.changeCommand = { $0 }
        #expect(
            throws: GlobalPlatformError.refused([0x84, 0x82, 0x01, 0x00], .authenticationMethodBlocked)
        ) { try site.open(relay) }
    }

    /// What the profile says of the card, what the card is, and what is told.
    @Test(arguments: [
        (
            "keyReplacement: {keySet: issuer}\ndiversification: {issuer: none}", "issuer",
            "globalplatform.fits-otherwise"
        ),
        ("", "card-maker", "globalplatform.key-version"),
        ("secureChannel: {parameter: 55}", "issuer", ""),
    ])
    func theCauseIsToldAndNothingIsAuthenticated(settings: String, keySet: String, code: String) throws {
        let site = try GlobalPlatformSite()
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(site.plan(), on: VirtualCardChannel(site.card))
        let other = try GlobalPlatformSite(settings)
        let relay = RelayChannel(try VirtualCardChannel(site.card))
        _ = try relay.transmit(GlobalPlatformCommands.select([]))
        let conversation = try site.conversation(relay)
        let used = try other.settings(keySet: keySet)
        var codes: [String] = []
        do throws(CardError) {
            try conversation.perform(.securityDomain(.initializeUpdate(used)))
        } catch {
            codes = error.faults.map(\.code.rawValue)
        }
        #expect(codes == (code.isEmpty ? [] : [code]))
        #expect(relay.sent.allSatisfy { $0.ins != 0x82 })
    }

    /// An answer that is not the card's ends the run; the card goes on where it was when it is put in again.
    @Test(arguments: ["protocol: 03, parameter: 70, level: 33", "protocol: 03, parameter: 60, level: 13"])
    func anAlteredAnswerStopsTheRun(channel: String) throws {
        let site = try GlobalPlatformSite(
            GlobalPlatformPlanTests.settings(channel) + "\nstoreData: {blankRecords: false}")
        let plan = try site.plan()
        let workshop = try site.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(site.card))
        relay.changeAnswer = { answer in
            guard relay.sent.last?.ins == 0xE2, relay.sent.last?.p2 == 3, let first = answer.data.first else {
                return answer
            }
            return ResponseAPDU(data: [first ^ 0x80] + answer.data.dropFirst(), answer.statusWord)
        }
        do {
            try workshop.begin(plan, on: relay)
            Issue.record("an altered answer was taken")
        } catch let PersonalizationError.failed(step, error) {
            #expect(step.purpose.kind == .writeElement)
            #expect(error == .channel(.answerNotAuthentic))
        }
        try workshop.resume(plan, on: VirtualCardChannel(site.card))
    }

    @Test func thePINIsComparedAndItsTriesAreCounted() throws {
        let site = try GlobalPlatformSite()
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(site.plan(), on: VirtualCardChannel(site.card))
        let connection = try VirtualCardChannel(site.card)
        let conversation = try site.conversation(connection)
        let environment = try #require(site.compiled.directory("SSSE")?.directory?.dedicatedFileName)
        try conversation.perform(.fixed(GlobalPlatformCommands.select(environment)), wantsAnswer: false)
        let wrong = try CommandAPDU(0x00, 0x20, 0x00, 0x80, data: [0x26, 0x11, 0x22, 0x33, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try connection.transmit(wrong).statusWord == .triesLeft(5))
        // 6 digits: 26 925814 and F to the end (EMV Book 3 table 24)
        let right = try CommandAPDU(0x00, 0x20, 0x00, 0x80, data: [0x26, 0x92, 0x58, 0x14, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try connection.transmit(right).statusWord == .success)
        #expect(try connection.transmit(wrong).statusWord == .triesLeft(5))
        try conversation.perform(.verifyPIN(identifier: 0x80, length: 3))
    }
}

/// Keys of security domains whose service is gone when EXTERNAL AUTHENTICATE is made.
private struct FailingKeys: CardKeyService, GlobalPlatformKeyService {
    let base: any CardKeyService

    var securityDomains: (any GlobalPlatformKeyService)? { self }

    func openSession(
        _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> any GlobalPlatformSession {
        guard let domains = base.securityDomains else { throw .noSecurityDomains }
        return FailingSession(try domains.openSession(request))
    }

    func check(
        _ need: SecurityDomainNeed, keySet: String, of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) {}

    func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try base.externalAuthentication(with: key, of: card, challenges: challenges, form: form)
    }

    func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try base.plainExternalAuthentication(with: key, of: card, challenge: challenge, form: form)
    }

    func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool {
        try base.verifyInternalAuthentication(
            answer: answer, with: key, of: card, challenges: challenges, form: form)
    }

    var identificationCodeKey: KeyName { KeyName(rawValue: "IRK") }

    func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] {
        try base.identificationCodeAuthentication(over: groups, with: key, of: card)
    }

    func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        try base.writeKeyCommand(request)
    }

    func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue {
        try base.keyCheckValue(of: key, card: card)
    }
}

private final class FailingSession: GlobalPlatformSession {
    private let base: any GlobalPlatformSession

    init(_ base: any GlobalPlatformSession) { self.base = base }

    var channelProtocol: SecureChannelProtocol { base.channelProtocol }
    var level: SecureChannelLevel { base.level }

    func externalAuthentication() throws(GlobalPlatformKeyError) -> CommandAPDU { throw .serviceFailed("gone") }
    func wrap(_ command: CommandAPDU) throws(GlobalPlatformKeyError) -> CommandAPDU { try base.wrap(command) }
    func unwrap(_ response: ResponseAPDU) throws(GlobalPlatformKeyError) -> ResponseAPDU { try base.unwrap(response) }
    func encipher(
        keys: [CardKeyReference], of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) -> [UInt8] { try base.encipher(keys: keys, of: card) }
    func encipher(
        _ content: borrowing SecretBytes, _ padding: SensitivePadding
    ) throws(GlobalPlatformKeyError) -> [UInt8] { try base.encipher(content, padding) }
    func putKey(_ request: PutKeyRequest) throws(GlobalPlatformKeyError) -> PutKeyCommand { try base.putKey(request) }
    func close() { base.close() }
}
