import ArgumentParser
import CardData
import Glibc
import ISO7816
import Synchronization

/// How the commands to a card are shown or kept.
struct TraceOptions: ParsableArguments {
    @Flag(help: "在标准错误上显示指令，隐去机密和个人数据 Show the commands on standard error, secrets and personal data masked.")
    var trace = false
    @Option(help: "把指令连同时间写入文件，一卡接一卡 Write the commands with their times to a file for --replay, card after card.")
    var traceTo: String?
    @Flag(help: "文件中保留个人数据 Keep personal data in that file; secrets never are.")
    var tracePersonalData = false

    /// Whether commands are to be shown or kept.
    var isWanted: Bool { trace || traceTo != nil }

    /// The options of one of several readers: its file has the lane's number before its ending, `batch-2.trace` for `batch.trace`.
    func ofLane(_ number: Int) -> TraceOptions {
        var options = self
        options.traceTo = traceTo.map { path in
            let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
            guard let dot = name.dropFirst().lastIndex(of: ".") else { return "\(path)-\(number)" }
            return "\(path[..<dot])-\(number)\(path[dot...])"
        }
        return options
    }

    /// Runs `body` on the channel, traced as the options ask: screen and file get each exchange as soon as it was made, so that a card that
    /// does not answer, or a run that is killed, leaves all that passed.
    ///
    /// The file is opened before the card is asked anything. What becomes of the card counts for more than its trace: a trace that cannot
    /// be written then is told, hides nothing, and is what the command's exit code says where all else went well.
    ///
    /// - Parameters:
    ///   - lane: stands before each line on the screen, where several readers work at once.
    ///   - tell: runs what says something, where more than one thing is said at a time.
    func traced<Value>(
        _ channel: any CardChannel, of lane: String? = nil, telling tell: @escaping (() -> Void) -> Void = { $0() },
        _ body: (any CardChannel) throws -> Value
    ) throws -> Value {
        let output = try traceTo.map { path throws(Faults) in try TraceOutput.at(path) }
        var traced = channel
        if let output {
            let kept = TracingChannel(
                channel, personalData: tracePersonalData ? .shown : .masked, onEntry: { output.append("\($0)\n") })
            output.append(kept.file.heading)
            traced = kept
        }
        if trace {
            traced = TracingChannel(
                traced,
                onEntry: { entry in
                    tell {
                        Terminal.endProgress()
                        Terminal.tell(lane.map { "\($0)  \(entry)" } ?? "\(entry)")
                    }
                })
        }
        let result = Result { try body(traced) }
        if let faults = output?.faults {
            tell { Terminal.tell(faults.faults) }
            Terminal.noteShortfall(faults.faults)
        }
        return try result.get()
    }
}

/// The file of `--trace-to`, which only its owner can read: made by the command, each further card behind the last.
private final class TraceOutput {
    private static let opened = Mutex<[String: Int32]>([:])

    private let path: String
    private let descriptor: Int32
    /// Why the trace is not whole; nil while it is.
    private(set) var faults: Faults?

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    static func at(_ path: String) throws(Faults) -> TraceOutput {
        let (descriptor, reason) = opened.withLock { opened -> (Int32, Int32) in
            if let descriptor = opened[path] { return (descriptor, 0) }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            let reason = errno
            if descriptor >= 0 { opened[path] = descriptor }
            return (descriptor, reason)
        }
        guard descriptor >= 0 else {
            throw Faults(reason == EEXIST ? "trace.exists" : "trace.not-writable", ["file": path])
        }
        return TraceOutput(path: path, descriptor: descriptor)
    }

    /// What follows a piece that could not be written is left out: the rest would stand in the wrong place.
    func append(_ text: String) {
        guard faults == nil else { return }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return faults = Faults("trace.not-writable", ["file": path]) }
            rest = rest.dropFirst(count)
        }
    }
}
