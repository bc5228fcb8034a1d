import Foundation
import Yams

/// The sentences of all faults in Chinese and English, with the exit code of the tool for each.
public struct MessageCatalogue: Sendable {
    struct Entry: Hashable, Sendable, Decodable {
        let exit: Int
        let zh: String
        let zhNext: String
        let en: String
        let enNext: String
        /// At a window, where nobody has a command line, in the place of the sentences above; given in both languages or in neither.
        let zhWindow: String?
        let zhWindowNext: String?
        let enWindow: String?
        let enWindowNext: String?
    }

    private let files: MessageFiles
    private let fields = FieldNames.standard

    /// The catalogue that comes with the program, whose files are read as their messages are wanted: most commands say little.
    ///
    /// The messages of a damaged file are their codes.
    public static let standard = MessageCatalogue(MessageFiles((try? bundledTexts().map(\.yaml)) ?? []))

    /// Reads all `messages*.yaml` of the resources; throws `message-catalogue.file` and `message-catalogue.duplicate`.
    static func bundled() throws(Faults) -> MessageCatalogue { try MessageCatalogue(files: bundledTexts()) }

    private static func bundledTexts() throws(Faults) -> [(file: String, yaml: String)] {
        let messages = Bundle.module.paths(forResourcesOfType: "yaml", inDirectory: nil).filter { path in
            path.split(separator: "/").last?.hasPrefix("messages") == true
        }
        var texts: [(file: String, yaml: String)] = []
        for path in messages.sorted() {
            texts.append((path, try BoundedFile.readText(path, limit: 4 << 20)))
        }
        return texts
    }

    /// Reads files' texts: a map from code to `{exit, zh, zhNext, en, enNext}`, for windows also `zhWindow`, `enWindow` and their `…Next`.
    init(files: [(file: String, yaml: String)]) throws(Faults) {
        var faults = FaultCollector()
        var known: Set<FaultCode> = []
        for (file, yaml) in files {
            do {
                for code in try Self.entries(in: yaml).keys where !known.insert(code).inserted {
                    faults.add("message-catalogue.duplicate", ["code": code.rawValue, "file": file])
                }
            } catch {
                faults.add("message-catalogue.file", ["file": file, "reason": "\(error)"])
            }
        }
        try faults.check()
        self.init(MessageFiles(files.map(\.yaml)))
    }

    private init(_ files: MessageFiles) { self.files = files }

    /// The messages of one file's text.
    static func entries(in yaml: String) throws -> [FaultCode: Entry] {
        let entries = try YAMLDecoder().decode([String: Entry].self, from: yaml)
        return Dictionary(uniqueKeysWithValues: entries.map { (FaultCode(rawValue: $0), $1) })
    }

    /// All messages.
    var entries: [FaultCode: Entry] { files.all }

    /// A fault's message with its gaps filled, in Chinese with its fields' Chinese names; a code that has no message is its own.
    ///
    /// - Parameter isAtWindow: whether who reads it stands at a window, where some messages have sentences of their own.
    public func text(
        for fault: Fault, language: MessageLanguage, isAtWindow: Bool = false
    ) -> MessageText {
        guard let entry = files[fault.code] else { return MessageText(what: fault.code.rawValue, next: "") }
        let isChinese = language == .chinese
        let named = isChinese ? fields.chinese(fault.parameters, of: fault.code) : fault.parameters
        let parameters = Self.inWords(named, language)
        let sentences = entry.sentences(in: language, isAtWindow: isAtWindow)
        let what = fill(sentences.what, parameters)
        let next = fill(sentences.next, parameters)
        guard let column = parameters["column"], !sentences.what.contains("{column}") else {
            return MessageText(what: what, next: next)
        }
        return MessageText(what: column + (isChinese ? "：" : ": ") + what, next: next)
    }

    /// Whether a window has its own word of what is to be done about a fault.
    public func hasWindowText(_ code: FaultCode) -> Bool { files[code]?.zhWindowNext != nil }

    /// Parameters that may hold what the system or a library said.
    private static let systemTexts: Set<String> = ["reason", "error", "problem"]

    private static func inWords(_ parameters: [String: String], _ language: MessageLanguage) -> [String: String] {
        guard parameters.keys.contains(where: systemTexts.contains) else { return parameters }
        return Dictionary(
            uniqueKeysWithValues: parameters.map { name, value in
                (name, systemTexts.contains(name) ? SystemTexts.standard.text(value, in: language) : value)
            })
    }

    /// The tool's exit code for a fault; 70, our own mistake, for a code without an entry.
    public func exitCode(for code: FaultCode) -> Int32 { Int32(files[code]?.exit ?? 70) }

    /// Replaces `{name}` by its parameter in one pass, so that a value with braces in it is not filled again.
    private func fill(_ sentence: String, _ parameters: [String: String]) -> String {
        var result = ""
        var rest = sentence[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            result += rest[..<open]
            result += parameters[name] ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

extension MessageCatalogue.Entry {
    /// What happened and what to do next, as they stand in the file, for the tool or for a window.
    fileprivate func sentences(in language: MessageLanguage, isAtWindow: Bool) -> (what: String, next: String) {
        let isChinese = language == .chinese
        let own = (what: isChinese ? zh : en, next: isChinese ? zhNext : enNext)
        guard isAtWindow else { return own }
        return ((isChinese ? zhWindow : enWindow) ?? own.what, (isChinese ? zhWindowNext : enWindowNext) ?? own.next)
    }
}
