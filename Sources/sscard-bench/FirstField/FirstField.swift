import CardApplication
import Foundation
import ISO7816
import Personalization
import VirtualCard

/// How soon a screen knows whose card it is: commands and predicted seconds until EF05 and EF06 of the environment are read.
struct FirstField {
    /// The elements a screen waits for; all stand in the files of ``decidingFiles``.
    private static let decidingFiles: Set<String> = ["SSSE/EF05", "SSSE/EF06"]

    private let card: SampleCard
    private let folder: String

    init(_ surroundings: Surroundings, layoutName: String, people: String, row: Int) throws {
        card = try SampleCard(home: surroundings.home, layoutName: layoutName, people: people, row: row)
        folder = try surroundings.emptyFolder("first-field")
    }

    /// Makes a card in process and reads it, as a place with keys and as one without.
    func measure() throws -> TextTable {
        let virtual = try VirtualCard(
            profile: card.profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01], challenges: .seeded(1))
        let plan = try card.plan()
        _ = try card.personalize(
            plan, planHash: plan.hash, through: VirtualCardChannel(virtual), journalFolder: folder)
        var rows = [["reading", "", "APDUs", "bytes", "s at 9,600", "s at 115,200"]]
        for presentsKeys in [true, false] {
            let meter = try MeteringChannel(VirtualCardChannel(virtual))
            var missing = Self.decidingFiles
            var first: MeteringChannel.Reading?
            _ = try card.read(through: meter, presentsKeys: presentsKeys) { reading in
                missing.remove("\(reading.directory)/\(reading.file)")
                if missing.isEmpty && first == nil { first = meter.reading }
            }
            guard let first else { throw BenchError.void("the card has no EF05 and EF06 to be read") }
            let place = presentsKeys ? "with keys and PIN" : "without keys"
            rows.append([place, "who it is"] + first.columns)
            rows.append([place, "everything"] + meter.reading.columns)
        }
        return TextTable(rows: rows, leftColumns: 2)
    }
}

/// Adds up what passes through it.
private final class MeteringChannel: CardChannel {
    struct Reading {
        var commands = 0
        var bytes = 0
        var slow = 0.0
        var fast = 0.0

        var columns: [String] { [String(commands), Double(bytes).grouped, slow.fixed(2), fast.fixed(2)] }
    }

    private let base: any CardChannel
    private(set) var reading = Reading()

    init(_ base: any CardChannel) { self.base = base }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let response = try base.transmit(command)
        reading.commands += 1
        reading.bytes += command.bytes.count + response.bytes.count
        reading.slow += CostModel.slow.seconds(of: command, response)
        reading.fast += CostModel.fast.seconds(of: command, response)
        return response
    }

    func reset() throws(CardChannelError) { try base.reset() }
}
