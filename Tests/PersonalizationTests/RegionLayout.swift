import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import VirtualCard

/// A layout that extends a national one, and the profile it needs, both written for a test.
enum RegionLayout {
    static func compiled(
        _ layout: String, profile: String = "", extending base: String = "national-2.0", on chip: String = "fmcos-ssse"
    ) throws -> CompiledCard {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: CardFactory.home + "/CardLayouts", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "name: region\ntitle: 地区扩展\nextends: \(base)\n\(layout)\n"
            .write(toFile: folder.path + "/region.yaml", atomically: true, encoding: .utf8)
        try "name: region\ntitle: 地区\nextends: \(chip)\n\(profile)\n"
            .write(toFile: folder.path + "/profiles/region.yaml", atomically: true, encoding: .utf8)
        return try CompiledCard(
            layout: LayoutReader.read(folder.path + "/region.yaml"),
            profile: COSProfileReader.read(folder.path + "/profiles/region.yaml"))
    }

    /// A directory below the master file, with a free file and one behind a key.
    static func newDirectory(version: String) -> String {
        """
        specificationVersion: "\(version)"
        profile: region
        directories:
          DF0A:
            title: 地区应用
            identifier: DF0A
            select: D1560000059901
            files:
              EF05:
                title: 地区数据
                structure: variable-record
                read: RK1DF01
                write: UK1DF01
                elements:
                  regionNumber: {tag: 20, title: 地区编号, type: an, length: 04}
                  regionName: {tag: 21, title: 地区名称, type: an, length: 08}
              EF06:
                title: 地区照片
                structure: transparent
                size: 20
                read: free
                write: UK1DF01
        """
    }

    /// The same with a cyclic file.
    static func newDirectoryWithRing(version: String) -> String {
        newDirectory(version: version) + "\n"
            + """
                  EF07:
                    title: 地区记录
                    structure: cyclic
                    records: 3
                    length: 04
                    read: RK1DF01
                    write: UK1DF01
                    elements:
                      kind: {title: 类型, type: an, length: 04}
            """
    }

    static let newDirectoryProfile = """
        directories:
          DF0A:
            createRight: FF
            eraseRight: FF
            addKeyRight: FF
            shortIdentifier: FF
            states:
              1: RK1DF01
              4: UK1DF01
            keys:
              39/00: {name: MKDF01, state: F, tries: 8}
              39/91: {name: UK1DF01, state: 4}
              39/A1: {name: RK1DF01, state: 1}
        """
}

/// A finished card on its way to another layout, with the journal of one place.
struct MigrationBench {
    let finished: CardInspectionTests.Finished
    let target: CompiledCard
    let values: [String: String]
    let workshop: Workshop
    /// What the card holds before its first command, where that is known.
    private let known: CardDump?

    init(
        _ finished: CardInspectionTests.Finished, to target: CompiledCard, _ values: [String: String] = [:],
        holding known: CardDump? = nil
    ) throws {
        self.known = known
        self.finished = finished
        self.target = target
        self.values = values
        workshop = try finished.factory.workshop()
    }

    func close() { workshop.close() }

    /// What the card holds, the directories of the new layout included.
    func dump() throws -> CardDump {
        let dump = try finished.dump()
        let added = Set(target.directories.map(\.name)).subtracting(finished.factory.compiled.directories.map(\.name))
        let readings = try CardReader(finished.conversation(), target, presentsKeys: true).read(directories: added)
        return CardDump(
            layoutName: dump.layoutName, answerToReset: dump.answerToReset, readings: dump.readings + readings)
    }

    func migration() throws -> CardMigration { try migration(of: dump()) }

    func migration(of dump: CardDump) throws -> CardMigration {
        try MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: dump, values: values)
    }

    /// A first run, or the next after a tear, on the channel given; its journal is removed at the end.
    func run(on channel: any CardChannel) throws {
        let card = try workshop.identity(channel)
        let conversation = try finished.factory.conversation(channel)
        if let (journal, content, position) = try Journal.resume(
            MigrationContent.self, in: workshop.folder, card: card, key: workshop.key)
        {
            let plan = try migration(of: content.dump).plan
            guard try plan.hash == content.planHash else { throw PersonalizationError.planHasChanged }
            let torn = TornMigration(plan, to: target, conversation)
            let entry = try torn.entry(after: position, dump: content.dump)
            try PlanRunner(plan, conversation).run(from: entry, journal: journal, preparing: torn.prepare)
            return try journal.remove()
        }
        let dump = try known ?? dump()
        let plan = try migration(of: dump).plan
        let journal = try Journal.begin(
            in: workshop.folder, card: card,
            content: MigrationContent(
                planHash: plan.hash, from: dump.layoutName, to: target.layout.name, area: "990101", values: values,
                dump: dump), key: workshop.key)
        try PlanRunner(plan, conversation).run(journal: journal)
        try journal.remove()
    }

    func run() throws {
        let channel = try VirtualCardChannel(finished.card)
        try channel.reset()
        try run(on: channel)
    }

    /// A channel that loses the card at one command.
    func torn(at cut: Int, _ moment: FaultChannel.Moment) throws -> FaultChannel {
        let channel = try VirtualCardChannel(finished.card)
        try channel.reset()
        return FaultChannel(channel, cutAt: cut, moment) { finished.card.powerOff() }
    }
}
