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

@testable import Issuing

/// Cards for a till, of a layout and a profile that are written for a test.
struct TillSite {
    private static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let person = [
        "identificationCode": "990101D15600000504000001A1B2C3D4", "cardClass": "3",
        "initializingInstitution": "915600000299010199010101", "issueDate": "20261122", "expiryDate": "20361122",
        "cardNumber": "D00000005", "citizenNumber": "990165200802116857", "name": "张三", "sex": "1",
        "ethnicGroup": "01", "birthPlace": "990165", "birthDate": "20080211",
    ]

    let keys: any CardKeyService

    init() throws {
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: Self.home + "/Keys/development"),
            hierarchy: KeyHierarchy.read(Self.home + "/Keys/hierarchy.yaml"))
    }

    /// `national-2.0` on `fmcos-ssse`, both with more lines.
    func compiled(layout: String = "", profile: String = "") throws -> CompiledCard {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: Self.home + "/CardLayouts", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "name: area\ntitle: 地区\nextends: national-2.0\n\(layout)\n"
            .write(toFile: folder.path + "/area.yaml", atomically: true, encoding: .utf8)
        try "name: area\ntitle: 地区\nextends: fmcos-ssse\n\(profile)\n"
            .write(toFile: folder.path + "/profiles/area.yaml", atomically: true, encoding: .utf8)
        return try COSProfileReader.read(folder.path + "/profiles/area.yaml").compiling(folder.path + "/area.yaml")
    }

    func card(of compiled: CompiledCard) throws -> VirtualCard {
        let card = try VirtualCard(profile: compiled.profile, serialNumber: [0x99, 1, 0, 0, 0, 1])
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let channel = try VirtualCardChannel(card)
        let pin = try PersonalIdentificationNumber(digits: "925814")
        let plan = try CardPlanner(compiled).plan(
            for: PersonImageEncoder(layout: compiled.layout).encode(Self.person), pinLength: 3)
        let journal = try Journal.begin(
            in: folder, card: #require(CardIdentity(channel.answerToReset)),
            content: JournalContent(planHash: plan.hash, values: Self.person, notes: [:], pin: pin),
            key: SealingKey(SecureRandom.secret(32)))
        let context = try #require(CardKeyContext(channel.answerToReset, profile: compiled.profile, area: "990101"))
        try PlanRunner(
            plan, CardConversation(channel, profile: compiled.profile, keys: keys, context: context, pin: pin)
        ).run(journal: journal)
        return card
    }
}

extension COSProfile {
    /// A layout file on this profile.
    fileprivate func compiling(_ path: String) throws -> CompiledCard {
        try CompiledCard(layout: LayoutReader.read(path), profile: self)
    }
}
