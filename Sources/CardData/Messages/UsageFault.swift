import Foundation

/// What is wrong with a command line, in the catalogue's terms.
///
/// It is told from the sentences of swift-argument-parser, which speaks English alone and shows its errors to nobody. A value is
/// never repeated, for somebody may have written a secret where it does not belong.
public struct UsageFault: FaultReporting {
    /// One fault.
    public let faults: [Fault]
    /// The description of the option in question and the usage of the command, as the parser has them.
    public let usage: String

    /// Tells a sentence of the parser's, or of a check of our own, which is written `中文 · English`.
    ///
    /// - Parameters:
    ///   - sentence: what is wrong.
    ///   - message: the parser's whole message, which begins with the sentence.
    ///   - arguments: the words of the command line behind the program's name: an option behind a word that is no command is the word's fault.
    public init(_ sentence: String, in message: String, arguments: [String] = []) {
        let end = message.range(of: sentence)?.upperBound ?? message.startIndex
        usage = message[end...].trimmingCharacters(in: .newlines)
        if sentence.hasPrefix("Unknown option '"), let word = Self.noCommand(in: arguments, usage) {
            faults = [Fault("usage.unknown-command", ["word": Self.shown(word)])]
        } else {
            faults = [Self.fault(sentence, isForCommand: usage.contains("<subcommand>"))]
        }
    }

    /// The word that stands where the usage line has `<subcommand>`; nil where it is an option, or nothing.
    private static func noCommand(in arguments: [String], _ usage: String) -> String? {
        guard let line = usage.components(separatedBy: "\n").first(where: { $0.contains("<subcommand>") }),
            let path = line.components(separatedBy: "Usage: ").last?.split(separator: " ")
        else { return nil }
        let commands = path.prefix { $0 != "<subcommand>" && !$0.hasPrefix("[") }.dropFirst().map(String.init)
        guard arguments.starts(with: commands), let word = arguments.dropFirst(commands.count).first,
            !word.hasPrefix("-")
        else { return nil }
        return word
    }

    private static func fault(_ sentence: String, isForCommand: Bool) -> Fault {
        // Every second piece stood in quotation marks.
        let named = sentence.components(separatedBy: "'").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        let first = named.first ?? ""
        if sentence.hasPrefix("Unknown option '") {
            let hint = sentence.contains("Did you mean") ? named.last : nil
            return Fault(
                "usage.unknown-option",
                [
                    "option": shown(first), "hintZh": hint.map { "是否指 \($0)？" } ?? "",
                    "hint": hint.map { "Did you mean \($0)? " } ?? "",
                ])
        }
        if sentence.hasPrefix("Unexpected argument '") || sentence.contains(" unexpected arguments: '") {
            if isForCommand { return Fault("usage.unknown-command", ["word": shown(first)]) }
            return Fault("usage.unexpected-argument", ["word": shown(first)])
        }
        if sentence.hasPrefix("Missing value for '") { return Fault("usage.missing-value", ["option": first]) }
        if sentence.hasPrefix("Missing expected argument '") || sentence.hasPrefix("Missing one of: '") {
            return Fault("usage.missing-argument", ["argument": named.joined(separator: " / ")])
        }
        if sentence.hasPrefix("The option '"), sentence.contains("' does not take any value") {
            return Fault("usage.takes-no-value", ["option": first])
        }
        if let option = sentence.components(separatedBy: "' is invalid for '").dropFirst().last {
            let name = option.prefix { $0 != "'" }
            let known = known(in: option.dropFirst(name.count + 1))
            return Fault(
                "usage.wrong-value",
                [
                    "option": String(name), "hintZh": known.map { "可用：\($0)。" } ?? "",
                    "hint": known.map { "There are: \($0). " } ?? "",
                ])
        }
        let languages = sentence.components(separatedBy: " · ")
        return Fault("usage.refused", ["reasonZh": languages.first ?? sentence, "reason": languages.last ?? sentence])
    }

    /// The values that an option takes, where the parser lists them behind the option: `: a, b`, `'a' and 'b'`, or one a line.
    private static func known(in rest: Substring) -> String? {
        if rest.hasPrefix(": ") { return String(rest.dropFirst(2)) }
        guard rest.contains("Please provide one of") else { return nil }
        let quoted = rest.components(separatedBy: "'").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        let lines = rest.components(separatedBy: "\n").filter { $0.hasPrefix("  - ") }.map { String($0.dropFirst(4)) }
        let known = quoted.isEmpty ? lines : quoted
        return known.isEmpty ? nil : known.joined(separator: ", ")
    }

    /// A word of the command line; one with four digits may be a PIN or a person's number.
    private static func shown(_ word: String) -> String { word.count { $0.isNumber } < 4 ? word : "…" }
}
