import CardApplication
import CardCryptography
import CardLayout
import ISO7816
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
        #expect(try update.write(records, to: "EF06", in: directory))
        #expect(try content() == "1")
    }

    @Test func withoutThePINItIsWrittenAndNotReadBack() throws {
        let update = ElementUpdate(try finished.conversation(), compiled)
        #expect(try !update.write(records, to: "EF06", in: directory))
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
}
