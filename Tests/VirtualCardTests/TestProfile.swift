import CardLayout
import Foundation

/// The profiles of the source tree, and variants of them.
enum TestProfile {
    static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func socialSecurity() throws -> COSProfile { try LayoutLibrary(home: home).profile(named: "fmcos-ssse") }

    /// A social security profile with other settings, one `name: value` a line.
    static func variant(_ settings: String, of base: String = "fmcos-ssse") throws -> COSProfile {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: home + "/CardLayouts/profiles", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = "name: variant\nextends: \(base)\n\(settings)\n"
        try text.write(toFile: folder.path + "/variant.yaml", atomically: true, encoding: .utf8)
        return try COSProfileReader.read(folder.path + "/variant.yaml")
    }
}
