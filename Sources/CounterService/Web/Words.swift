import CardData
import Foundation
import Lifecycle

/// The words of the pages in both languages (`Pages/words*.yaml`).
struct Words: Sendable {
    private let tables: [MessageLanguage: [String: String]]

    /// The words that come with the pages; throws every fault of the file.
    static func bundled() throws(Faults) -> Words {
        let folder = try PageFiles.folder
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasPrefix("words") && $0.hasSuffix(".yaml") }.sorted()
        var faults = FaultCollector()
        var tables: [MessageLanguage: [String: String]] = [:]
        let roots = try names.map { name throws(Faults) in try DataFile.read(folder + "/" + name) }
        for entry in try roots.map({ root throws(Faults) in try root.mapping }).joined() {
            for language in MessageLanguage.allCases {
                let text = faults.attempt { () throws(Faults) in
                    try entry.value.required(language.rawValue).string
                }
                tables[language, default: [:]][entry.key] = text
            }
        }
        try faults.check()
        return Words(tables: tables)
    }

    /// All words of a language, for templates.
    func table(_ language: MessageLanguage) -> [String: String] { tables[language] ?? [:] }

    /// One word; a name that the file lacks stands for itself.
    func text(_ name: String, _ language: MessageLanguage) -> String { tables[language]?[name] ?? name }
}

/// The words of the rules in the page's language.
extension MessageLanguage {
    func word(_ state: ShownState) -> String { self == .chinese ? state.chinese : state.english }

    func word(_ state: PhysicalState) -> String { self == .chinese ? state.chinese : plain(state.rawValue) }

    func word(_ state: ApplicationState) -> String { self == .chinese ? state.chinese : plain(state.rawValue) }

    func word(_ kind: ActKind) -> String { self == .chinese ? kind.chinese : plain(kind.name) }

    func word(_ transition: Transition) -> String {
        self == .chinese ? transition.chinese : plain(transition.rawValue)
    }

    func word(_ kind: Restriction.Kind) -> String { self == .chinese ? kind.chinese : plain(kind.english) }

    func word(_ reason: EndReason) -> String { self == .chinese ? reason.chinese : plain(reason.english) }

    func word(_ kind: StockKind) -> String {
        self == .chinese ? kind.chinese : kind == .securityModule ? "PSAM" : plain(kind.name)
    }

    func word(_ role: Role) -> String { self == .chinese ? role.chinese : plain(role.name) }

    func word(_ role: OperatorRole) -> String { self == .chinese ? role.chinese : plain(role.rawValue) }

    /// `handed-over` as people read it.
    private func plain(_ code: String) -> String {
        let text = code.replacingOccurrences(of: "-", with: " ").replacingOccurrences(of: "pin", with: "PIN")
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}
