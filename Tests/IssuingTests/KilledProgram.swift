import Foundation
import Glibc

/// This test's own executable, told by its environment to run one test and nothing else, and killed with signal 9 in the middle.
///
/// It writes a byte for each command to its standard input's place.
struct KilledProgram {
    private static let variable = "SSCARD_TEST_KILLED"
    private let test: String

    /// The program that runs the test of this name.
    init(_ test: String) { self.test = test }

    /// In the killed process, where its files lie; nil in the one that kills, and in programs of other tests.
    var folder: String? {
        let parts = ProcessInfo.processInfo.environment[Self.variable]?.split(separator: "|", maxSplits: 1) ?? []
        return parts.count == 2 && parts[0] == test ? String(parts[1]) : nil
    }

    /// Says that one more command was done.
    static func report() { _ = write(STDIN_FILENO, ".", 1) }

    /// Starts the process and kills it once it has reported so many commands.
    ///
    /// - Returns: the commands it had reported.
    func kill(in folder: String, after count: Int) throws -> Int {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", test]
        process.environment = ProcessInfo.processInfo.environment.merging([Self.variable: "\(test)|\(folder)"]) { $1 }
        process.standardInput = pipe.fileHandleForWriting
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.close()
        var seen = 0
        while seen < count {
            let bytes = try pipe.fileHandleForReading.read(upToCount: count - seen) ?? Data()
            if bytes.isEmpty { break }
            seen += bytes.count
        }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return seen
    }
}
