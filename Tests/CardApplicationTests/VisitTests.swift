import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing

/// What is remembered of a card from visit to visit: tries and the last challenge.
@Suite final class VisitTests {
    let folder = FileManager.default.temporaryDirectory.path + "/visits-" + UUID().uuidString
    let card: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]
    let plain = CardOperation.authenticate(issuer("UKSSSE"), identifier: 0x04, form: .plain)
    let pin = CardOperation.verifyPIN(identifier: 0x00, length: 3)
    let challenge = CardOperation.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x08))

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var written: String {
        // the zero ends the text
        let file = (try? String(contentsOfFile: folder + "/990100000001.visits", encoding: .utf8)) ?? ""
        return String(file.prefix { $0 != "\0" })
    }

    func visit(
        _ channel: any CardChannel, lastTry: LastTryPermission? = nil, asksForCounter: Bool = false
    ) throws -> CardConversation {
        let profile = try asksForCounter ? CardSite.variant("freeCounterQuery: true") : CardSite.profile()
        return CardConversation(
            channel, profile: profile, keys: TransparentKeys(), context: try CardSite.context(profile),
            pin: try PersonalIdentificationNumber(digits: "925814"),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card),
                keySet: AuthenticationTerms.KeySetMark(isDevelopment: true), lastTry: lastTry))
    }

    /// A visit that takes a challenge and presents UKSSSE once.
    @discardableResult
    func authenticate(
        _ answer: String, challenge value: String = UUID().uuidString.filter { $0 != "-" }.lowercased(),
        lastTry: LastTryPermission? = nil
    ) throws -> [String] {
        let channel = try ScriptedChannel([String(value.prefix(16)) + "9000", answer])
        let conversation = try visit(channel, lastTry: lastTry)
        try conversation.perform(challenge)
        _ = try? conversation.send(plain)
        return channel.received
    }

    @Test func theLastTryIsKeptWhoeverComesNext() throws {
        try authenticate("63C1")
        let channel = try ScriptedChannel(["11223344556677889000", "9000"])
        let conversation = try visit(channel)
        try conversation.perform(challenge)
        #expect(throws: CardError.lastTry("UKSSSE/04")) { try conversation.perform(plain) }
        #expect(channel.received == ["0084000008"])
    }

    @Test func withoutARecordTheConversationCountsForItself() throws {
        let channel = try ScriptedChannel(["63C1", "9000"])
        let conversation = try CardSite.conversation(channel, pin: "925814")
        #expect(throws: CardError.wrongPIN(triesLeft: 1)) { try conversation.perform(pin) }
        #expect(throws: CardError.lastTry("PIN/00")) { try conversation.perform(pin) }
        #expect(channel.received.count == 1)
    }

    @Test func twoOfficersMaySpendTheLastTryAndThatIsNoted() throws {
        try authenticate("63C1")
        let permission = try LastTryPermission(officer: 1001, second: 2001)
        #expect(try authenticate("9000", lastTry: permission).count == 2)
        #expect(written.contains("permission 1001 2001 UKSSSE/04"))
        // The right key has filled the counter again.
        #expect(try authenticate("9000").count == 2)
        #expect(throws: Faults.self) { try LastTryPermission(officer: 1001, second: 1001) }
    }

    /// The card may never have had the presentation, and has its last try then; what is left is for two officers again.
    @Test func aLastTryThatGotNoAnswerIsKeptFromWhoeverComesNext() throws {
        try authenticate("63C1")
        let permission = try LastTryPermission(officer: 1001, second: 2001)
        let pulled = try visit(ScriptedChannel(["11223344556677889000"]), lastTry: permission)
        try pulled.perform(challenge)
        #expect(throws: CardError.channel(.cardMute)) { try pulled.perform(plain) }
        #expect(written.contains("tries UKSSSE/04 0\n"))
        #expect(try authenticate("9000") == ["0084000008"])
        #expect(try authenticate("6983", lastTry: permission).count == 2)
        // Now the card has told that nothing is left to lose.
        #expect(try authenticate("9000").count == 2)
    }

    /// The profile loads UKSSSE with five tries; whoever kills the program or pulls the card in the middle has spent one.
    @Test func aTryWithoutAnAnswerCountsAsSpent() throws {
        for left in [4, 3, 2, 1] {
            let channel = try ScriptedChannel(["112233445566770\(left)9000"])
            let conversation = try visit(channel)
            try conversation.perform(challenge)
            #expect(throws: CardError.channel(.cardMute)) { try conversation.perform(plain) }
            #expect(written.contains("tries UKSSSE/04 \(left)\n"))
        }
        #expect(try authenticate("9000").count == 1)
    }

    @Test func aRefusalWithoutAComparisonCostsNothing() throws {
        try authenticate("6985")
        #expect(!written.contains("tries"))
        try authenticate("63C3")
        try authenticate("6982")
        #expect(written.contains("tries UKSSSE/04 3\n"))
    }

    /// The card compares a MAC before it refuses it, and its key has a try less (cos-dialects §4.1, §11.2).
    @Test func aRefusedMACIsATrySpent() throws {
        try authenticate("6988")
        #expect(written.contains("tries UKSSSE/04 4\n"))
        try authenticate("9302")
        #expect(written.contains("tries UKSSSE/04 3\n"))
        try authenticate("9303")
        #expect(written.contains("tries UKSSSE/04 0\n"))
    }

    /// 6300 is a comparison that failed without a number (ISO/IEC 7816-4 §5.6): the try is spent all the same.
    @Test func aFailedComparisonWithoutANumberIsATrySpent() throws {
        try authenticate("6300")
        #expect(written.contains("tries UKSSSE/04 4\n"))
        let channel = try ScriptedChannel(["11223344556677889000", "6300"])
        let conversation = try visit(channel)
        try conversation.perform(challenge)
        #expect(throws: CardError.authenticationFailed(key: "UKSSSE", triesLeft: 3)) { try conversation.perform(plain) }
        #expect(written.contains("tries UKSSSE/04 3\n"))
        let full = try #require(try CardSite.profile().tryCounter(of: pin)).full
        #expect(throws: CardError.wrongPIN(triesLeft: full - 1)) {
            try visit(ScriptedChannel(["6300"])).perform(pin)
        }
        #expect(written.contains("tries PIN/00 \(full - 1)\n"))
    }

    @Test func aCountThatNoCounterHasIsDamage() throws {
        try authenticate("63C3")
        let path = folder + "/990100000001.visits"
        let sound = written
        for count in ["-9223372036854775808", "99999", "-1"] {
            try sound.replacingOccurrences(of: "UKSSSE/04 3", with: "UKSSSE/04 \(count)")
                .write(toFile: path, atomically: true, encoding: .utf8)
            #expect(throws: CardError.self, "\(count)") { _ = try VisitRecord(in: folder, card: card) }
        }
    }

    @Test func aBlockedCounterHasNothingToLose() throws {
        try authenticate("6983")
        #expect(written.contains("tries UKSSSE/04 0\n"))
        #expect(try authenticate("9000").count == 2)
        #expect(!written.contains("tries"))
    }

    @Test func theCounterIsAskedForWhereThatIsFree() throws {
        let channel = try ScriptedChannel(["63C1"])
        let conversation = try visit(channel, asksForCounter: true)
        #expect(throws: CardError.lastTry("PIN/00")) { try conversation.perform(pin) }
        // VERIFY without data
        #expect(channel.received == ["00200000"])
        // a change of the PIN asks too, and a blocked PIN has nothing to lose
        let change = try ScriptedChannel(["63C1"])
        #expect(throws: CardError.lastTry("PIN/00")) {
            try visit(change, asksForCounter: true).changePIN(
                0, from: .init(digits: "925814"), to: .init(digits: "481952"))
        }
        let blocked = try ScriptedChannel(["6983", "6983"])
        #expect(throws: CardError.pinBlocked) { try visit(blocked, asksForCounter: true).perform(pin) }
        #expect(blocked.received.count == 2)
    }

    @Test func aChangeOfThePINSpendsFromTheSameCounter() throws {
        let old = try PersonalIdentificationNumber(digits: "925814")
        let new = try PersonalIdentificationNumber(digits: "481952")
        let channel = try ScriptedChannel(["63C1", "9000"])
        let conversation = try visit(channel)
        #expect(throws: CardError.wrongPIN(triesLeft: 1)) { try conversation.changePIN(0x00, from: old, to: new) }
        #expect(throws: CardError.lastTry("PIN/00")) { try conversation.perform(pin) }
        #expect(throws: CardError.lastTry("PIN/00")) { try visit(channel).changePIN(0x00, from: old, to: new) }
        #expect(channel.received.count == 1)
    }

    @Test func anUnblockedPINIsForgottenAsBlocked() throws {
        let channel = try ScriptedChannel(["63C1"])
        _ = try visit(channel).send(pin)
        let counter = try #require(try CardSite.profile().tryCounter(of: pin))
        try VisitRecord(in: folder, card: card).forget(counter)
        #expect(try visit(ScriptedChannel(["9000"])).send(pin).statusWord.isSuccess)
    }

    @Test func theTransportKeyAndTheMasterShareOneCounter() throws {
        let profile = try CardSite.profile()
        let transport = CardOperation.authenticate(.transport(profile.transportKey), identifier: 0, form: .plain)
        let master = CardOperation.authenticate(issuer("MKMF"), identifier: 0, form: .plain)
        #expect(profile.tryCounter(of: transport) == TryCounter(try #require(profile.directories["MF"]?.masterKey)))
        #expect(profile.tryCounter(of: transport) == profile.tryCounter(of: master))
    }

    @Test func aRecordWithOtherLineEndsIsReadAllTheSame() throws {
        try authenticate("63C3")
        let path = folder + "/990100000001.visits"
        let text = try #require(written.split(separator: "\0").first).replacing("\n", with: "\r\n")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try authenticate("63C2")
        try authenticate("6300")
        let channel = try ScriptedChannel(["11223344556677889000"])
        let conversation = try visit(channel)
        try conversation.perform(challenge)
        #expect(throws: CardError.lastTry("UKSSSE/04")) { try conversation.perform(plain) }
    }

    @Test func aDamagedRecordStopsEverythingThatCosts() throws {
        try authenticate("63C3")
        try "rubbish\n".write(toFile: folder + "/990100000001.visits", atomically: true, encoding: .utf8)
        #expect(throws: CardError.self) { try VisitRecord(in: folder, card: card) }
    }

    // MARK: - A PIN in each application

    /// A visit at a plain FMCOS card, which keeps a PIN of its own in DF01: the directory is selected by its identifier, as plans do, or
    /// by its name, as readers do.
    private func enterApplication(
        byName: Bool, _ channel: any CardChannel, lastTry: LastTryPermission? = nil
    ) throws -> CardConversation {
        let plain = try plainCard()
        let commands = CardCommands(profile: plain.profile)
        let conversation = CardConversation(
            channel, with: plain, keys: TransparentKeys(), context: try CardSite.context(plain.profile),
            pin: try PersonalIdentificationNumber(digits: "925814"),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card),
                keySet: AuthenticationTerms.KeySetMark(isDevelopment: true), lastTry: lastTry))
        let directory = try #require(plain.directory("DF01"))
        let name = try #require(directory.directory?.dedicatedFileName)
        let selection = try byName ? commands.select(name: name) : commands.select(identifier: directory.identifier)
        try conversation.perform(.fixed(selection))
        return conversation
    }

    private func plainCard() throws -> CompiledCard {
        try LayoutLibrary(home: CardSite.home).compiledCard(named: "national-2.0@fmcos")
    }

    @Test(arguments: [true, false]) func aPINHasOneCounterHoweverItsDirectoryIsSelected(isNameFirst: Bool) throws {
        let first = try enterApplication(byName: isNameFirst, ScriptedChannel(["9000", "63C1"]))
        #expect(throws: CardError.wrongPIN(triesLeft: 1)) { try first.perform(pin) }
        let channel = try ScriptedChannel(["9000", "9000"])
        let second = try enterApplication(byName: !isNameFirst, channel)
        let identifier = try #require(plainCard().directory("DF01")?.identifier)
        #expect(throws: CardError.lastTry("PIN/00@\(identifier.hexadecimal)")) { try second.perform(pin) }
        #expect(channel.received.count == 1)
    }

    /// Records that noted the two ways apart: the fewest tries count, a blocked counter beside another is not believed, and what is
    /// learnt next is noted once.
    @Test(arguments: [(4, 1), (1, 4), (0, 1), (1, 0)]) func triesNotedUnderTwoNamesAreTakenTogether(
        byIdentifier: Int, byName: Int
    ) throws {
        let directory = try #require(plainCard().directory("DF01"))
        let name = try #require(directory.directory?.dedicatedFileName)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try """
        SSCV1
        tries PIN/00@\(directory.identifier.hexadecimal) \(byIdentifier)
        tries PIN/00@\(name.hexadecimal) \(byName)

        """.write(toFile: folder + "/990100000001.visits", atomically: true, encoding: .utf8)
        let channel = try ScriptedChannel(["9000", "9000"])
        #expect(throws: CardError.self) { try enterApplication(byName: false, channel).perform(pin) }
        #expect(channel.received.count == 1)
        let permission = try LastTryPermission(officer: 1001, second: 2001)
        try enterApplication(byName: false, ScriptedChannel(["9000", "9000"]), lastTry: permission).perform(pin)
        #expect(!written.contains("tries"))
    }
}
