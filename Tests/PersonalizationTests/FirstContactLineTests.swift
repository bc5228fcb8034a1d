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

/// Line keys at a first contact: a wrong MAC costs a card as much as a wrong key, so it proves itself before the first of them too.
@Suite struct FirstContactLineTests {
    private static let wrongArea = "990201"

    private let factory: CardFactory
    private let card: VirtualCard

    /// `national-2.0` with its EF05, which everybody reads, under the MAC of the environment's line key.
    init() throws { (factory, card) = try Self.made() }

    private static func made(profile: String = "") throws -> (CardFactory, VirtualCard) {
        let protection = "protection: {mode: mac, key: STK, reading: protected}"
        let factory = try CardFactory(
            RegionLayout.compiled(
                "profile: region\ndirectories: {SSSE: {files: {EF05: {\(protection)}}}}", profile: profile))
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        return (factory, card)
    }

    private func reading(_ conversation: CardConversation, _ factory: CardFactory) throws -> FileReading.Outcome? {
        try CardReader(conversation, factory.compiled, presentsKeys: true).read(directories: ["SSSE"])
            .first { $0.file == "EF05" }?.outcome
    }

    /// How often a card was asked to prove itself, and how many commands with a MAC it got.
    private func count(_ relay: RelayChannel) -> [Int] {
        [relay.sent.count { $0.ins == 0x88 }, relay.sent.count { $0.cla & 0x04 != 0 }]
    }

    @Test func `a card with other keys gets no MAC of ours`() throws {
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(throws: CardError.otherKeys("STK")) {
            try reading(factory.firstContact(relay, area: Self.wrongArea), factory)
        }
        #expect(count(relay) == [1, 0])
        // taken for known, the same card is shown a MAC that it does not take
        let known = RelayChannel(try VirtualCardChannel(card))
        #expect(throws: CardError.authenticationFailed(key: "RKSSSE", triesLeft: 4)) {
            try reading(factory.firstContact(known, area: Self.wrongArea, isInTheBooks: true), factory)
        }
        #expect(count(known) == [0, 1])
        #expect(known.answers.contains { $0.statusWord == .secureMessagingIncorrect })
    }

    @Test func `a card with our keys proves itself before its first MAC, and the directory is entered again`() throws {
        let relay = RelayChannel(try VirtualCardChannel(card))
        guard case .records(let records)? = try reading(factory.firstContact(relay), factory) else {
            return #expect(Bool(false), "not read")
        }
        let code = try #require([UInt8](hexadecimal: factory.person["identificationCode"] ?? ""))
        #expect(records.first == [0x01, 0x10] + code)
        let proof = try #require(relay.sent.firstIndex { $0.ins == 0x88 })
        let line = try #require(relay.sent.firstIndex { $0.cla & 0x04 != 0 })
        #expect(proof < line)
        #expect(relay.sent[proof..<line].contains { $0.ins == 0xA4 })
    }

    /// A profile whose internal key wants the PIN first.
    @Test func `a card that cannot prove itself waits for an officer's word, given once for all its records`() throws {
        let (factory, card) = try Self.made(profile: "directories: {SSSE: {keys: {34/00: {use: 22}}}}")
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(throws: CardError.firstContact("STK")) {
            try reading(factory.firstContact(relay), factory)
        }
        #expect(count(relay) == [0, 0])
        let folder = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let accepted = RelayChannel(try VirtualCardChannel(card))
        let visit = try factory.firstContact(
            accepted, record: VisitRecord(in: folder, card: [1]), acceptedBy: 1001)
        guard case .records? = try reading(visit, factory) else { return #expect(Bool(false), "not read") }
        #expect(count(accepted)[1] > 1)
        let written = try String(contentsOfFile: folder + "/01.visits", encoding: .utf8)
        #expect(written.split(separator: "\n").count { $0.hasPrefix("first-contact 1001 STK/36.00.read") } == 1)
    }

    @Test func `a card is blocked for good only once it has proved itself`() throws {
        let relay = RelayChannel(try VirtualCardChannel(card))
        #expect(throws: CardError.otherKeys("BK")) {
            try factory.firstContact(relay, area: Self.wrongArea).blockCard(factory.compiled)
        }
        #expect(count(relay) == [1, 0])
        let ours = RelayChannel(try VirtualCardChannel(card))
        try factory.firstContact(ours).blockCard(factory.compiled)
        #expect(count(ours) == [1, 1])
        #expect(try VirtualCardChannel(card).transmit(CommandAPDU(0x00, 0xA4, 0x00, 0x00)).statusWord != .success)
    }
}
