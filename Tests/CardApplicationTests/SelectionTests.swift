import ByteText
import CardApplication
import CardCryptography
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing

/// Whatever is selected, and however: a key and a PIN have one counter each, and no way around it.
@Suite final class SelectionTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/selections-" + UUID().uuidString
    private let serial: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]
    private let pin = CardOperation.verifyPIN(identifier: 0x00, length: 3)

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// What stands in the record; a zero ends it.
    private var written: String {
        let text = (try? String(contentsOfFile: folder + "/990100000001.visits", encoding: .utf8)) ?? ""
        return String(text.prefix { $0 != "\0" })
    }

    private func conversation(
        _ answers: [String], layout: String = "national-2.0"
    ) throws -> (CardConversation, ScriptedChannel) {
        let channel = try ScriptedChannel(answers)
        let card = try LayoutLibrary(home: CardSite.home).compiledCard(named: layout)
        let conversation = CardConversation(
            channel, with: card, keys: TransparentKeys(), context: try CardSite.context(card.profile),
            pin: try PersonalIdentificationNumber(digits: "925814"),
            visit: CardVisit(
                try VisitRecord(in: folder, card: serial),
                keySet: AuthenticationTerms.KeySetMark(isDevelopment: true)))
        return (conversation, channel)
    }

    private func command(_ text: String) throws -> CardOperation {
        .fixed(try CommandAPDU(bytes: bytes(text)))
    }

    private func authentication(_ identifier: String) throws -> CardOperation {
        try command("008200\(identifier)08" + String(repeating: "11", count: 8))
    }

    /// ISO/IEC 7816-4 §7.1.1: no data is the master file; the makers' own name of it is cos-dialects §6.1's.
    @Test(arguments: ["00A4000000", "00A40000023F00", "00A404000E315041592E5359532E4444463031", "00A4040000"])
    func howeverTheMasterFileIsSelectedItsKeyHasOneCounter(selection: String) throws {
        let (visit, channel) = try conversation(["9000", "9000", "63C1"])
        try visit.perform(command("00A4000002DF01"))
        try visit.perform(command(selection))
        #expect(try visit.send(authentication("00")).statusWord == .triesLeft(1))
        #expect(throws: CardError.lastTry("MKMF/00")) { try visit.send(authentication("00")) }
        #expect(channel.isFinished)
    }

    /// The file 0015 lies in the environment, and so may one that the layout does not know.
    @Test(arguments: ["0015", "0016", "EF05"]) func aFileLeavesItsDirectorySelected(file: String) throws {
        let environment = try CardSite.card().directories[0].identifier.hexadecimal
        let (visit, channel) = try conversation(["9000", "9000", "63C1"])
        try visit.perform(command("00A4000002\(environment)"))
        try visit.perform(command("00A4000002\(file)"))
        #expect(try visit.send(authentication("0A")).statusWord == .triesLeft(1))
        #expect(throws: CardError.lastTry("RKSSSE/0A")) { try visit.send(authentication("0A")) }
        #expect(channel.isFinished)
    }

    @Test func aPINHasOneCounterWhateverFileIsSelectedBesideIt() throws {
        let directory = "00A4000002DF01"
        let (visit, channel) = try conversation(["9000", "63C1", "9000", "9000"], layout: "national-2.0@fmcos")
        try visit.perform(command(directory))
        #expect(throws: CardError.wrongPIN(triesLeft: 1)) { try visit.perform(pin) }
        try visit.perform(command("00A40000020015"))
        #expect(throws: CardError.lastTry("PIN/00@DF01")) { try visit.perform(pin) }
        // nor in a directory that nobody knows, which may be that one
        try visit.perform(command("00A4040005A000000001"))
        #expect(throws: CardError.lastTry("PIN/00@DF01")) { try visit.perform(pin) }
        #expect(channel.isFinished)
    }

    /// In a directory that nobody knows the worst matching counter is spent from, and none is filled by it.
    @Test func anUnknownDirectoryFillsNoCounter() throws {
        let (visit, _) = try conversation(["9000", "63C3", "9000", "9000", "9000", "63C4"])
        try visit.perform(command("00A4000002DF01"))
        _ = try visit.send(authentication("91"))
        #expect(written.contains("tries UK1DF01/91 3\n"))
        try visit.perform(command("00A4040005A000000001"))
        for _ in 0..<2 { #expect(try visit.send(authentication("91")).statusWord.isSuccess) }
        #expect(written.contains("tries UK1DF01/91 3\n"))
        #expect(try visit.send(authentication("91")).statusWord == .triesLeft(4))
        #expect(written.contains("tries UK1DF01/91 2\n"))
        #expect(!written.contains("tries UK1DF02"))
    }

    /// A key that no layout and no profile knows: it has its counter all the same, in the directory where it was presented, however that was
    /// selected.
    @Test func aKeyThatNobodyKnowsIsCountedWhereItIsPresented() throws {
        let name = try #require(CardSite.card().directory("DF01")?.directory?.dedicatedFileName).hexadecimal
        let (visit, channel) = try conversation(["9000", "63C1", "9000", "9000", "63C2", "9000", "63C1"])
        try visit.perform(command("00A4000002DF01"))
        #expect(try visit.send(authentication("77")).statusWord == .triesLeft(1))
        #expect(throws: CardError.lastTry("39/77@DF01")) { try visit.send(authentication("77")) }
        try visit.perform(command("00A40400\([UInt8(name.count / 2)].hexadecimal)\(name)"))
        #expect(throws: CardError.lastTry("39/77@DF01")) { try visit.send(authentication("77")) }
        // another directory's is another key
        try visit.perform(command("00A4000002DF02"))
        #expect(try visit.send(authentication("77")).statusWord == .triesLeft(2))
        #expect(written.contains("tries 39/77@DF02 2\n"))
        // and where nobody knows the directory either
        try visit.perform(command("00A4040005A000000001"))
        #expect(try visit.send(authentication("77")).statusWord == .triesLeft(1))
        #expect(throws: CardError.lastTry("39/77@A000000001")) { try visit.send(authentication("77")) }
        #expect(channel.isFinished)
    }

    /// Each directory is begun with the published key in its own record 39/00.
    @Test func theTransportKeyOfADirectoryIsCountedThere() throws {
        let (visit, channel) = try conversation(["9000", "11223344556677889000", "63C1", "11223344556677999000"])
        let transport = CardOperation.authenticate(
            .transport(visit.profile.transportKey), identifier: 0, form: .plain)
        try visit.perform(command("00A4000002DF01"))
        try visit.perform(command("0084000008"))
        #expect(try visit.send(transport).statusWord == .triesLeft(1))
        try visit.perform(command("0084000008"))
        #expect(throws: CardError.lastTry("MKDF01/00")) { try visit.send(transport) }
        #expect(!written.contains("MKMF"))
        #expect(channel.isFinished)
    }

    /// A profile whose PIN has the identifier 01: what fills it again fills that one's counter.
    @Test func aResetFillsTheCounterOfTheDirectorysPIN() throws {
        let path = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let text = try String(contentsOfFile: CardSite.home + "/CardLayouts/profiles/fmcos-ssse.yaml", encoding: .utf8)
        try text.replacingOccurrences(of: "3A/00:", with: "3A/01:")
            .write(toFile: path + "/fmcos-ssse.yaml", atomically: true, encoding: .utf8)
        let profile = try COSProfileReader.read(path + "/fmcos-ssse.yaml")
        let (channel, record) = (try ScriptedChannel(["63C2", "9000"]), try VisitRecord(in: folder, card: serial))
        let visit = CardConversation(
            channel, profile: profile, keys: TransparentKeys(), context: try CardSite.context(profile),
            pin: try PersonalIdentificationNumber(digits: "925814"),
            visit: CardVisit(record, keySet: AuthenticationTerms.KeySetMark(isDevelopment: true)))
        _ = try visit.send(.verifyPIN(identifier: 0x01, length: 3))
        #expect(written.contains("tries PIN/01 2\n"))
        #expect(try visit.send(command("8424000114" + String(repeating: "A5", count: 20))).statusWord.isSuccess)
        #expect(!written.contains("PIN"))
    }
}
