import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing

/// Tries that somebody spends with commands written byte by byte, at the shell for instance, and those of line keys.
extension VisitTests {
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

    /// No PIN vouches for a key or for the unlocking of another: where it has the fewest tries, a key is counted all the same.
    @Test(arguments: unnamed) func aPINIsNeverTheLeastCounter(text: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "SSCV1\ntries PIN/00 1\n".write(
            toFile: folder + "/990100000001.visits", atomically: true, encoding: .utf8)
        let command = CardOperation.fixed(try CommandAPDU(bytes: bytes(text)))
        _ = try lineVisit(ScriptedChannel(["9000", "6988"]), "SSSE").send(command)
        #expect(written.contains("tries PIN/00 1\n"))
        #expect(written.split(separator: "\n").count { $0.hasPrefix("tries") } == 2)
    }

    private static let unnamed = [
        "802C000110" + String(repeating: "A5", count: 16), "84D401000C0011223344556677AABBCCDD",
    ]

    /// PIN UNBLOCK of TimeCOS and a protected WRITE KEY say in no byte whose tries they cost: they are counted where the directory has the fewest.
    @Test(arguments: unnamed) func whatNamesNoKeySpendsFromTheDirectorysLeastCounter(text: String) throws {
        let command = CardOperation.fixed(try CommandAPDU(bytes: bytes(text)))
        let name = "STKDF01/36.00"
        for left in [2, 1] {
            _ = try lineVisit(ScriptedChannel(["9000", "6988"]), "DF01").send(command)
            #expect(written.contains("tries \(name) \(left)\n"))
        }
        let channel = try ScriptedChannel(["9000", "9000"])
        let conversation = try lineVisit(channel, "DF01")
        #expect(throws: CardError.lastTry(name)) { try conversation.send(command) }
        #expect(channel.received.count == 1)
        // taken, it gives back what it cost itself and nothing that was lost before
        try FileManager.default.removeItem(atPath: folder + "/990100000001.visits")
        _ = try lineVisit(ScriptedChannel(["9000", "6988"]), "DF01").send(command)
        _ = try lineVisit(ScriptedChannel(["9000", "9000"]), "DF01").send(command)
        #expect(written.contains("tries \(name) 2\n"))
        // a key in plain is compared with nothing
        try FileManager.default.removeItem(atPath: folder + "/990100000001.visits")
        _ = try lineVisit(ScriptedChannel(["9000", "6982"]), "DF01").send(
            .fixed(CommandAPDU(bytes: bytes("80D4010008F9F0F0AAFF112233"))))
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
