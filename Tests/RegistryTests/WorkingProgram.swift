import Foundation
import Glibc

/// This test's own executable, told by its environment to work at a registry and nothing else, until a fault ends it.
///
/// It writes a line for each slip to its standard input's place.
struct WorkingProgram {
    /// What happens to it.
    enum Fault: String {
        /// Signal 9 at a random slip.
        case kill
        /// After some acts every write to every file fails, as on a disk that the system has made read-only under the open files.
        case noWrites
    }

    private static let variable = "SSCARD_TEST_WORKING"
    /// How often programs are killed: 10 times, or as often as SSCARD_KILL_ROUNDS says.
    static let rounds = ProcessInfo.processInfo.environment["SSCARD_KILL_ROUNDS"].flatMap(Int.init) ?? 10

    let fault: Fault
    let printing: SlipPrinting
    let folder: String

    /// In the working process, what it is to do; nil in the one that starts it.
    static var job: WorkingProgram? {
        let parts = ProcessInfo.processInfo.environment[variable]?.split(separator: "|", maxSplits: 2) ?? []
        guard parts.count == 3, let fault = Fault(rawValue: String(parts[0])),
            let printing = SlipPrinting(rawValue: String(parts[1]))
        else { return nil }
        return WorkingProgram(fault: fault, printing: printing, folder: String(parts[2]))
    }

    /// Prints a slip, in the working process.
    static func print(_ slip: UInt64) {
        let line = "\(slip)\n"
        _ = line.withCString { write(STDIN_FILENO, $0, strlen($0)) }
    }

    /// From now on no write of this process reaches a file; pipes are none.
    static func refuseWrites() {
        signal(SIGXFSZ, SIG_IGN)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &none)
    }

    /// Starts the process that runs the test of this name, and kills it once it has printed so many slips; it may end before.
    ///
    /// - Returns: the slips that it printed to their end.
    func run(_ test: String, killedAfter count: Int = .max) throws -> [UInt64] {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", test]
        process.environment = ProcessInfo.processInfo.environment.merging(
            [Self.variable: "\(fault.rawValue)|\(printing.rawValue)|\(folder)"]) { $1 }
        process.standardInput = pipe.fileHandleForWriting
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.close()
        var text = Data()
        while let piece = try pipe.fileHandleForReading.read(upToCount: 1), !piece.isEmpty {
            text += piece
            if piece.first == 0x0A, text.count(where: { $0 == 0x0A }) >= count {
                Glibc.kill(process.processIdentifier, SIGKILL)
                text += try pipe.fileHandleForReading.readToEnd() ?? Data()
                break
            }
        }
        process.waitUntilExit()
        return text.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            .compactMap { UInt64(String(decoding: $0, as: UTF8.self)) }
    }
}
