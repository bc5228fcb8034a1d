/// Why a card could not be made, in the words of whoever tells it, for instance a factory's file.
///
/// It stands in the log in clear: of a number as long as a person's nothing is kept.
public struct FailureNote: Hashable, Sendable {
    /// No note is longer, in characters.
    public static let longest = 100
    /// So many digits one after the other may be a person's number.
    private static let digitsOfPerson = 15

    /// The words, on one line.
    public let text: String

    /// A note; nil for nothing but blanks.
    public init?(_ words: String) {
        let line = words.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
            .split(separator: " ").joined(separator: " ")
        guard !line.isEmpty else { return nil }
        let kept = Self.withoutPersons(line).prefix(Self.longest)
        text = String(kept.last == " " ? kept.dropLast() : kept)
    }

    /// A note from the log, which holds none but those that ``init(_:)`` gives.
    init?(encoded bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), let note = FailureNote(text), note.text == text
        else {
            return nil
        }
        self = note
    }

    private static func withoutPersons(_ line: String) -> String {
        var kept = ""
        var digits = ""
        for character in line + "\n" {
            if character.isASCII, character.isNumber || (!digits.isEmpty && character.uppercased() == "X") {
                digits.append(character)
            } else {
                kept += digits.count < digitsOfPerson ? digits : "…"
                digits = ""
                if character != "\n" { kept.append(character) }
            }
        }
        return kept
    }
}
