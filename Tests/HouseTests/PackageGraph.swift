import Foundation

/// The targets of the package and what each declares to use, as `swift package dump-package` tells.
struct PackageGraph: Decodable {
    struct Target: Decodable {
        let name: String
        let type: String
        /// Where its sources lie when it is not in the usual place.
        let path: String?
        let dependencies: [Dependency]

        /// Targets and products alike.
        var used: [String] { dependencies.compactMap(\.name) }

        var standsBesideTests: Bool { path?.hasPrefix("Tests/") == true }
    }

    /// `{"byName": [NAME, …]}`, `{"target": [NAME, …]}` or `{"product": [NAME, …]}`.
    struct Dependency: Decodable {
        let name: String?

        init(from decoder: any Decoder) throws {
            let kinds = try [String: [Part?]](from: decoder)
            name = kinds.values.first?.first??.text
        }

        private struct Part: Decodable {
            let text: String?

            init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
        }
    }

    let targets: [Target]

    /// The rooms: all targets but tests and what stands beside them.
    var rooms: [Target] { targets.filter { $0.type != "test" && !$0.standsBesideTests } }

    /// What several tests share; no room may use it.
    var shared: [String] { targets.filter { $0.type != "test" && $0.standsBesideTests }.map(\.name) }

    /// Asks Swift; a scratch folder of its own keeps it out of the way of the build that runs the tests.
    static func load() throws -> PackageGraph {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "sscard-house-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", packageFolder.path, "--scratch-path", scratch.path, "dump-package",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONDecoder().decode(PackageGraph.self, from: data)
    }
}
