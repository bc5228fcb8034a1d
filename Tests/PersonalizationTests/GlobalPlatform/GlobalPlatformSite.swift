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

/// A GlobalPlatform blank, the development keys, and one invented person.
struct GlobalPlatformSite {
    static let area = "990101"

    let factory: CardFactory
    let compiled: CompiledCard
    let profile: GlobalPlatformProfile
    let card: GlobalPlatformCard
    let keys: any CardKeyService

    /// - Parameters:
    ///   - settings: Lines of a profile that extends the one of the tree.
    ///   - card: the card's bytes where it is not a new blank.
    init(_ settings: String = "", layout: String = "national-2.0", profile name: String = "globalplatform") throws {
        factory = try CardFactory()
        profile = try Self.profile(settings, extending: name)
        compiled = try CompiledCard(
            layout: LayoutLibrary(home: CardFactory.home).layout(named: layout),
            profile: COSProfile(applicationsOf: profile))
        card = try GlobalPlatformCard(blank: profile, serialNumber: CardFactory.serialNumber)
        keys = factory.keys
    }

    static func profile(
        _ settings: String, extending name: String = "globalplatform"
    ) throws -> GlobalPlatformProfile {
        let library = LayoutLibrary(home: CardFactory.home)
        guard !settings.isEmpty else { return try library.globalPlatformProfile(named: name) }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in try library.globalPlatformProfileNames {
            try FileManager.default.copyItem(
                atPath: library.folder + "/profiles/\(file).yaml", toPath: folder.appending(path: "\(file).yaml").path)
        }
        let path = folder.appending(path: "globalplatform-test.yaml").path
        try Data("name: globalplatform-test\nextends: \(name)\n\(settings)\n".utf8).write(to: URL(filePath: path))
        return try GlobalPlatformProfileReader.read(path)
    }

    /// The same blank again.
    func blank() throws -> GlobalPlatformCard {
        try GlobalPlatformCard(blank: profile, serialNumber: CardFactory.serialNumber)
    }

    var person: [String: String] { factory.person }

    func plan(_ values: [String: String]? = nil) throws -> CardPlan {
        let image = try PersonImageEncoder(layout: compiled.layout).encode(values ?? person)
        return try CardPlanner(compiled).plan(for: image, pinLength: 3)
    }

    func settings(_ level: SecureChannelLevel? = nil, keySet: String = "card-maker") throws
        -> GlobalPlatformChannel.Settings
    {
        try #require(
            GlobalPlatformChannel.Settings(
                keySet: keySet, keyVersion: 0x00, channelProtocol: profile.channelProtocol,
                level: level ?? profile.level, diversification: profile.diversification(of: keySet)))
    }

    func conversation(
        _ channel: any CardChannel, keys: (any CardKeyService)? = nil, visit: CardVisit? = nil
    ) throws -> CardConversation {
        let context = try #require(
            CardKeyContext(channel.answerToReset, profile: compiled.profile, area: Self.area))
        return CardConversation(
            channel, profile: compiled.profile, keys: keys ?? self.keys, context: context, pin: factory.pin,
            visit: visit)
    }

    /// A connection to the card with the security domain selected.
    func connection() throws -> RelayChannel {
        let relay = RelayChannel(try VirtualCardChannel(card))
        _ = try relay.transmit(GlobalPlatformCommands.select([]))
        return relay
    }

    /// An open secure channel to what is selected.
    func open(_ channel: any CardChannel, keySet: String = "card-maker") throws -> GlobalPlatformChannel {
        try GlobalPlatformChannel.open(
            on: channel, keys: try #require(keys.securityDomains), settings(keySet: keySet), area: Self.area)
    }

    /// Runs a plan on a card with a journal in a folder of its own.
    func run(_ plan: CardPlan, on channel: any CardChannel, in workshop: GlobalPlatformWorkshop) throws {
        try workshop.begin(plan, on: channel)
    }

    func workshop() throws -> GlobalPlatformWorkshop { try GlobalPlatformWorkshop(site: self) }
}

/// One counter's journals, and runs of a plan with tears.
struct GlobalPlatformWorkshop {
    let site: GlobalPlatformSite
    private let folder: String
    private let key: SealingKey

    init(site: GlobalPlatformSite) throws {
        self.site = site
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        key = SealingKey(try SecureRandom.secret(32))
    }

    func close() { try? FileManager.default.removeItem(atPath: folder) }

    func begin(
        _ plan: CardPlan, on channel: any CardChannel, progress: (PlanRunner.Progress) -> Void = { _ in }
    ) throws {
        let content = JournalContent(
            planHash: try plan.hash, values: site.person, notes: [:], pin: site.factory.pin)
        let identity = try #require(CardIdentity(channel.answerToReset))
        let journal = try Journal.begin(in: folder, card: identity, content: content, key: key)
        try PlanRunner(plan, site.conversation(channel)).run(journal: journal, progress: progress)
    }

    /// The card is put in again and the plan goes on after the journal's last line.
    func resume(_ plan: CardPlan, on channel: any CardChannel) throws {
        let identity = try #require(CardIdentity(channel.answerToReset))
        let (journal, _, position) = try #require(try Journal.resume(in: folder, card: identity, key: key))
        let conversation = try site.conversation(channel)
        let entry = try TornCard(plan, of: site.compiled, conversation).entry(after: position)
        try PlanRunner(plan, conversation).run(from: entry, journal: journal)
    }
}
