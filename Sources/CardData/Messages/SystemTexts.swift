import Foundation
import Yams

/// What the system, SQLite and the JSON reader say in English, put into words for people (`Resources/system-texts.yaml`).
struct SystemTexts: Sendable {
    private struct Entry: Decodable {
        let text: String
        let zh: String
        let en: String?
    }

    private struct Rule: Sendable {
        let pattern: NSRegularExpression
        let chinese: String
        let english: String?
    }

    private let rules: [Rule]

    /// Those that come with the program; none when their file is damaged, and every text then stays as it is.
    static let standard = SystemTexts(
        yaml: Bundle.module.path(forResource: "system-texts", ofType: "yaml")
            .flatMap { try? BoundedFile.readText($0, limit: 1 << 20) } ?? "")

    /// Reads the file's text; what cannot be read is left out.
    init(yaml: String) {
        let entries = (try? YAMLDecoder().decode([Entry].self, from: yaml)) ?? []
        rules = entries.compactMap { entry in
            (try? NSRegularExpression(pattern: entry.text)).map {
                Rule(pattern: $0, chinese: entry.zh, english: entry.en)
            }
        }
    }

    /// How many rules there are.
    var count: Int { rules.count }

    /// The text with the sentences that are known here in the language's words; what is not known stays as it is.
    func text(_ text: String, in language: MessageLanguage) -> String {
        rules.reduce(text) { text, rule in
            guard let template = language == .chinese ? rule.chinese : rule.english else { return text }
            return rule.pattern.stringByReplacingMatches(
                in: text, range: NSRange(text.startIndex..., in: text), withTemplate: template)
        }
    }
}
