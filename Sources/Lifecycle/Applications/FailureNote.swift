import ByteText

/// Why a card could not be made, or an application was sent back or rejected, in the words of whoever tells it: a factory's file, an officer.
///
/// It stands in the log in clear: of a number as long as a person's nothing is kept.
public struct FailureNote: Hashable, Sendable {
    /// No note is longer, in bytes of UTF-8.
    public static let longest = 300
    /// So many digits one after the other may be a person's number.
    private static let digitsOfPerson = 15

    /// The words, on one line.
    public let text: String

    /// Whether a note would lose something of these words: they are too long, or hold a number that may be a person's.
    public static func shortens(_ words: String) -> Bool {
        let line = words.plain(replacement: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return FailureNote(words).map { $0.text != line } ?? false
    }

    /// A note; nil for nothing but blanks.
    public init?(_ words: String) {
        let line = words.plain(replacement: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !line.isEmpty else { return nil }
        var kept = String.UnicodeScalarView()
        var length = 0
        for scalar in Self.withoutPersons(line).unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= Self.longest else { break }
            kept.append(scalar)
        }
        let text = String(kept)
        self.text = text.last == " " ? String(text.dropLast()) : text
    }

    /// A note from the log as it stands there: earlier programs kept other numbers back.
    init?(encoded bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        self.text = text
    }

    /// Blanks and strokes between digits part no number: people write theirs in groups.
    private static func withoutPersons(_ line: String) -> String {
        var kept = String.UnicodeScalarView()
        var run = String.UnicodeScalarView()
        var digits = 0
        func end() {
            if digits < digitsOfPerson { kept.append(contentsOf: run) } else { kept.append("…") }
            run = String.UnicodeScalarView()
            digits = 0
        }
        for scalar in line.unicodeScalars {
            if scalar.properties.numericType == .decimal || (digits > 0 && Self.closing.contains(scalar)) {
                digits += 1
                run.append(scalar)
            } else if digits > 0, Self.grouping.contains(scalar) {
                run.append(scalar)
            } else {
                end()
                kept.append(scalar)
            }
        }
        end()
        return String(kept)
    }

    /// The last place of a citizen's number that is no digit, also as wide letters and as the Roman ten.
    private static let closing: Set<Unicode.Scalar> = ["X", "x", "Ｘ", "ｘ", "Ⅹ"]
    private static let grouping: Set<Unicode.Scalar> = [
        " ", "-", "‐", "‑", "–", "—", "－", "_", ".", "．", "·", "/", "／", ",", "，", ":", "：",
    ]
}
