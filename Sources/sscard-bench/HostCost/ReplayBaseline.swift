import ByteText
import Foundation

/// The C program that sends the recorded commands in a tight loop (Fixtures/baselines/apdu_replay.c).
struct ReplayBaseline {
    /// What it prints of one round.
    struct Round {
        let microseconds: Double
        let commandCount: Int
        let byteCount: Int
        let lastStatusWord: String
    }

    let program: ChildProgram
    private let script: String

    /// Writes the commands as a script.
    init(program: ChildProgram, commands: [[UInt8]], script: String) throws {
        let text = commands.map { $0.hexadecimal + "\n" }.joined()
        try text.write(toFile: script, atomically: true, encoding: .utf8)
        self.program = program
        self.script = script
    }

    /// Sends everything once, to the card in the first reader.
    func run() throws -> Round {
        // round_us median 33721.4 min 33721.4  apdus 397  bytes 13404  last_sw 9000
        let text = try program.output(script, "1")
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 11, words[0] == "round_us", let time = Double(words[2]), let commands = Int(words[6]),
            let bytes = Int(words[8])
        else { throw BenchError.output(program.path, text) }
        return Round(
            microseconds: time, commandCount: commands, byteCount: bytes, lastStatusWord: String(words[10]))
    }
}
