import ArgumentParser
import CardData
import Glibc
import ISO7816

/// How the commands to a card are shown or kept.
struct TraceOptions: ParsableArguments {
    @Flag(help: "在标准错误上显示指令，隐去机密和个人数据 Show the commands on standard error, secrets and personal data masked.")
    var trace = false
    @Option(help: "把指令连同时间写入文件 Write the commands with their times to a file, which --replay reads.")
    var traceTo: String?
    @Flag(help: "文件中保留个人数据 Keep personal data in that file; secrets never are.")
    var tracePersonalData = false

    /// Runs `body` on the channel, traced as the options ask, and shows or writes the trace however it ends.
    func traced<Value>(
        _ channel: any CardChannel, _ body: (any CardChannel) throws -> Value
    ) throws -> Value {
        guard trace || traceTo != nil else { return try body(channel) }
        let tracing = TracingChannel(channel, personalData: tracePersonalData ? .shown : .masked)
        let result = Result { try body(tracing) }
        if trace { Terminal.tell(tracing.trace.masked.description) }
        if let traceTo { try TraceOptions.write(tracing.file, to: traceTo) }
        return try result.get()
    }

    /// Writes a trace so that only its owner can read it.
    private static func write(_ file: CardTraceFile, to path: String) throws(Faults) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Faults("trace.not-writable", ["file": path]) }
        defer { close(descriptor) }
        var rest = Array(file.text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Faults("trace.not-writable", ["file": path]) }
            rest = rest.dropFirst(count)
        }
    }
}
