import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A GlobalPlatform card, issued once and put back from its state file for every tear on its way to another layout.
final class ApplicationMigrationSite {
    let made: GlobalPlatformSite
    let target: CompiledCard
    private let folder: String
    private var count = 0

    /// - Parameters:
    ///   - settings: lines of a profile that extends the one of the tree.
    ///   - extension: lines of a layout that extends the card's own; empty for the layout named.
    init(
        _ settings: String = "", profile: String = "globalplatform", from layout: String = "example-region",
        to name: String = "example-region-1.1", extension lines: String = ""
    ) throws {
        made = try GlobalPlatformSite(settings, layout: layout, profile: profile)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let library = LayoutLibrary(home: CardFactory.home)
        target = try CompiledCard(
            layout: lines.isEmpty ? library.layout(named: name) : Self.layout(lines, extending: layout, in: folder),
            profile: made.compiled.profile)
        let workshop = try made.workshop()
        defer { workshop.close() }
        try workshop.begin(made.plan(), on: VirtualCardChannel(made.card))
        try made.card.write(stateFile: folder + "/issued.card")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func layout(_ lines: String, extending base: String, in folder: String) throws -> CardLayout {
        try FileManager.default.copyItem(atPath: CardFactory.home + "/CardLayouts", toPath: folder + "/layouts")
        let path = folder + "/layouts/region.yaml"
        try "name: region\ntitle: 地区扩展\nextends: \(base)\n\(lines)\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        return try LayoutReader.read(path)
    }

    /// The issued card again.
    func card() throws -> GlobalPlatformCard {
        count += 1
        let path = folder + "/\(count).card"
        try FileManager.default.copyItem(atPath: folder + "/issued.card", toPath: path)
        let profile = made.profile
        return try #require(try GlobalPlatformCard(stateFile: path) { _ in profile })
    }

    /// An office with journals of its own.
    func office(_ card: GlobalPlatformCard, _ values: [String: String] = [:]) throws -> ApplicationMigrationOffice {
        try ApplicationMigrationOffice(site: self, card: card, values: values)
    }
}

/// One office that brings a card to the site's other layout.
struct ApplicationMigrationOffice {
    let site: ApplicationMigrationSite
    let card: GlobalPlatformCard
    let values: [String: String]
    private let folder: String
    private let key: SealingKey

    init(site: ApplicationMigrationSite, card: GlobalPlatformCard, values: [String: String]) throws {
        self.site = site
        self.card = card
        self.values = values
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        key = SealingKey(try SecureRandom.secret(32))
    }

    func close() { try? FileManager.default.removeItem(atPath: folder) }

    /// What the card holds by the old layout, and of the new one what the old one does not know.
    func dump() throws -> CardDump {
        let (old, new) = (site.made.compiled, site.target)
        let channel = ReadOnlyChannel(try VirtualCardChannel(card))
        var readings = try CardReader(site.made.conversation(channel), old, presentsKeys: false).read()
        readings += try CardReader(site.made.conversation(channel), new, presentsKeys: false).read()
            .filter { old.directory($0.directory)?.file($0.file) == nil }
        return CardDump(
            layoutName: old.layout.name, answerToReset: card.answerToReset, readings: readings)
    }

    func migration(of dump: CardDump? = nil) throws -> CardMigration {
        try MigrationPlanner(
            from: site.made.compiled, to: site.target, encoder: PersonImageEncoder(layout: site.target.layout)
        ).plan(for: dump ?? self.dump(), values: values)
    }

    /// A first run, or the next after a tear.
    func run(on channel: any CardChannel) throws {
        let identity = try #require(CardIdentity(channel.answerToReset))
        let conversation = try site.made.conversation(channel)
        if let (journal, content, position) = try Journal.resume(
            MigrationContent.self, in: folder, card: identity, key: key)
        {
            let plan = try migration(of: content.dump).plan
            let torn = TornMigration(plan, to: site.target, conversation)
            let entry = try torn.entry(after: position, dump: content.dump)
            try PlanRunner(plan, conversation).run(from: entry, journal: journal, preparing: torn.prepare)
            return try journal.remove()
        }
        let dump = try dump()
        let plan = try migration(of: dump).plan
        let journal = try Journal.begin(
            in: folder, card: identity,
            content: MigrationContent(
                planHash: plan.hash, from: dump.layoutName, to: site.target.layout.name, area: GlobalPlatformSite.area,
                values: values, dump: dump), key: key)
        try PlanRunner(plan, conversation).run(journal: journal)
        try journal.remove()
    }

    func run() throws { try run(on: VirtualCardChannel(card)) }

    func tear(at cut: Int, _ moment: FaultChannel.Moment) throws {
        let card = card
        try run(on: FaultChannel(VirtualCardChannel(card), cutAt: cut, moment) { card.powerOff() })
    }
}
