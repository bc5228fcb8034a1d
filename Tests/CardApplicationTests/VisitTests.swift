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
    private let folder = FileManager.default.temporaryDirectory.path + "/visits-" + UUID().uuidString
    private let card: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]
    private let plain = CardOperation.authenticate(issuer("UKSSSE"), identifier: 0x04, form: .plain)
    private let pin = CardOperation.verifyPIN(identifier: 0x00, length: 3)
    private let challenge = CardOperation.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x08))

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var written: String {
        // the zero ends the text
        let file = (try? String(contentsOfFile: folder + "/990100000001.visits", encoding: .utf8)) ?? ""
        return String(file.prefix { $0 != "\0" })
    }

    private func visit(
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
    private func authenticate(
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

    // MARK: - Commands in bytes

    /// What is typed at a shell costs the same try as what the program makes.
    @Test(arguments: ["0020000003481952", "0420000007481952AABBCCDD", "805E010007481952FF925814"])
    func aCommandInBytesSpendsFromTheCounterOfThePIN(text: String) throws {
        let channel = try ScriptedChannel(["63C1", "9000"])
        let conversation = try visit(channel)
        let command = CardOperation.fixed(try CommandAPDU(bytes: bytes(text)))
        #expect(try conversation.send(command).statusWord == .triesLeft(1))
        #expect(throws: CardError.lastTry("PIN/00")) { try conversation.send(command) }
        #expect(throws: CardError.lastTry("PIN/00")) { try conversation.perform(pin) }
        #expect(channel.received == [text])
    }

    private static let vouched = [
        ("8424000114" + String(repeating: "A5", count: 20), "STK/00"), ("842400010400112233", "STK/00"),
        ("805E000007481952AABBCCDD", "RPK/00"),
    ]

    /// PIN UNBLOCK and RELOAD PIN in bytes: the card compares a MAC under the key 37 or 38 of the PIN's directory (cos-dialects §6.6).
    @Test(arguments: vouched) func aPINCommandInBytesSpendsFromTheKeyThatVouchesForIt(text: String, name: String) throws
    {
        let profile = try CardSite.variant("directories: {SSSE: {keys: {38/00: {name: RPK}}}}")
        func conversation(_ channel: any CardChannel) throws -> CardConversation {
            CardConversation(
                channel, profile: profile, keys: TransparentKeys(), context: try CardSite.context(profile),
                pin: try PersonalIdentificationNumber(digits: "925814"),
                visit: CardVisit(
                    try VisitRecord(in: folder, card: card),
                    keySet: AuthenticationTerms.KeySetMark(isDevelopment: true)))
        }
        let command = CardOperation.fixed(try CommandAPDU(bytes: bytes(text)))
        // Five tries as the profile loads keys; the fifth stays whoever comes next.
        for _ in 0..<4 { _ = try conversation(ScriptedChannel(["6988"])).send(command) }
        let channel = try ScriptedChannel(["9000"])
        #expect(throws: CardError.lastTry(name)) { try conversation(channel).send(command) }
        #expect(channel.received.isEmpty)
        // What the card did not compare costs nothing; what it took fills the PIN's own counter again.
        try FileManager.default.removeItem(atPath: folder + "/990100000001.visits")
        let other = try ScriptedChannel(["6982", "63C1", "9000", "9000"])
        let visit = try conversation(other)
        _ = try visit.send(command)
        _ = try visit.send(pin)
        #expect(throws: CardError.lastTry("PIN/00")) { try visit.send(pin) }
        _ = try visit.send(command)
        #expect(try visit.send(pin).statusWord.isSuccess)
        #expect(!written.contains("tries"))
    }

    private static let keys: [(directory: String, name: String, key: UInt8)] = [
        ("", "MKMF/00", 0x00), ("DF01", "UK1DF01/91", 0x91), ("DF02", "UK1DF02/91", 0x91),
    ]

    /// The key that a directory has under the identifier; what an unknown identifier names may lie in the directory.
    @Test(arguments: keys)
    func anAuthenticationInBytesSpendsFromTheCounterOfItsKey(directory: String, name: String, key: UInt8) throws {
        let card = try CardSite.card()
        let channel = try ScriptedChannel((directory.isEmpty ? [] : ["9000"]) + ["63C1", "9000"])
        let conversation = CardConversation(
            channel, with: card, keys: TransparentKeys(), context: try CardSite.context(card.profile))
        let commands = CardCommands(profile: card.profile)
        if !directory.isEmpty {
            let identifier = try #require(card.directory(directory)?.identifier)
            try conversation.perform(.fixed(commands.select(identifier: identifier)))
        }
        let data = [UInt8](repeating: 0x11, count: 8)
        let command = CardOperation.fixed(try CommandAPDU(0x00, 0x82, 0x00, key, data: data))
        #expect(try conversation.send(command).statusWord == .triesLeft(1))
        #expect(throws: CardError.lastTry(name)) { try conversation.send(command) }
        try conversation.perform(.fixed(commands.select(identifier: 0xDFFF)))
        #expect(throws: CardError.lastTry(name)) { try conversation.send(command) }
        #expect(channel.isFinished)
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

    // MARK: - Challenges

    @Test func theLastChallengeOfAVisitIsRefusedAtTheNext() throws {
        try authenticate("9000", challenge: "1122334455667788")
        let replay = try ScriptedChannel(["11223344556677889000"])
        #expect(throws: CardError.challengeRefused) { try visit(replay).perform(challenge) }
        let fresh = try ScriptedChannel(["11223344556677899000"])
        #expect(throws: Never.self) { try visit(fresh).perform(challenge) }
        // Not the challenge itself, and in no form but its digest.
        #expect(!written.contains("1122334455667788"))
    }

    /// Two of four bytes meet by chance; a repeated one of eight is a replay.
    @Test func aShortChallengeMayComeTwice() throws {
        let short = CardOperation.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x04))
        let conversation = try visit(
            ScriptedChannel(
                ["11223344", "11223344", "00000000", "1122334455667788", "1122334455667788"].map { $0 + "9000" }))
        for _ in 0..<2 { #expect(throws: Never.self) { try conversation.perform(short) } }
        #expect(throws: CardError.challengeRefused) { try conversation.perform(short) }
        #expect(throws: Never.self) { try conversation.perform(challenge) }
        #expect(throws: CardError.challengeRefused) { try conversation.perform(challenge) }
    }

    // MARK: - Causes

    private func refusedBy(
        _ operation: CardOperation, _ answer: String, versions: CardKeyVersions, recorded: CardKeyVersions? = nil
    ) throws -> [AuthenticationDiagnosis.Cause]? {
        let profile = try CardSite.profile()
        let channel = try ScriptedChannel(["\(UUID().uuidString.filter { $0 != "-" }.prefix(16))9000", answer])
        let conversation = CardConversation(
            channel, profile: profile, keys: TransparentKeys(),
            context: try CardSite.context(profile).withVersions(recorded),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card),
                keySet: AuthenticationTerms.KeySetMark(isDevelopment: true), liveVersions: versions))
        try conversation.perform(challenge)
        _ = try? conversation.perform(operation)
        return conversation.diagnosis(cardArea: nil)?.causes
    }

    @Test func keysOfAnotherVersionAreToldByTheVersion() throws {
        let first = CardKeyVersions(base: .first)
        let second = CardKeyVersions(base: try #require(KeyVersion(2)))
        #expect(try refusedBy(plain, "9000", versions: first) == nil)
        #expect(try refusedBy(plain, "63C4", versions: second) == [.version(card: "1", used: "2")])
        // The registry says which versions this card has.
        #expect(try refusedBy(plain, "63C3", versions: second, recorded: first) == [.cardChanged])
    }

    @Test func aRefusedTransportKeyIsToldAsTheMakers() throws {
        let transport = CardOperation.authenticate(
            .transport(try CardSite.profile().transportKey), identifier: 0, form: .plain)
        let versions = CardKeyVersions(base: .first)
        #expect(try refusedBy(transport, "63C7", versions: versions) == [.transportKey(profile: "fmcos-ssse")])
        #expect(try refusedBy(transport, "9000", versions: versions) == nil)
    }

    @Test func zerosAreRefusedAtEveryVisit() throws {
        for _ in 0..<2 {
            let channel = try ScriptedChannel(["00000000000000009000"])
            #expect(throws: CardError.challengeRefused) { try visit(channel).perform(challenge) }
        }
    }

    // MARK: - Line keys

    private func lineVisit(_ channel: any CardChannel, _ directory: String) throws -> CardConversation {
        let compiled = try CardSite.card()
        let conversation = CardConversation(
            channel, with: compiled, keys: TransparentKeys(), context: try CardSite.context(compiled.profile),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card), keySet: AuthenticationTerms.KeySetMark(isDevelopment: true)))
        let identifier = try #require(compiled.directory(directory)?.identifier)
        try conversation.perform(.fixed(CardCommands(profile: compiled.profile).select(identifier: identifier)))
        return conversation
    }

    private static let typed: [(directory: String, text: String, name: String)] = [
        ("SSSE", "04D6950006AABB11223344", "STK/36.00"), ("SSSE", "04DC012C06AABB11223344", "STK/36.00"),
        ("SSSE", "04B0950004112233440A", "STK/36.00.read"), ("DF03", "04E2002C06AABB11223344", "STKDF03/36.00"),
        ("SSSE", "841600000411223344", "BK/36.00"), ("DF03", "841600000411223344", "BK/36.00"),
        ("DF03", "841E00000411223344", "LKDF03/36.01"), ("DF03", "841800000411223344", "LKDF03/36.01"),
        ("DF01", "841E00000411223344", "STKDF01/36.00"),
    ]

    /// What somebody types under line protection costs the same as what the program makes: the third wrong MAC in a row would lock.
    @Test(arguments: typed)
    func aProtectedCommandInBytesSpendsFromItsLineKey(directory: String, text: String, name: String) throws {
        let command = CardOperation.fixed(try CommandAPDU(bytes: bytes(text)))
        for left in [2, 1] {
            _ = try lineVisit(ScriptedChannel(["9000", "6988"]), directory).send(command)
            #expect(written.contains("tries \(name) \(left)\n"))
        }
        let channel = try ScriptedChannel(["9000", "9000"])
        let conversation = try lineVisit(channel, directory)
        #expect(throws: CardError.lastTry(name)) { try conversation.send(command) }
        #expect(channel.received.count == 1)
        // what the card did not compare costs nothing, and no plain command is counted
        try FileManager.default.removeItem(atPath: folder + "/990100000001.visits")
        let other = try lineVisit(ScriptedChannel(["9000", "6985", "6988"]), directory)
        _ = try other.send(command)
        _ = try other.send(.fixed(CommandAPDU(bytes: bytes("00D6950002AABB"))))
        #expect(!written.contains("tries"))
    }

    /// Reading and writing stand in one row on the card; what reads gives back what reading cost, what writes gives back everything.
    @Test func theFailuresOfADirectoryStandInOneRow() throws {
        let write = CardOperation.fixed(try CommandAPDU(bytes: bytes("04D6950006AABB11223344")))
        let read = CardOperation.fixed(try CommandAPDU(bytes: bytes("04B0950004112233440A")))
        let lock = CardOperation.fixed(try CommandAPDU(bytes: bytes("841E00000411223344")))
        _ = try lineVisit(ScriptedChannel(["9000", "6988"]), "DF03").send(write)
        _ = try lineVisit(ScriptedChannel(["9000", "6988"]), "DF03").send(read)
        let visit = try lineVisit(ScriptedChannel(["9000"]), "DF03")
        for (operation, name) in [(write, "STKDF03/36.00"), (read, "STKDF03/36.00.read"), (lock, "LKDF03/36.01")] {
            #expect(throws: CardError.lastTry(name)) { try visit.send(operation) }
        }
        // another directory has a row of its own
        _ = try lineVisit(ScriptedChannel(["9000", "9000"]), "DF01").send(write)
        try FileManager.default.removeItem(atPath: folder + "/990100000001.visits")
        _ = try lineVisit(ScriptedChannel(["9000", "6988"]), "DF03").send(write)
        _ = try lineVisit(ScriptedChannel(["9000", "9000"]), "DF03").send(read)
        #expect(written.contains("tries STKDF03/36.00 2\n") && !written.contains(".read"))
        _ = try lineVisit(ScriptedChannel(["9000", "9000"]), "DF03").send(lock)
        #expect(!written.contains("tries"))
    }

    /// The profile's cards take 239 bytes: what is longer is never sent, and costs nothing.
    @Test func aCommandThatIsTooLongToBeSentCostsNoTry() throws {
        let digits = [UInt8](repeating: 0x12, count: 240)
        let channel = try ScriptedChannel(["63C4"])
        let conversation = try visit(channel)
        let command = CardOperation.fixed(try CommandAPDU(0x00, 0x20, 0x00, 0x00, data: digits))
        #expect(throws: CardError.channel(.commandTooLong(240, most: 239))) { try conversation.send(command) }
        #expect(channel.received.isEmpty && !written.contains("tries"))
        // and what was lost before stays lost
        _ = try conversation.send(pin)
        #expect(throws: CardError.channel(.commandTooLong(240, most: 239))) { try conversation.send(command) }
        #expect(written.contains("tries PIN/00 4\n"))
    }
}
