import ByteText

extension CardTraceFile {
    /// Why a text is no trace, and where; line and column count from 1.
    public struct Malformed: Error, Hashable, Sendable {
        /// What should stand there.
        public enum Expected: String, Hashable, Sendable {
            /// The first line, `sscard-trace 1`.
            case heading = "sscard-trace 1"
            /// `card` and an answer to reset.
            case card = "card ATR"
            /// `personal-data masked` or `personal-data shown`.
            case personalData = "personal-data masked|shown"
            /// `+seconds.microseconds s`.
            case time = "+0.000000 s"
            /// Four header bytes, or `reset`.
            case command = "CLA INS P1 P2 | reset"
            /// Bytes, `‹n bytes›` or `‹secret›`.
            case content = "bytes | ‹n bytes› | ‹secret›"
            /// `le` and 1 to 256.
            case expectedLength = "le 1…256"
            /// `<` between command and answer.
            case arrow = "<"
            /// A status word, or `no answer:` and a failure's name.
            case outcome = "SW1 SW2 | no answer: …"
            /// Microseconds, `µs`.
            case duration = "0 µs"
            /// Nothing more.
            case end = "end of line"
        }

        /// The line, from 1.
        public let line: Int
        /// The column in characters, from 1.
        public let column: Int
        /// What should stand there.
        public let expected: Expected
    }

    /// Reads a trace file's text; of several cards the first.
    public init(text: some StringProtocol) throws(Malformed) {
        guard let first = try Self.cards(in: text).first else {
            throw Malformed(line: 1, column: 1, expected: .heading)
        }
        self = first
    }

    /// Reads the text of a file in which the traces of several cards stand one behind the other, each with its three first lines.
    public static func cards(in text: some StringProtocol) throws(Malformed) -> [CardTraceFile] {
        var lines: [(number: Int, text: Substring)] = []
        // however a line ends: a carriage return and a line feed are one character
        let all = Substring(text).split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" })
        for (index, line) in all.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            lines.append((index + 1, line))
        }
        var cards: [CardTraceFile] = []
        var rest = lines[...]
        repeat {
            let next = rest.dropFirst().firstIndex { $0.text.hasPrefix(head[0]) } ?? rest.endIndex
            cards.append(try CardTraceFile(lines: Array(rest[..<next])))
            rest = rest[next...]
        } while !rest.isEmpty
        return cards
    }

    /// Reads the lines of one card, numbered as they stand in the file.
    private init(lines: [(number: Int, text: Substring)]) throws(Malformed) {
        func head(_ index: Int, _ expected: Malformed.Expected) throws(Malformed) -> Substring {
            guard index < lines.count, lines[index].text.hasPrefix(Self.head[index]) else {
                let line = index < lines.count ? lines[index].number : (lines.last?.number ?? 0) + 1
                throw Malformed(line: line, column: 1, expected: expected)
            }
            return lines[index].text.dropFirst(Self.head[index].count)
        }
        guard try head(0, .heading).isEmpty else {
            throw Malformed(line: lines[0].number, column: Self.head[0].count + 1, expected: .heading)
        }
        guard let bytes = try [UInt8](hexadecimal: head(1, .card)), let answer = try? AnswerToReset(bytes: bytes) else {
            throw Malformed(line: lines[1].number, column: Self.head[1].count + 1, expected: .card)
        }
        let kinds: [Substring: CardTrace.PersonalData] = ["masked": .masked, "shown": .shown]
        guard let personalData = try kinds[head(2, .personalData)] else {
            throw Malformed(line: lines[2].number, column: Self.head[2].count + 1, expected: .personalData)
        }
        var trace = CardTrace(personalData: personalData)
        var numbers: [Int] = []
        for line in lines.dropFirst(Self.head.count) {
            var reader = TraceLineReader(line.text, number: line.number)
            trace.entries.append(try reader.entry())
            numbers.append(line.number)
        }
        self.init(answerToReset: answer, trace: trace, lines: numbers)
    }
}

/// Reads one line of a trace, word by word.
private struct TraceLineReader {
    typealias Malformed = CardTraceFile.Malformed

    private let number: Int
    private var words: [(column: Int, text: Substring)] = []
    private let end: Int
    private var next = 0

    init(_ line: Substring, number: Int) {
        self.number = number
        var column = 1
        var start: (column: Int, index: Substring.Index)?
        for index in line.indices {
            if line[index] == " " {
                if let begun = start { words.append((begun.column, line[begun.index..<index])) }
                start = nil
            } else if start == nil {
                start = (column, index)
            }
            column += 1
        }
        if let begun = start { words.append((begun.column, line[begun.index...])) }
        end = column
    }

    mutating func entry() throws(Malformed) -> CardTrace.Entry {
        let offset = try time()
        let action = try action()
        try word("<", .arrow)
        let outcome = try outcome()
        let duration = try integer(.duration)
        try word("µs", .duration)
        guard next == words.count else { throw wrong(.end) }
        return CardTrace.Entry(offset: offset, duration: duration, action: action, outcome: outcome)
    }

    // MARK: parts

    private mutating func time() throws(Malformed) -> Int64 {
        let text = try take(.time)
        let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard text.hasPrefix("+"), parts.count == 2, parts[1].utf8.count == 6, let seconds = digits(parts[0]),
            let fraction = digits(parts[1])
        else { throw wrong(.time, back: 1) }
        try word("s", .time)
        // Twelve digits of seconds at most, so that microseconds fit.
        return seconds * 1_000_000 + fraction
    }

    private mutating func action() throws(Malformed) -> CardTrace.Entry.Action {
        let text = try take(.command)
        if text == "reset" { return .reset }
        guard let header = [UInt8](hexadecimal: text), header.count == 4 else { throw wrong(.command, back: 1) }
        var content = CardTrace.Content.none
        if let word = peek, word != "<", word != "le" { content = try self.content(most: 255) }
        guard peek == "le" else { return .command(header: header, content, expectedLength: nil) }
        next += 1
        let length = try integer(.expectedLength)
        guard (1...256).contains(length) else { throw wrong(.expectedLength, back: 1) }
        return .command(header: header, content, expectedLength: Int(length))
    }

    private mutating func outcome() throws(Malformed) -> CardTrace.Outcome {
        if peek == "no" {
            next += 1
            try word("answer:", .outcome)
            return .failure(try failure())
        }
        // A status word is four digits with the duration behind it; anything before it is the answer's data.
        if let statusWord = statusWord(at: next), isDuration(at: next + 1) {
            next += 1
            return .answer(.none, statusWord)
        }
        let content = try content(most: 65_536)
        guard let statusWord = statusWord(at: next) else { throw wrong(.outcome) }
        next += 1
        return .answer(content, statusWord)
    }

    private mutating func content(most: Int) throws(Malformed) -> CardTrace.Content {
        let text = try take(.content)
        if text == "‹secret›" { return .secret }
        if text.hasPrefix("‹") {
            guard let count = digits(text.dropFirst()), (1...Int64(most)).contains(count) else {
                throw wrong(.content, back: 1)
            }
            try word("bytes›", .content)
            return .personal(count: Int(count))
        }
        guard let bytes = [UInt8](hexadecimal: text), (1...most).contains(bytes.count) else {
            throw wrong(.content, back: 1)
        }
        return .shown(bytes)
    }

    /// The name of a failure as ``CardTrace`` writes it; a system's own text is not kept apart from its name.
    private mutating func failure() throws(Malformed) -> CardChannelError {
        let start = next
        let first = try take(.outcome)
        let plain: [Substring: CardChannelError] = [
            "cardRemoved": .cardRemoved, "cardWasReset": .cardWasReset, "cardMute": .cardMute,
            "readerRemoved": .readerRemoved, "answerNotAuthentic": .answerNotAuthentic,
            "protectionBroken": .protectionBroken,
        ]
        if let error = plain[first] { return error }
        var text = String(first)
        while !text.hasSuffix(")"), next < words.count { text += " " + words[next].text; next += 1 }
        if text.hasPrefix("malformedAnswer("), let count = digits(text.dropFirst(16).dropLast()) {
            return .malformedAnswer(Int(count))
        }
        if text.hasPrefix("refused(\""), text.hasSuffix("\")") {
            return .refused(String(text.dropFirst(9).dropLast(2)))
        }
        if text.hasPrefix("notProtected(\""), text.hasSuffix("\")") {
            return .notProtected(String(text.dropFirst(14).dropLast(2)))
        }
        let parts = text.dropLast().components(between: "reader(function: \"", and: "\", code: ")
        if let parts, let code = Int(parts.1) { return .reader(function: String(parts.0), code: code) }
        next = start
        throw wrong(.outcome)
    }

    // MARK: words

    private var peek: Substring? { next < words.count ? words[next].text : nil }

    private mutating func take(_ expected: Malformed.Expected) throws(Malformed) -> Substring {
        guard next < words.count else { throw wrong(expected) }
        next += 1
        return words[next - 1].text
    }

    private mutating func word(_ text: String, _ expected: Malformed.Expected) throws(Malformed) {
        guard try take(expected) == text else { throw wrong(expected, back: 1) }
    }

    private mutating func integer(_ expected: Malformed.Expected) throws(Malformed) -> Int64 {
        guard let number = digits(try take(expected)) else { throw wrong(expected, back: 1) }
        return number
    }

    private func statusWord(at index: Int) -> StatusWord? {
        guard index < words.count, words[index].text.utf8.count == 4,
            let bytes = [UInt8](hexadecimal: words[index].text), bytes.count == 2
        else { return nil }
        return StatusWord(bytes[0], bytes[1])
    }

    private func isDuration(at index: Int) -> Bool {
        index + 2 == words.count && digits(words[index].text) != nil && words[index + 1].text == "µs"
    }

    /// One to twelve decimal digits.
    private func digits(_ text: some StringProtocol) -> Int64? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    private func wrong(_ expected: Malformed.Expected, back: Int = 0) -> Malformed {
        let index = next - back
        let column = index >= 0 && index < words.count ? words[index].column : end
        return Malformed(line: number, column: column, expected: expected)
    }
}

extension StringProtocol {
    /// What stands behind the beginning up to the last place of `separator`, and what follows that.
    fileprivate func components(between beginning: String, and separator: String) -> (SubSequence, SubSequence)? {
        guard hasPrefix(beginning) else { return nil }
        let rest = dropFirst(beginning.count)
        var index = rest.endIndex
        while index > rest.startIndex {
            index = rest.index(before: index)
            if rest[index...].hasPrefix(separator) {
                return (rest[..<index], rest[index...].dropFirst(separator.count))
            }
        }
        return nil
    }
}
