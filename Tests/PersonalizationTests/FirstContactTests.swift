import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// A card that another place made, seen here for the first time: it may have one try left, and nobody here knows.
@Suite struct FirstContactTests {
    private static let wrongArea = "990201"

    private let factory: CardFactory
    private let card: VirtualCard

    init() throws {
        factory = try CardFactory()
        card = try Self.made(factory)
    }

    private static func made(_ factory: CardFactory) throws -> VirtualCard {
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        return card
    }

    private func read(_ conversation: CardConversation, _ compiled: CompiledCard? = nil) throws -> [FileReading] {
        try CardReader(conversation, compiled ?? factory.compiled, presentsKeys: true).read(directories: ["SSSE"])
    }

    private func isOpen(_ readings: [FileReading]) -> Bool {
        guard case .records? = readings.first(where: { $0.file == "EF06" })?.outcome else { return false }
        return true
    }

    /// Leaves RKSSSE (39/0A) one try, as wrong keys at another place do; past all books.
    private func loseTries(_ card: VirtualCard) throws {
        let channel = try VirtualCardChannel(card)
        let name = try #require(
            factory.compiled.directories.first?.directory.flatMap(factory.compiled.profile.selectionName))
        _ = try channel.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: name))
        for left in (1...4).reversed() {
            for _ in 0..<2 { _ = try channel.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8)) }
            let wrong = try CommandAPDU(0x00, 0x82, 0x00, 0x0A, data: [UInt8](repeating: 0x5A, count: 16))
            #expect(try channel.transmit(wrong).statusWord == .triesLeft(left))
        }
    }

    /// How often a card was asked to prove itself, and how often it was shown a key.
    private func count(_ relay: RelayChannel) -> [Int] {
        [relay.sent.count { $0.ins == 0x88 }, relay.sent.count { $0.ins == 0x82 }]
    }

    // MARK: - Keys that are not the card's

    @Test func `wrong keys cost a card with one try left none, and say why they are wrong`() throws {
        try loseTries(card)
        let relay = RelayChannel(try VirtualCardChannel(card))
        let visit = try factory.firstContact(relay, area: Self.wrongArea)
        #expect(throws: CardError.otherKeys("RKSSSE")) { try read(visit) }
        #expect(count(relay) == [1, 0])
        let diagnosis = try #require(visit.diagnosis(readingFrom: factory.compiled.layout))
        #expect(diagnosis.causes == [.area(card: "990101", used: Self.wrongArea)])
        // nor does an officer's word help against what the card has said itself
        #expect(throws: CardError.otherKeys("RKSSSE")) {
            try read(factory.firstContact(VirtualCardChannel(card), area: Self.wrongArea, acceptedBy: 1001))
        }
        // the try is still there: the right key opens the card
        #expect(try isOpen(read(factory.firstContact(VirtualCardChannel(card)))))
    }

    /// What the rule is for: taken for known, the same card is blocked for good.
    @Test func `taken for known, the same card loses its key`() throws {
        try loseTries(card)
        let visit = try factory.firstContact(VirtualCardChannel(card), area: Self.wrongArea, isInTheBooks: true)
        #expect(throws: CardError.authenticationFailed(key: "RKSSSE", triesLeft: 0)) { try read(visit) }
    }

    @Test func `a change of data and a new PIN spend nothing either`() throws {
        try loseTries(card)
        let compiled = factory.compiled
        let relay = RelayChannel(try VirtualCardChannel(card))
        let pin = HolderPIN(try factory.firstContact(relay, area: Self.wrongArea), compiled)
        let error = #expect(throws: HolderPINError.self) {
            try pin.perform(.reset(to: PersonalIdentificationNumber(digits: "739146")))
        }
        #expect(error?.cause == .otherKeys("PUK"))
        let directory = try #require(compiled.directory("DF01"))
        let image = try PersonImageEncoder(layout: compiled.layout).encode(factory.person)
        let records = image.records("DF01", "EF08").filter { $0.element == "maritalStatus" }
        let update = ElementUpdate(try factory.firstContact(relay, area: Self.wrongArea), compiled)
        #expect(throws: CardError.self) { try update.write(records, to: "EF08", in: directory) }
        #expect(count(relay) == [2, 0])
    }

    // MARK: - Keys that are

    @Test func `a card with our keys proves itself once, and is known from then on`() throws {
        let record = VisitRecord()
        for asked in [[1, 1], [0, 1]] {
            let relay = RelayChannel(try VirtualCardChannel(card))
            #expect(try isOpen(read(factory.firstContact(relay, record: record))))
            #expect(count(relay) == asked)
        }
    }

    @Test func `a card in the books is asked nothing`() throws {
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(try isOpen(read(factory.firstContact(relay, isInTheBooks: true))))
        #expect(count(relay) == [0, 1])
    }

    // MARK: - What nobody can tell beforehand

    /// A profile whose internal key wants the PIN first.
    @Test func `a card that cannot prove itself waits for an officer's word, which is written down`() throws {
        let compiled = try RegionLayout.compiled(
            "profile: region", profile: "directories: {SSSE: {keys: {34/00: {use: 22}}}}")
        let factory = try CardFactory(compiled)
        let card = try Self.made(factory)
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(throws: CardError.firstContact("RKSSSE")) {
            try read(factory.firstContact(relay), compiled)
        }
        #expect(count(relay) == [0, 0])
        let folder = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for officer in [1001, nil] as [UInt64?] {
            let record = try VisitRecord(in: folder, card: [1])
            let visit = try factory.firstContact(
                VirtualCardChannel(card), record: record, acceptedBy: officer)
            #expect(try isOpen(read(visit, compiled)))
        }
        let written = try String(contentsOfFile: folder + "/01.visits", encoding: .utf8)
        #expect(written.contains("first-contact 1001 RKSSSE/0A\n"))
    }

    /// IRK proves the derivation; which version of another key the card has it does not say.
    @Test func `a key that had another version is not proved by another one`() throws {
        let second = try #require(CardKeyVersions("1,RKSSSE=2"))
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(throws: CardError.firstContact("RKSSSE")) { try read(factory.firstContact(relay, live: second)) }
        #expect(count(relay) == [1, 0])
        let other = try #require(CardKeyVersions("1,UKSSSE=2"))
        #expect(try isOpen(read(factory.firstContact(VirtualCardChannel(card), live: other))))
    }

    /// What the card has told of a counter is known, and the rule of the last try holds.
    @Test func `a counter that the card has told needs nobody's word`() throws {
        let record = VisitRecord()
        let wrong = try factory.firstContact(
            VirtualCardChannel(card), area: Self.wrongArea, record: record, isInTheBooks: true)
        #expect(throws: CardError.authenticationFailed(key: "RKSSSE", triesLeft: 4)) { try read(wrong) }
        let second = try #require(CardKeyVersions("1,RKSSSE=2"))
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(try isOpen(read(factory.firstContact(relay, record: record, live: second))))
    }

    /// The card was pulled before it answered: what stands noted was counted here, from full, and says nothing of the card.
    @Test func `a presentation that the card never answered makes it no card that is known`() throws {
        let record = VisitRecord()
        let second = try #require(CardKeyVersions("1,RKSSSE=2"))
        let sent = RelayChannel(try VirtualCardChannel(card))
        _ = try read(factory.firstContact(sent, live: second, acceptedBy: 1001))
        let presentation = try #require(sent.sent.firstIndex { $0.ins == 0x82 })
        let pulled = FaultChannel(try VirtualCardChannel(card), cutAt: presentation, .beforeCommand) {}
        #expect(throws: CardError.channel(.cardRemoved)) {
            try read(factory.firstContact(pulled, record: record, live: second, acceptedBy: 1001))
        }
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(throws: CardError.firstContact("RKSSSE")) {
            try read(factory.firstContact(relay, record: record, live: second))
        }
        #expect(count(relay) == [1, 0])
    }
}
