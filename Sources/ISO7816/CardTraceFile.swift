import ByteText

/// A trace as a file that a person can read and ``ReplayChannel`` can answer from.
///
/// ```
/// sscard-trace 1
/// card 3B6D000000904653318649990100000001
/// personal-data masked
/// +0.000112 s  00A40000023F01  < 9000  89 µs
/// +0.000301 s  00B2012C le 18  < ‹18 bytes› 9000  72 µs
/// +0.000420 s  00820004 ‹secret›  < 9000  102 µs
/// +0.000700 s  reset  < 3B6D000000904653318649990100000001 9000  20110 µs
/// +0.020900 s  00840000 le 8  < no answer: cardRemoved  15 µs
/// ```
///
/// The first three lines say what follows; each further line is one exchange: when it was sent from the start of the trace, the four
/// header bytes, the command's data, Le in decimal, and behind `<` the answer's data and status word, or why none came; last how long it
/// took. `‹n bytes›` stands for personal data of that length and `‹secret›` for a secret of any. Empty lines and lines that begin with `#`
/// are passed over. Encoding: UTF-8.
public struct CardTraceFile: Hashable, Sendable {
    /// The card's answer to reset.
    public let answerToReset: AnswerToReset
    /// What passed.
    public let trace: CardTrace
    /// The line of each exchange in the file it was read from, from 1; where the trace was recorded here, where it will stand.
    public let lines: [Int]

    static let head = ["sscard-trace 1", "card ", "personal-data "]

    /// A file with a recorded trace.
    public init(answerToReset: AnswerToReset, trace: CardTrace) {
        self.answerToReset = answerToReset
        self.trace = trace
        lines = trace.entries.indices.map { $0 + Self.head.count + 1 }
    }

    init(answerToReset: AnswerToReset, trace: CardTrace, lines: [Int]) {
        self.answerToReset = answerToReset
        self.trace = trace
        self.lines = lines
    }

    /// The file's text.
    public var text: String { "\(heading)\(trace)" }

    /// The three lines before the exchanges.
    public var heading: String {
        let personalData = trace.personalData == .masked ? "masked" : "shown"
        return "\(Self.head[0])\n\(Self.head[1])\(answerToReset)\n\(Self.head[2])\(personalData)\n"
    }
}

extension TracingChannel {
    /// What passed so far, as a file.
    public var file: CardTraceFile { CardTraceFile(answerToReset: answerToReset, trace: trace) }
}
