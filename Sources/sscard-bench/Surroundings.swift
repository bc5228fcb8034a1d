import ArgumentParser
import Foundation

/// Where the benchmark finds the house's files, its baselines and a place for its own.
struct Surroundings: ParsableArguments {
    @Option(help: "Folder that holds CardLayouts/ and Keys/.")
    var home = "."

    @Option(help: "Folder for journals, cards and the recorded script, on the disk that is to be measured.")
    var data = ".build/bench"

    @Option(help: "Folder of the built C baselines (or SSCARD_BASELINES).")
    var baselines: String?

    /// A built baseline.
    func baseline(_ name: String) throws -> ChildProgram {
        let folder = baselines ?? ProcessInfo.processInfo.environment["SSCARD_BASELINES"] ?? ".build/baselines"
        return try program(folder + "/" + name)
    }

    /// The tool, which was built beside this program.
    func tool() throws -> ChildProgram { try program(Self.besideThisProgram("sscard")) }

    /// The path of another program that was built beside this one; nil when it was not.
    func neighbour(_ name: String) -> String? {
        let path = Self.besideThisProgram(name)
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    private static func besideThisProgram(_ name: String) -> String {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return own.deletingLastPathComponent().appending(path: name).path
    }

    /// An empty folder of the benchmark's own.
    func emptyFolder(_ name: String, in parent: String? = nil) throws -> String {
        let path = (parent ?? data) + "/" + name
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private func program(_ path: String) throws -> ChildProgram {
        guard FileManager.default.isExecutableFile(atPath: path) else { throw BenchError.missing(path) }
        return ChildProgram(path: path)
    }
}
