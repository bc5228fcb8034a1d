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

/// Repeatable random numbers (SplitMix64); a failing test prints the seed that it was made with.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
