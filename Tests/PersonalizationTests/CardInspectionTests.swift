import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A finished card and what looks at it: dump, comparison, verification, trace.
@Suite struct CardInspectionTests {
    /// A card that holds the factory's person, finished in process.
    struct Finished {
        let factory: CardFactory
        let card: VirtualCard
        let trace: CardTrace
        let plan: CardPlan

        init(
            _ layout: String = "national-2.0", values: [String: String] = [:],
            personalData: CardTrace.PersonalData = .masked
        ) throws {
            factory = try CardFactory(layout: layout)
            card = try factory.blank()
            var person = factory.person
            // Version 1.00 has no extension of the name.
            if layout == "national-1.0" { person["name"] = "张三" }
            person.merge(values) { $1 }
            plan = try factory.plan(person)
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let channel = try TracingChannel(VirtualCardChannel(card), personalData: personalData)
            try workshop.begin(plan, on: channel, values: person)
            trace = channel.trace
            card.powerOff()
        }

        /// The same card once more, put back from where it was kept.
        init(_ other: Finished, card: VirtualCard) {
            factory = other.factory
            plan = other.plan
            trace = other.trace
            self.card = card
        }

        func conversation() throws -> CardConversation {
            let channel = try VirtualCardChannel(card)
            try channel.reset()
            return try factory.conversation(channel)
        }

        func dump(withPIN: Bool = true, presentsKeys: Bool = true) throws -> CardDump {
            let readings = try CardReader(
                conversation(), factory.compiled, presentsKeys: presentsKeys, pinLength: withPIN ? 3 : nil
            ).read()
            return CardDump(layoutName: factory.compiled.layout.name, answerToReset: [0x3B, 0x00], readings: readings)
        }

        func wanted(_ changes: [String: String] = [:]) throws -> CardInventory {
            let image = try PersonImageEncoder(layout: factory.compiled.layout).encode(
                factory.person.merging(changes) { $1 })
            return CardInventory(image, of: factory.compiled.layout)
        }
    }

    // MARK: - Dump and comparison

    @Test func aDumpIsReadBackFromBothItsForms() throws {
        let finished = try Finished()
        let dump = try finished.dump()
        let layout = finished.factory.compiled.layout
        let bytes = try CardDumpFile(json: [UInt8](JSONEncoder().encode(dump)), file: "a.json")
        guard case .bytes(let back) = bytes.form else { return #expect(Bool(false), "\(bytes.form)") }
        #expect(Set(back.readings) == Set(dump.readings))
        #expect(bytes.layoutName(among: []) == "national-2.0")
        let values = try CardDumpFile(json: [UInt8](JSONEncoder().encode(dump.content(by: layout))), file: "b.json")
        #expect(values.layoutName(among: [layout]) == "national-2.0")
        let comparison = CardComparison(
            bytes.inventory(by: layout), values.inventory(by: layout), layout: layout)
        #expect(comparison.isSame)
        #expect(comparison.comparedFileCount > 20)
    }

    @Test(arguments: [
        "[]", "{\"SSSE\": 1}", "{\"SSSE\": {\"EF05\": {\"cardClass\": 3}}}", "{\"format\": \"x\"}", "{", "",
    ])
    func whatIsNoDumpIsRefused(json: String) {
        #expect(throws: Faults.self) { try CardDumpFile(json: Array(json.utf8), file: "x.json") }
    }

    @Test func aCardHoldsWhatItsRecordAsksFor() throws {
        let finished = try Finished()
        let layout = finished.factory.compiled.layout
        let card = CardInventory(try finished.dump(), by: layout)
        for asBytes in [false, true] {
            let comparison = try CardComparison(card, finished.wanted(), layout: layout, asBytes: asBytes)
            #expect(comparison.verdict == .same, "\(comparison.differences)")
            #expect(comparison.uncompared.isEmpty, "\(comparison.uncompared)")
        }
    }

    @Test func whereNobodysIdentityWasComparedNothingIsCalledTheSame() throws {
        let finished = try Finished()
        let layout = finished.factory.compiled.layout
        let card = CardInventory(try finished.dump(), by: layout)
        let nothing = try CardDumpFile(json: Array("{}".utf8), file: "empty.json").inventory(by: layout)
        #expect(CardComparison(card, nothing, layout: layout).verdict == .unknown)
        #expect(CardComparison(nothing, nothing, layout: layout).verdict == .unknown)
        // A closed name is enough, and so is one that only this side tells.
        let untold = try CardComparison(card, finished.wanted(), layout: layout, untold: ["name"])
        #expect(untold.verdict == .unknown)
        #expect(untold.uncompared.map(\.element) == ["name"])
        let other = try CardComparison(
            card, finished.wanted(["cardNumber": "D00000013"]), layout: layout, untold: ["cardNumber"], asBytes: true)
        #expect(other.verdict == .same, "\(other.differences)")
        #expect(
            try CardComparison(card, finished.wanted(["cardNumber": "D00000013"]), layout: layout).verdict == .differs)
    }

    // MARK: - What the card does not vouch for

    /// 6281 beside content says that its check sum is wrong (cos-dialects §6.2, §6.3).
    @Test func aRecordThatTheCardWarnsOfIsToldAsDamaged() throws {
        let finished = try Finished()
        let compiled = finished.factory.compiled
        let layout = compiled.layout
        let channel = try RelayChannel(VirtualCardChannel(finished.card))
        channel.changeAnswer = { answer in
            let isName = answer.data.starts(with: [0x09]) && answer.data.count > 20
            return isName ? ResponseAPDU(data: answer.data, .dataMayBeCorrupted) : answer
        }
        let readings = try CardReader(
            finished.factory.conversation(channel), compiled, presentsKeys: true, pinLength: 3
        ).read()
        let damaged = readings.filter { !$0.damaged.isEmpty }
        #expect(damaged.map { "\($0.directory)/\($0.file)" } == ["SSSE/EF06"])
        let dump = CardDump(layoutName: layout.name, answerToReset: [0x3B, 0x00], readings: readings)
        let warnings = dump.content(by: layout).warnings.filter { $0.code == "card.data-damaged" }
        #expect(warnings.compactMap { $0.parameters["element"] } == ["name"])
        let back = try CardDumpFile(json: [UInt8](JSONEncoder().encode(dump)), file: "a.json")
        let comparison = try CardComparison(back.inventory(by: layout), finished.wanted(), layout: layout)
        #expect(comparison.verdict == .differs)
        #expect(comparison.differences.map { [$0.kind.rawValue, $0.element] } == [["damaged", "name"]])
        let findings = try CardVerifier(
            finished.factory.conversation(ReadOnlyChannel(channel)), compiled,
            encoder: PersonImageEncoder(layout: layout), presentsKeys: true, pinLength: 3
        ).check()
        let violated = findings.filter { if case .violated = $0.verdict { true } else { false } }
        #expect(violated.map { [$0.rule.rawValue, $0.file, $0.element] } == [["value", "EF06", "name"]])
    }

    @Test func differencesNameElementWithTitleAndBothValues() throws {
        let finished = try Finished()
        let layout = finished.factory.compiled.layout
        let card = CardInventory(try finished.dump(withPIN: false), by: layout)
        let other = try finished.wanted(["sex": "2", "DF01.EF08.maritalStatus": "", "DF01.EF07.employmentStatus": "1"])
        let comparison = CardComparison(card, other, layout: layout)
        let told = comparison.differences.map {
            [$0.kind.rawValue, $0.directory, $0.file, $0.title, $0.first, $0.second]
        }
        #expect(
            told == [
                ["differs", "SSSE", "EF06", "性别", "1", "2"],
                ["only-second", "DF01", "EF07", "就业或离退休状态", nil, "1"],
                ["only-first", "DF01", "EF08", "婚姻状况", "1", nil],
            ])
        // Without the PIN nobody can say what stands there (file table: PIN and RK1DF04; PIN).
        #expect(comparison.uncompared.map(\.file) == ["EF06", "EF08"])
        let bytes = CardComparison(card, other, layout: layout, asBytes: true)
        #expect(bytes.differences.map(\.first) == ["0A0131", "290100", "2B0131"])
        #expect(bytes.differences.map(\.second) == ["0A0132", "290131", "2B0100"])
    }

    @Test func aRecordThatWasNotOpenIsNotCalledMissing() throws {
        let finished = try Finished("national-3.0")
        let layout = finished.factory.compiled.layout
        let card = CardInventory(try finished.dump(presentsKeys: false), by: layout)
        let comparison = try CardComparison(card, finished.wanted(), layout: layout, asBytes: true)
        #expect(comparison.isSame, "\(comparison.differences)")
        #expect(comparison.verdict == .unknown, "nobody's name was open")
        #expect(comparison.uncompared.contains { $0.element == "cardNumber" })
    }

    // MARK: - Rows and records that were not open

    /// A ring has rows and not elements: an empty row is one row that was not compared, in values and in bytes.
    @Test(arguments: [true, false]) func aRowThatWasNotOpenIsToldByItsNumber(asBytes: Bool) throws {
        let finished = try Finished(values: ["DF02.EF07": "occupation=2020100;startDate=20200101"])
        let layout = finished.factory.compiled.layout
        let shut = try changed(finished.dump(), "DF02", "EF07") { [""] + $0 }
        let comparison = CardComparison(
            CardInventory(shut, by: layout), CardInventory(shut, by: layout), layout: layout, asBytes: asBytes)
        #expect(comparison.differences.isEmpty)
        #expect(comparison.uncompared.map { [$0.directory, $0.file, $0.element] } == [["DF02", "EF07", "1"]])
    }

    /// The dump with other records in one of its files, as hexadecimal digits.
    private func changed(
        _ dump: CardDump, _ directory: String, _ file: String, _ change: ([String]) -> [String]
    ) throws -> CardDump {
        var root = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(dump)) as? [String: Any])
        var files = try #require(root["files"] as? [String: [String: [String: Any]]])
        let records = try #require(files[directory]?[file]?["records"] as? [String])
        files[directory]?[file]?["records"] = change(records)
        root["files"] = files
        return try JSONDecoder().decode(CardDump.self, from: JSONSerialization.data(withJSONObject: root))
    }

    /// A record that the layout has no element for is left out of the bytes where one side did not open it, and told.
    @Test func aRecordWithoutAnElementThatWasNotOpenIsTold() throws {
        let finished = try Finished()
        let layout = finished.factory.compiled.layout
        let dump = try finished.dump()
        func more(_ record: String) throws -> CardInventory {
            CardInventory(try changed(dump, "SSSE", "EF06") { $0 + [record] }, by: layout)
        }
        let comparison = try CardComparison(more(""), more("7A0131"), layout: layout, asBytes: true)
        #expect(comparison.uncompared.map { [$0.file, $0.element] } == [["EF06", "8"]])
        #expect(comparison.differences.isEmpty)
    }
}
