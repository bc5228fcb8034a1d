import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// What a card gives with 6281 (its check sum is wrong, cos-dialects §6.2): kept in the values' JSON, and never copied by a migration.
@Suite struct DamagedDataTests {
    typealias Finished = CardInspectionTests.Finished

    private let finished: Finished
    private var compiled: CompiledCard { finished.factory.compiled }

    init() throws { finished = try Finished() }

    /// The card as it is read where it warns of the record with a tag of SSSE/EF06; `more` follows the record.
    private func dump(_ tag: UInt8, more: [UInt8] = []) throws -> CardDump {
        let channel = try RelayChannel(VirtualCardChannel(finished.card))
        try channel.reset()
        channel.changeAnswer = { answer in
            let isMeant =
                channel.sent.last?.ins == 0xB2 && channel.sent.last.map { $0.p2 >> 3 } == 6 && answer.data.first == tag
            return isMeant ? ResponseAPDU(data: answer.data + more, .dataMayBeCorrupted) : answer
        }
        let readings = try CardReader(
            finished.factory.conversation(channel), compiled, presentsKeys: true, pinLength: 3
        ).read(directories: ["SSSE"])
        return CardDump(
            layoutName: compiled.layout.name, answerToReset: channel.answerToReset.bytes, readings: readings)
    }

    @Test func theJSONOfValuesCarriesTheMarkAndIsReadBackWithIt() throws {
        let json = try JSONEncoder().encode(dump(0x09).content(by: compiled.layout))
        let object = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(object["damaged"] as? [String: [String: [String]]] == ["SSSE": ["EF06": ["name"]]])
        let kept = try CardDumpFile(json: [UInt8](json), file: "a.json")
        let wanted = try finished.wanted()
        let differences = CardComparison(kept.inventory(by: compiled.layout), wanted, layout: compiled.layout)
            .differences.filter { $0.directory == "SSSE" }
        #expect(differences.map { [$0.kind.rawValue, $0.file, $0.element] } == [["damaged", "EF06", "name"]])
        // a sound card says nothing of it
        let sound = try JSONEncoder().encode(finished.dump().content(by: compiled.layout))
        #expect(!String(decoding: sound, as: UTF8.self).contains("damaged"))
        #expect(throws: Faults.self) {
            try CardDumpFile(json: Array(#"{"damaged": ["name"], "SSSE": {}}"#.utf8), file: "a.json")
        }
    }

    private func migration(_ dump: CardDump, _ values: [String: String] = [:]) throws -> CardMigration {
        let target = try RegionLayout.compiled("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
        return try MigrationPlanner(
            from: compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: dump, values: values)
    }

    private func writes(_ migration: CardMigration) -> [String] {
        migration.plan.steps.filter { $0.purpose.kind == .writeElement }.map(\.purpose.subject)
    }

    /// The record stays as it is: the version alone is written, and the warning told.
    @Test func whatIsNotCopiedIsNoObstacle() throws {
        let migration = try migration(dump(0x09))
        #expect(migration.obstacles == [])
        #expect(writes(migration) == ["SSSE/EF05/specificationVersion"])
        #expect(migration.notices.map(\.code) == ["card.data-damaged"])
    }

    /// Given, it is written even where the card seems to hold it: that mends it.
    @Test func aGivenValueIsWrittenOverIt() throws {
        let migration = try migration(dump(0x09), ["name": try #require(finished.factory.person["name"])])
        #expect(migration.obstacles == [])
        #expect(writes(migration) == ["SSSE/EF05/specificationVersion", "SSSE/EF06/name"])
        #expect(migration.notices.isEmpty)
    }

    /// A record that is longer than it says would be written anew in its right length: from what the card does not vouch for.
    @Test func whatWouldBeCopiedIsAnObstacle() throws {
        let migration = try migration(dump(0x0B, more: [0x31]))
        #expect(migration.obstacles.map(\.code) == ["card.data-damaged"])
        #expect(migration.obstacles.first?.parameters["element"] == "ethnicGroup")
        #expect(try self.migration(dump(0x0B, more: [0x31]), ["ethnicGroup": "02"]).obstacles == [])
    }

    /// The card warns of the first piece of the photo and gives nothing but a filler for it; what stands behind it is there all the same.
    @Test(arguments: [0x00, 0xFF] as [UInt8]) func aFillerWithContentBehindItIsDamage(filler: UInt8) throws {
        let photo = [0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0x5A, count: 995) + [0xFF, 0xD9]
        let finished = try Finished(values: ["photo": photo.hexadecimal])
        func photoFile(_ isWarned: @escaping (CommandAPDU) -> Bool, _ filler: UInt8) throws -> FileReading? {
            let channel = try RelayChannel(VirtualCardChannel(finished.card))
            try channel.reset()
            // READ BINARY of EF08, by its short identifier (P1 88) and then as the current file
            channel.changeAnswer = { answer in
                guard let command = channel.sent.last, command.ins == 0xB0, !answer.data.isEmpty, isWarned(command)
                else {
                    return answer
                }
                return ResponseAPDU(data: answer.data.map { _ in filler }, .dataMayBeCorrupted)
            }
            return try CardReader(
                finished.factory.conversation(channel), finished.factory.compiled, presentsKeys: true
            ).read(directories: ["SSSE"]).first { $0.file == "EF08" }
        }
        let damaged = try #require(try photoFile({ $0.p1 == 0x88 && $0.p2 == 0x00 }, filler))
        #expect(damaged.damaged == [0])
        guard case .bytes(let bytes) = damaged.outcome else {
            Issue.record("\(damaged.outcome)")
            return
        }
        #expect(bytes.prefix(239).allSatisfy { $0 == filler })
        #expect(bytes.contains(0x5A))
        // a file that nobody has written is filler from its beginning to its end
        let blank = try #require(try photoFile({ _ in true }, filler))
        #expect(blank.outcome == .neverWritten)
        #expect(blank.damaged.isEmpty)
    }
}
