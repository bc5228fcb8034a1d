import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing

/// What the tests of this room talk about: the source tree's profiles and layouts.
enum CardSite {
    static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func profile(_ name: String = "fmcos-ssse") throws -> COSProfile {
        try LayoutLibrary(home: home).profile(named: name)
    }

    /// A profile with other settings, one `name: value` a line.
    static func variant(_ settings: String, of base: String = "fmcos-ssse") throws -> COSProfile {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: home + "/CardLayouts/profiles", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "name: variant\nextends: \(base)\n\(settings)\n"
            .write(toFile: folder.path + "/variant.yaml", atomically: true, encoding: .utf8)
        return try COSProfileReader.read(folder.path + "/variant.yaml")
    }

    static func card(_ layout: String = "national-2.0") throws -> CompiledCard {
        let library = LayoutLibrary(home: home)
        let layout = try library.layout(named: layout)
        return try CompiledCard(layout: layout, profile: library.profile(named: layout.profileName))
    }

    static func file(_ directory: String, _ name: String) throws -> ElementaryFile {
        try #require(card().directory(directory)?.file(name)?.file)
    }

    static func developmentKeys() throws -> SoftwareKeyService {
        let hierarchy = try KeyHierarchy.read(home + "/Keys/hierarchy.yaml")
        return try SoftwareKeyService(DevelopmentKeySet.make(hierarchy: hierarchy), hierarchy: hierarchy)
    }

    static func context(_ profile: COSProfile) throws -> CardKeyContext {
        try CardKeyContext(
            algorithm: #require(CardAlgorithm(rawValue: profile.algorithm.rawValue)), area: "990101",
            cardFactor: [0x86, 0x49, 0x99, 0x01, 0x00, 0x00, 0x00, 0x01])
    }

    static func conversation(
        _ channel: any CardChannel, profile: COSProfile? = nil, keys: any CardKeyService = TransparentKeys(),
        pin: String? = nil
    ) throws -> CardConversation {
        let profile = try profile ?? self.profile()
        return CardConversation(
            channel, profile: profile, keys: keys, context: try context(profile),
            pin: try pin.map { try PersonalIdentificationNumber(digits: $0) })
    }
}

/// Bytes of a hexadecimal literal; a test fails where it is none.
func bytes(_ text: String) throws -> [UInt8] {
    try #require([UInt8](hexadecimal: text), "not hexadecimal: \(text)")
}

func issuer(_ name: String) -> CardKeyReference { .issuer(KeyName(rawValue: name)) }
