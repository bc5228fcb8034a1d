import CPKCS11
import CardCryptography
import Dispatch
import Foundation
import Glibc
import Synchronization

/// How to start the process that a PKCS#11 module runs in.
public struct ModuleLauncher: Hashable, Sendable {
    /// The program that calls ``ModuleServer/serve(channels:)``.
    public let program: String
    /// Its arguments; the number of channels is put behind them.
    public let arguments: [String]
    /// Variables of the environment that differ from this process's own.
    public let environment: [String: String]
    /// How many operations may run at once, each with a session of its own.
    public let channels: Int
    /// Milliseconds after which a device that does not answer is lost; -1 to wait for ever.
    public let patience: Int32

    /// A launcher from its parts.
    public init(
        program: String, arguments: [String], environment: [String: String] = [:], channels: Int = 4,
        patience: Int32 = 60_000
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.channels = max(channels, 1)
        self.patience = patience
    }

    /// The command by which a program that has one runs modules in processes of its own.
    public static let commandName = "token-module"

    /// Runs modules in processes of the program that asks.
    public static var ownProgram: ModuleLauncher {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        return ModuleLauncher(program: program, arguments: [commandName])
    }
}

/// The running process of a PKCS#11 module, and the channels to it.
///
/// A process that ends, or does not answer in time, is a lost device, for good: the one operation under way and all later ones
/// are refused with the reason, and nothing is tried again behind the caller's back.
final class ModuleProcess: Sendable {
    private struct State {
        var free: [Int32]
        var loss: String?
    }

    private let process: pid_t
    private let descriptors: [Int32]
    private let patience: Int32
    private let state: Mutex<State>
    private let freeChannels: DispatchSemaphore

    /// Starts the process.
    init(_ launcher: ModuleLauncher) throws(TokenFailure) {
        var ours: [Int32] = []
        var theirs: [Int32] = []
        defer { theirs.forEach { close($0) } }
        for _ in 0..<launcher.channels {
            var pair: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
                ours.forEach { close($0) }
                throw .lost(String(cString: strerror(errno)))
            }
            ours.append(pair[0])
            // high enough that putting one in its place in the new process never covers another
            let high = fcntl(pair[1], F_DUPFD_CLOEXEC, 512)
            close(pair[1])
            theirs.append(high)
        }
        do throws(TokenFailure) {
            process = try Self.spawn(launcher, theirs)
        } catch {
            ours.forEach { close($0) }
            throw error
        }
        descriptors = ours
        patience = launcher.patience
        state = Mutex(State(free: ours))
        freeChannels = DispatchSemaphore(value: ours.count)
    }

    private static func spawn(_ launcher: ModuleLauncher, _ channels: [Int32]) throws(TokenFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, channel) in channels.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, channel, ModuleServer.firstChannel + Int32(index))
        }
        // nothing else that is open here is its business, above all no descriptor that a PIN came from
        card_close_from(&actions, ModuleServer.firstChannel + Int32(channels.count))
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        // Ctrl-C at the terminal ends a batch in order, which needs the module until the last card is done
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        // the report of a crash would print what lies in memory
        let changes = launcher.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        var variables = inheritedEnvironment().filter { variable in
            !changes.keys.contains { variable.hasPrefix($0 + "=") }
        }
        variables += changes.map { "\($0)=\($1)" }
        let arguments = [launcher.program] + launcher.arguments + [String(channels.count)]
        var process: pid_t = 0
        let code = withCStrings(arguments) { arguments in
            withCStrings(variables) { posix_spawn(&process, launcher.program, &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw .lost("\(launcher.program): \(String(cString: strerror(code)))") }
        return process
    }

    private static func inheritedEnvironment() -> [String] {
        var variables: [String] = []
        var next = card_environment()
        while let variable = next?.pointee {
            variables.append(String(cString: variable))
            next = next?.advanced(by: 1)
        }
        return variables
    }

    /// The error number of a system call that takes a list of strings.
    private static func withCStrings(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt
    ) -> CInt {
        let copies = texts.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        var list = copies + [nil]
        return list.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) ?? EINVAL }
    }

    /// The process's number, to find it in lists of processes.
    var identifier: Int32 { process }

    /// Asks and waits for the answer; a failure in it is thrown.
    func ask(_ request: ModuleWriter) throws(TokenFailure) -> ModuleReader {
        freeChannels.wait()
        defer { freeChannels.signal() }
        let (channel, loss) = state.withLock { ($0.free.popLast(), $0.loss) }
        guard let channel else { throw .lost(loss ?? "") }
        defer { state.withLock { $0.free.append(channel) } }
        if let loss { throw .lost(loss) }
        guard ModuleChannel.send(request, to: channel),
            let answer = ModuleChannel.receive(channel, within: patience)
        else { throw .lost(lose()) }
        let reader = ModuleReader(answer)
        switch try reader.byte() {
        case 0: return reader
        default: throw try TokenFailure(from: reader)
        }
    }

    /// Ends the process, notes why the device is lost, and gives the reason.
    private func lose() -> String {
        state.withLock { state in
            if let loss = state.loss { return loss }
            // a process that has ended already keeps its own reason
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
            let signal = status & 0x7F
            let reason =
                switch signal {
                case 0: "module process ended with \((status >> 8) & 0xFF)"
                case SIGKILL: "module process was killed or gave no answer"
                default: "module process ended by signal \(signal)"
                }
            state.loss = reason
            return reason
        }
    }

    deinit {
        descriptors.forEach { close($0) }
        state.withLock { state in
            guard state.loss == nil else { return }
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
    }
}
