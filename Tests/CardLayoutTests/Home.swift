import CardData
import CardLayout
import Foundation

/// The tree that is tested.
enum Home {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)

    static let library = LayoutLibrary(home: path)

    static func fixture(_ name: String) -> String { path + "/Fixtures/layouts/" + name }

    static func compiled(_ layout: String) throws -> CompiledCard {
        let layout = try library.layout(named: layout)
        return try CompiledCard(layout: layout, profile: try library.profile(named: layout.profileName))
    }

    /// What a call throws; empty when it does not.
    static func faults(_ body: () throws -> Void) -> [Fault] {
        do {
            try body()
            return []
        } catch {
            return (error as? any FaultReporting)?.faults ?? []
        }
    }
}

/// A folder that is gone with the test.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "layout-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
        return path + "/" + name
    }
}
