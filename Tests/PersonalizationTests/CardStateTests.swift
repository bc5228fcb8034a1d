import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// What is told of a card without costing it anything.
@Suite struct CardStateTests {
    private func classification(_ channel: any CardChannel, _ factory: CardFactory) throws -> CardClassification {
        try CardClassification.of(factory.conversation(channel), layout: factory.compiled.layout)
    }

    /// After CARD BLOCK a card answers 6A81 to everything (cos-dialects §11, 12), as a blank does to SELECT.
    @Test func aBlockedCardIsNoBlank() throws {
        let factory = try CardFactory()
        let card = try RelayChannel(VirtualCardChannel(factory.blank())) { _ in ResponseAPDU(.functionNotSupported) }
        #expect(try classification(card, factory) == .blocked)
        #expect(try classification(VirtualCardChannel(factory.blank()), factory) == .blank)
    }

    @Test func aCardThatAnswersOddlyIsUnknown() throws {
        let factory = try CardFactory()
        let mute = try RelayChannel(VirtualCardChannel(factory.blank())) { _ in
            ResponseAPDU(StatusWord(rawValue: 0x6F00))
        }
        #expect(try classification(mute, factory) == .unknown)
        // Seen in the field: a card that says 9000 to everything.
        let agreeable = try RelayChannel(VirtualCardChannel(factory.blank())) { _ in ResponseAPDU(.success) }
        #expect(try classification(agreeable, factory) == .unknown)
    }

    @Test func aCardOfAnotherKindIsForeign() throws {
        let factory = try CardFactory()
        let other = try CardFactory(layout: "national-3.0").blank()
        #expect(try classification(VirtualCardChannel(other), factory) == .foreign)
    }

    /// TimeCOS blanks come with a master file: what else is in it tells a blank from a card in somebody's use.
    @Test func aCardWithAFactorysMasterFileAndAnothersApplicationIsNoBlank() throws {
        let factory = try CardFactory(layout: "national-2.0@timecos")
        let blank = try RelayChannel(VirtualCardChannel(factory.blank()))
        #expect(try classification(blank, factory) == .blank)
        let application: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01]
        for other in [Array("2PAY.SYS.DDF01".utf8), application, [0x3F, 0x01], [0x00, 0x01]] {
            let used = try RelayChannel(VirtualCardChannel(factory.blank())) { command in
                command.ins == 0xA4 && command.data == other ? ResponseAPDU(.bytesWaiting(20)) : nil
            }
            #expect(try classification(used, factory) == .unknown, "\(other.hexadecimal)")
            #expect(!used.sent.contains { $0.ins != 0xA4 }, "nothing is presented, and nothing written")
        }
    }

    @Test func aCommentInTheLayoutChangesNoPlan() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: CardFactory.home + "/CardLayouts", toPath: folder.path + "/CardLayouts")
        for file in ["national-2.0.yaml", "profiles/fmcos-ssse.yaml"] {
            let path = folder.path + "/CardLayouts/" + file
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try ("# A note.\n\n" + text).write(toFile: path, atomically: true, encoding: .utf8)
        }
        let factory = try CardFactory()
        let library = LayoutLibrary(home: folder.path)
        let layout = try library.layout(named: "national-2.0")
        let compiled = try CompiledCard(layout: layout, profile: library.profile(named: layout.profileName))
        let image = try PersonImageEncoder(layout: layout).encode(factory.person)
        let plan = try CardPlanner(compiled).plan(for: image, pinLength: 3)
        let usual = try factory.plan()
        #expect(try plan.hash == usual.hash)
        // What is printed does tell the new lines.
        #expect(plan.steps.map { $0.place?.line } != usual.steps.map { $0.place?.line })
    }

    @Test func anOddStatusWordCostsOneFileAndNotTheOthers() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        // READ RECORD of SSSE EF05 (short identifier 5: P2 2C).
        let channel = try RelayChannel(VirtualCardChannel(card)) { command in
            command.ins == 0xB2 && command.p2 == 0x2C ? ResponseAPDU(StatusWord(rawValue: 0x6F00)) : nil
        }
        let readings = try CardReader(factory.conversation(channel), factory.compiled, presentsKeys: true).read()
        let refused = readings.filter { $0.outcome == .refused(StatusWord(rawValue: 0x6F00)) }
        #expect(refused.first.map { "\($0.directory)/\($0.file)" } == "SSSE/EF05")
        #expect(readings.contains { $0.directory == "SSSE" && $0.file == "EF06" && $0.outcome.isRecords })
        #expect(readings.contains { $0.directory == "DF01" && $0.outcome.isRecords })
    }

    @Test func aKeyTheCardWillNotHearOfClosesItsFilesOnly() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        let channel = try RelayChannel(VirtualCardChannel(card)) { command in
            command.ins == 0x82 && command.p2 == 0xA1 ? ResponseAPDU(.keyIndexNotSupported) : nil
        }
        let readings = try CardReader(factory.conversation(channel), factory.compiled, presentsKeys: true).read()
        #expect(readings.contains { $0.directory == "SSSE" && $0.file == "EF06" && $0.outcome.isRecords })
        #expect(!readings.contains { $0.directory == "DF01" && $0.outcome.isRecords })
    }

    @Test func anotherCitysKeysAreExplainedBeforeASecondTry() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        let channel = try VirtualCardChannel(card)
        let context = try factory.conversation(channel, area: "990102").context
        let visit = CardVisit(VisitRecord(), keySet: AuthenticationTerms.KeySetMark(isDevelopment: true))
        let conversation = CardConversation(
            channel, profile: factory.compiled.profile, keys: factory.keys, context: context, visit: visit)
        let error = #expect(throws: RefusedKey.self) {
            try conversation.explaining(of: factory.compiled.layout) {
                _ = try CardReader(conversation, factory.compiled, presentsKeys: true).read(directories: ["DF01"])
            }
        }
        #expect(error?.faults.map(\.code.rawValue) == ["card.authentication-failed", "authentication.area"])
        #expect(error?.faults.last?.parameters == ["card": "990101", "used": "990102"])
    }
}

extension FileReading.Outcome {
    fileprivate var isRecords: Bool {
        if case .records = self { true } else { false }
    }
}
