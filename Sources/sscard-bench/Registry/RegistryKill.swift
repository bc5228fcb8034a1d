import Foundation
import Glibc
import Lifecycle
import Registry

/// A process that records acts in a large registry without a pause, killed with signal 9 in their midst; this program runs itself for it.
struct RegistryKill {
    /// Acts that are durable before the kill.
    private static let acts = 2000

    /// Runs the process and kills it.
    static func run(at data: String) throws {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        let process = ChildProgram(path: own).start(["registry-writing", "--data", data])
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer { process.waitUntilExit() }
        var seen = 0
        while seen < acts {
            guard let bytes = try pipe.fileHandleForReading.read(upToCount: acts - seen), !bytes.isEmpty else {
                throw BenchError.program(own, process.terminationStatus)
            }
            seen += bytes.count
        }
        kill(process.processIdentifier, SIGKILL)
    }

    /// What that process does: a look-up after the other, each an event, told once it is on the disk.
    static func work(at data: String) throws {
        let registry = try Registry.forBenchmarks(at: data)
        let number = try InventedPeople.person(0).number
        while true {
            _ = try registry.lookUpPerson(number, purpose: .inquiry, handledBy: .benchTeller)
            FileHandle.standardOutput.write(Data(".".utf8))
        }
    }
}
