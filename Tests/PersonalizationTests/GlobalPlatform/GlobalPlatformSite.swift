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

/// A GlobalPlatform card with the published test key, the issuer's side of it, and one invented person.
struct GlobalPlatformSite {
    static let keyData: [UInt8] = [0x62, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x99, 0x01, 0x00, 0x01]
    static let keyVersion: UInt8 = 0x20

    let factory: CardFactory
    let profile: GlobalPlatformProfile
    let card: GlobalPlatformCard
    let keys: SoftwareGlobalPlatformKeys

    /// - Parameter settings: Lines of a profile that extends the one of the tree.
    init(_ settings: String = "") throws {
        factory = try CardFactory(layout: "national-3.0")
        profile = try Self.profile(settings)
        let version = profile.channelProtocol.version
        card = try GlobalPlatformCard(
            profile: profile, serialNumber: CardFactory.serialNumber, keyData: Self.keyData,
            keyVersion: Self.keyVersion,
            keys: try SecureChannelStaticKeys(
                version, master: Array(0x40...0x4F).span, .none, keyData: Self.keyData))
        let cardKeys = try #require(factory.keys as? SoftwareKeyService)
        keys = SoftwareGlobalPlatformKeys(
            [
                try .publishedTestKeys(name: "card-maker", version: Self.keyVersion, for: version),
                try GlobalPlatformKeySet(
                    name: "issuer", version: 0x21, for: version,
                    master: SecretBytes(copying: Array(0x50...0x5F)), version == .scp02 ? .emv : .counter),
            ], cardKeys: cardKeys)
    }

    static func profile(_ settings: String) throws -> GlobalPlatformProfile {
        let library = LayoutLibrary(home: CardFactory.home)
        guard !settings.isEmpty else { return try library.globalPlatformProfile(named: "globalplatform") }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(
            atPath: library.folder + "/profiles/globalplatform.yaml",
            toPath: folder.appending(path: "globalplatform.yaml").path)
        let path = folder.appending(path: "globalplatform-test.yaml").path
        try Data("name: globalplatform-test\nextends: globalplatform\n\(settings)\n".utf8)
            .write(to: URL(filePath: path))
        return try GlobalPlatformProfileReader.read(path)
    }

    var context: CardKeyContext {
        CardKeyContext(algorithm: .sm4, area: "990101", cardFactor: [UInt8](repeating: 0x11, count: 8))
    }

    func plan() throws -> GlobalPlatformPlan {
        let image = try PersonImageEncoder(layout: factory.compiled.layout).encode(factory.person)
        return try GlobalPlatformPlanner(profile: profile, layout: factory.compiled.layout).plan(for: image)
    }

    func settings(_ level: SecureChannelLevel? = nil, keySet: String = "card-maker") throws
        -> GlobalPlatformChannel.Settings
    {
        try #require(
            GlobalPlatformChannel.Settings(
                keySet: keySet, keyVersion: 0x00, channelProtocol: profile.channelProtocol,
                level: level ?? profile.level))
    }

    /// A connection to the card with the security domain selected.
    func connection() throws -> RelayChannel {
        let relay = RelayChannel(try GlobalPlatformCardConnection(card))
        _ = try relay.transmit(GlobalPlatformCommands.select([]))
        return relay
    }
}

/// Passes everything on, and lets a test look at or change what travels.
final class RelayChannel: CardChannel {
    private let base: any CardChannel
    private(set) var sent: [CommandAPDU] = []
    private(set) var answers: [ResponseAPDU] = []
    var changeCommand: (CommandAPDU) -> CommandAPDU = { $0 }
    var changeAnswer: (ResponseAPDU) -> ResponseAPDU = { $0 }

    init(_ base: any CardChannel) { self.base = base }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        sent.append(command)
        let answer = try base.transmit(changeCommand(command))
        answers.append(answer)
        return changeAnswer(answer)
    }

    func reset() throws(CardChannelError) { try base.reset() }
}
