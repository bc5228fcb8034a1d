import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// One element of an issued card changed, and what is known of it afterwards.
@Suite struct ElementUpdateTests {
    private let finished: CardInspectionTests.Finished
    private let directory: CompiledDirectory
    private let records: [CardImage.Record]
    private var compiled: CompiledCard { finished.factory.compiled }

    /// DF04/EF06 is read with the PIN and RK1DF04 together, and written with UK2DF04 alone.
    init() throws {
        finished = try CardInspectionTests.Finished()
        let layout = finished.factory.compiled.layout
        directory = try #require(finished.factory.compiled.directory("DF04"))
        let file = try #require(directory.file("EF06")?.file)
        let element = try #require(file.element("offlineAllowed"))
        records = try PersonImageEncoder(layout: layout).records("1", of: element, in: file)
    }

    private func content() throws -> String? {
        try finished.dump().content(by: compiled.layout)["DF04", "EF06", "offlineAllowed"]?.text
    }

    @Test func whatOnlyThePINOpensIsReadBackWithIt() throws {
        let update = ElementUpdate(try finished.conversation(), compiled, pinLength: 3)
        #expect(try update.write(records, to: "EF06", in: directory) == .written(records: 1, isReadBack: true))
        #expect(try content() == "1")
    }

    @Test func withoutThePINItIsWrittenAndNotReadBack() throws {
        let update = ElementUpdate(try finished.conversation(), compiled)
        #expect(try update.write(records, to: "EF06", in: directory) == .written(records: 1, isReadBack: false))
        #expect(try content() == "1")
    }

    @Test func aWrongPINIsFoundOutBeforeAnythingIsWritten() throws {
        let relay = RelayChannel(try VirtualCardChannel(finished.card))
        let conversation = CardConversation(
            relay, with: compiled, keys: finished.factory.keys, context: try finished.conversation().context,
            pin: try PersonalIdentificationNumber(digits: "481952"))
        #expect(throws: CardError.wrongPIN(triesLeft: 5)) {
            try ElementUpdate(conversation, compiled, pinLength: 3).write(records, to: "EF06", in: directory)
        }
        #expect(relay.sent.count { $0.ins == 0xDC } == 0)
        #expect(try content() == nil)
    }

    // MARK: - Only what differs

    private func relayed(_ keys: (any CardKeyService)? = nil) throws -> (relay: RelayChannel, CardConversation) {
        let channel = try VirtualCardChannel(finished.card)
        try channel.reset()
        let relay = RelayChannel(channel)
        let conversation = CardConversation(
            relay, with: compiled, keys: keys ?? finished.factory.keys,
            context: try finished.conversation().context, pin: finished.factory.pin)
        return (relay, conversation)
    }

    private func element(
        _ path: [String], _ value: String
    ) throws -> (CompiledDirectory, [CardImage.Record]) {
        let directory = try #require(compiled.directory(path[0]))
        let file = try #require(directory.file(path[1])?.file)
        let records = try PersonImageEncoder(layout: compiled.layout).records(
            value, of: try #require(file.element(path[2])), in: file)
        return (directory, records)
    }

    /// SSSE/EF06 is free to read: SELECT and READ RECORD are all that the card gets, and the image stays.
    @Test func whatAnybodyMayReadIsComparedWithoutAKey() throws {
        let before = finished.card.image
        let (directory, records) = try element(["SSSE", "EF06", "ethnicGroup"], "01")
        let (relay, conversation) = try relayed()
        let update = ElementUpdate(conversation, compiled)
        #expect(try update.isAlready(records, in: "EF06", of: directory))
        #expect(try update.write(records, to: "EF06", in: directory) == .unchanged)
        #expect(Set(relay.sent.map(\.ins)) == [0xA4, 0xB2])
        let (_, others) = try element(["SSSE", "EF06", "ethnicGroup"], "15")
        #expect(try !update.isAlready(others, in: "EF06", of: directory))
        #expect(finished.card.image == before)
    }

    /// DF01/EF08 asks for RK1DF01 (39/A1 of the profile) to be read: with it the value is seen, and UK3DF01 never presented.
    @Test func whatAReadKeyOpensIsNotWrittenAgain() throws {
        let before = finished.card.image
        let (directory, records) = try element(["DF01", "EF08", "maritalStatus"], "1")
        let (relay, conversation) = try relayed()
        let update = ElementUpdate(conversation, compiled)
        #expect(try !update.isAlready(records, in: "EF08", of: directory))
        #expect(relay.sent.isEmpty)
        #expect(try update.write(records, to: "EF08", in: directory) == .unchanged)
        #expect(relay.sent.filter { $0.ins == 0x82 }.map(\.p2) == [0xA1])
        #expect(relay.sent.count { $0.ins == 0xDC } == 0)
        #expect(finished.card.image == before)
        let (_, others) = try element(["DF01", "EF08", "maritalStatus"], "2")
        #expect(try update.write(others, to: "EF08", in: directory) == .written(records: 1, isReadBack: true))
        #expect(relay.sent.count { $0.ins == 0xDC } == 1)
    }

    /// DF01/EF15 has three degrees (tag 40); of them the second alone changes.
    @Test func ofARepeatedElementOnlyTheRecordThatDiffersIsWritten() throws {
        let degrees = ["degree=203;major=080900;school=A", "degree=204;major=080900;school=B"]
        let (directory, first) = try element(["DF01", "EF15", "degrees"], degrees.joined(separator: "|"))
        let (relay, conversation) = try relayed()
        let update = ElementUpdate(conversation, compiled)
        _ = try update.write(first, to: "EF15", in: directory)
        let written = relay.sent.count { $0.ins == 0xDC }
        let (_, second) = try element(["DF01", "EF15", "degrees"], "\(degrees[0])|\(degrees[0])")
        #expect(try update.write(second, to: "EF15", in: directory) == .written(records: 1, isReadBack: true))
        #expect(relay.sent.count { $0.ins == 0xDC } == written + 1)
    }
}
