import CardApplication
import CardCryptography
import CardData
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
        let found = try #require(file.element(path[2]))
        let encoder = PersonImageEncoder(layout: compiled.layout)
        guard found.record != nil else { return (directory, try encoder.records(value, of: found, in: file)) }
        // The environment's elements are kept on record and never written by themselves; here they stand for any that is free to read.
        let image = try encoder.encode(finished.factory.person.merging([found.name: value]) { $1 })
        return (directory, image.records(path[0], path[1]).filter { $0.element == found.name })
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

    // MARK: - Rows of a ring

    private static let row = "occupation=2010100;startDate=20260901;employerName=示范厂"

    private func employment(_ text: String) throws -> (CompiledDirectory, [CardImage.Record]) {
        let directory = try #require(compiled.directory("DF02"))
        let file = try #require(directory.file("EF07")?.file)
        return (directory, [try PersonImageEncoder(layout: compiled.layout).row(text, of: file)])
    }

    /// DF02/EF07: an 07, cn 04 twice, an 46 (hexadecimal); under 00 DC 00 with SFI 7 and 011 (card.md §2.1), UK3DF02 (39/93) and RK1DF02.
    @Test func aRowBecomesTheNewestAndIsNotAddedTwice() throws {
        let (directory, first) = try employment(Self.row)
        let (relay, conversation) = try relayed()
        let update = ElementUpdate(conversation, compiled)
        #expect(try update.write(first, to: "EF07", in: directory) == .written(records: 1, isReadBack: true))
        let sent = try #require(relay.sent.first { $0.ins == 0xDC })
        #expect([sent.cla, sent.p1, sent.p2] == [0x00, 0x00, 0x3B])
        let employer: [UInt8] = [0xCA, 0xBE, 0xB7, 0xB6, 0xB3, 0xA7]
        #expect(
            sent.data == Array("2010100".utf8) + [0x20, 0x26, 0x09, 0x01, 0xFF, 0xFF, 0xFF, 0xFF] + employer
                + [UInt8](repeating: 0, count: 0x46 - employer.count))
        #expect(relay.sent.filter { $0.ins == 0x82 }.map(\.p2).contains(0x93))
        let before = finished.card.image
        #expect(try update.write(first, to: "EF07", in: directory) == .unchanged)
        #expect(finished.card.image == before)
        for year in 2001...2004 {
            let (_, next) = try employment("startDate=\(year)0101")
            _ = try update.write(next, to: "EF07", in: directory)
        }
        let content = try finished.dump().content(by: compiled.layout)
        guard case .rows(let rows)? = content.file("DF02", "EF07")?.content else {
            Issue.record("no rows")
            return
        }
        #expect(rows.map { $0["startDate"] } == ["20040101", "20030101", "20020101", "20010101"])
    }

    @Test func rowsThatNobodyMayWriteOrThatAreNoneAreRefused() throws {
        let encoder = PersonImageEncoder(layout: compiled.layout)
        func code(_ directory: String, _ file: String, _ text: String) throws -> [String]? {
            let file = try #require(compiled.directory(directory)?.file(file)?.file)
            do throws(Faults) {
                _ = try encoder.row(text, of: file)
                return nil
            } catch { return error.faults.map(\.code.rawValue) }
        }
        #expect(try code("DF04", "EF08", "kind=2") == ["layout.written-by-card"])
        #expect(try code("DF01", "EF08", "maritalStatus=2") == ["layout.not-cyclic"])
        #expect(try code("DF02", "EF07", "occupation=") == ["layout.row-empty"])
        #expect(try code("DF02", "EF07", "\(Self.row)|\(Self.row)") == ["element.too-many"])
        #expect(try code("DF02", "EF07", "startDate=20261301") == ["date.calendar"])
    }
}
