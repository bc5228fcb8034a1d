import CardApplication
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing
import VirtualCard

/// A PSAM with the development keys of the training city, and the store they come from.
enum PSAMSite {
    static let area = "990101"

    static func profile(_ settings: String = "") throws -> PSAMProfile {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: CardSite.home + "/CardLayouts/profiles", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "name: psam-variant\nextends: psam\n\(settings)\n"
            .write(toFile: folder.path + "/psam-variant.yaml", atomically: true, encoding: .utf8)
        return try PSAMProfileReader.read(folder.path + "/psam-variant.yaml")
    }

    static func hierarchy() throws -> KeyHierarchy {
        try KeyHierarchy.read(CardSite.home + "/Keys/hierarchy.yaml")
    }

    static func blank(_ profile: PSAMProfile) throws -> VirtualCardChannel {
        try VirtualCardChannel(VirtualPSAM(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 0x81]))
    }

    static func load(
        _ channel: any CardChannel, _ profile: PSAMProfile, area: String = area, terminalNumber: [UInt8]? = nil,
        tries: PSAMVisit? = nil, wasBegunElsewhere: Bool = false
    ) throws -> PSAMLoader.Report {
        try PSAMLoader(
            channel, dialect: PSAMDialect(profile), keys: CardSite.developmentKeys(), area: area,
            tries: tries ?? PSAMVisit(VisitRecord(), of: profile), wasBegunElsewhere: wasBegunElsewhere
        ).load(terminalNumber: terminalNumber) { _, _, _, _ in }
    }

    static func service(_ settings: String = "") throws -> PSAMKeyService {
        let profile = try profile(settings)
        let channel = try blank(profile)
        _ = try load(channel, profile)
        return try PSAMKeyService(channel, dialect: PSAMDialect(profile), hierarchy: hierarchy())
    }
}
