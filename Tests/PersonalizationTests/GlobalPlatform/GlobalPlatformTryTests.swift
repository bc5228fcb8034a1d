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
        try workshop.begin(site.plan(), on: GlobalPlatformCardConnection(site.card))
        let other = try GlobalPlatformSite(settings)
        let relay = RelayChannel(try GlobalPlatformCardConnection(site.card))
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
        let relay = RelayChannel(try GlobalPlatformCardConnection(site.card))
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
        try workshop.resume(plan, on: GlobalPlatformCardConnection(site.card))
    }

    @Test func thePINIsComparedAndItsTriesAreCounted() throws {
        let site = try GlobalPlatformSite()
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(site.plan(), on: GlobalPlatformCardConnection(site.card))
        let connection = try GlobalPlatformCardConnection(site.card)
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
