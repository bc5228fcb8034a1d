import Foundation
import Testing

@testable import CardData

@Suite struct MessageCatalogueTests {
    private let catalogue: MessageCatalogue

    init() throws { catalogue = try MessageCatalogue.bundled() }

    /// A fault raised in the sources: its code, and the text of the file that raises it.
    private struct Use {
        let code: String
        let file: String
        let source: String
    }

    /// All codes written as literals where faults are made, anywhere under `Sources`.
    private static func uses() throws -> [Use] {
        let pattern = /(?:Fault|Faults|add|FaultCode)\(\s*(?:rawValue:\s*)?"([a-z0-9-]+\.[a-z0-9-]+)"/
        let typed = /:\s*FaultCode\s*=\s*"([a-z0-9-]+\.[a-z0-9-]+)"/
        var uses: [Use] = []
        let files = FileManager.default.enumerator(atPath: Tree.root + "/Sources")
        while let path = files?.nextObject() as? String {
            guard path.hasSuffix(".swift") else { continue }
            let source = try String(contentsOfFile: Tree.root + "/Sources/" + path, encoding: .utf8)
            let found = source.matches(of: pattern).map { $0.1 } + source.matches(of: typed).map { $0.1 }
            uses += found.map { Use(code: String($0), file: path, source: source) }
        }
        return uses
    }

    @Test func everyFaultOfTheSourcesHasAMessageWhoseGapsAreFilled() throws {
        let uses = try Self.uses()
        #expect(uses.count > 60)
        for use in uses {
            guard let entry = catalogue.entries[FaultCode(rawValue: use.code)] else {
                Issue.record("\(use.code) in \(use.file) has no message")
                continue
            }
            for gap in Self.gaps(entry.zh + entry.zhNext + entry.en + entry.enNext) {
                #expect(use.source.contains("\"\(gap)\""), "\(use.code): nothing in \(use.file) fills {\(gap)}")
            }
        }
    }

    @Test func everyMessageIsCompleteInBothLanguages() {
        #expect(!catalogue.entries.isEmpty)
        for (code, entry) in catalogue.entries {
            let name = code.rawValue
            #expect(name.wholeMatch(of: /[a-z0-9-]+\.[a-z0-9-]+/) != nil, "\(name)")
            #expect([1, 2, 3, 4, 5, 6, 70].contains(entry.exit), "\(name)")
            for sentence in [entry.zh, entry.zhNext, entry.en, entry.enNext] {
                #expect(!sentence.isEmpty, "\(name)")
                #expect(sentence.wholeMatch(of: /(?s)[^{}]*(\{[a-z][A-Za-z0-9]*\}[^{}]*)*/) != nil, "\(name)")
            }
            let chinese = Self.gaps(entry.zh + entry.zhNext)
            let english = Self.gaps(entry.en + entry.enNext)
            // A word that differs between the languages is given twice: {act} and {actZh}.
            let unmarked = chinese.map { $0.hasSuffix("Zh") ? String($0.dropLast(2)) : $0 }
            #expect(Set(unmarked) == english, "\(name)")
            #expect((entry.zh + entry.zhNext).contains { $0 >= "一" && $0 <= "龥" }, "\(name)")
        }
    }

    @Test func aWindowsOwnSentencesAreThereInBothLanguagesAndSpeakToNoCommandLine() {
        let own = catalogue.entries.filter { $0.value.zhWindowNext != nil }
        #expect(own.count > 15)
        for (code, entry) in catalogue.entries {
            let name = code.rawValue
            #expect((entry.zhWindow == nil) == (entry.enWindow == nil), "\(name)")
            #expect((entry.zhWindowNext == nil) == (entry.enWindowNext == nil), "\(name)")
            let chinese = [entry.zhWindow, entry.zhWindowNext].compactMap(\.self).joined()
            let english = [entry.enWindow, entry.enWindowNext].compactMap(\.self).joined()
            let known = Self.gaps(entry.zh + entry.zhNext + entry.en + entry.enNext)
            #expect(Self.gaps(chinese + english).isSubset(of: known), "\(name)")
            for word in ["sscard", "--", "sudo", "命令行", "再次运行", ".csv"] {
                #expect(!(chinese + english).contains(word), "\(name)")
            }
        }
    }

    @Test func whoStandsAtAWindowIsToldWhatIsDoneThere() {
        let fault = Fault(
            "lifecycle.proof-missing",
            ["proofs": "paper", "proofsZh": "已收凭证材料", "act": "hold", "actZh": "停用"])
        #expect(catalogue.text(for: fault, language: .chinese).next.contains("--proof：paper"))
        let told = catalogue.text(for: fault, language: .chinese, isAtWindow: true)
        #expect(told.next.hasPrefix("当面核验后勾选已收凭证材料，再确认") && !told.next.contains("--"))
        #expect(told.what == catalogue.text(for: fault, language: .chinese).what)
        let lost = Fault("reader.system", ["function": "SCardTransmit", "code": "80100014"])
        #expect(
            catalogue.text(for: lost, language: .chinese, isAtWindow: true).what.contains("（SCardTransmit 80100014）"))
        #expect(!catalogue.text(for: lost, language: .english, isAtWindow: true).next.contains("sudo"))
    }

    private static func gaps(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{([a-zA-Z0-9]+)\}/).map { String($0.1) })
    }

    @Test func gapsAreFilledOnceAndTheColumnComesFirst() {
        let fault = Fault("date.form", ["text": "{column}", "column": "birthDate"])
        let text = catalogue.text(for: fault, language: .english)
        #expect(text.what == "birthDate: The date “{column}” is not eight digits.")
        #expect(catalogue.text(for: fault, language: .chinese).what.hasPrefix("出生日期：日期“{column}”"))
        #expect(catalogue.exitCode(for: "date.form") == 2)
    }

    /// What is read as it is wanted is what the whole reading finds.
    @Test func eachMessageIsFoundInItsFile() {
        for (code, entry) in catalogue.entries {
            #expect(MessageCatalogue.standard.exitCode(for: code) == entry.exit, "\(code.rawValue)")
            let text = MessageCatalogue.standard.text(for: Fault(code), language: .english)
            #expect(text.next == entry.enNext, "\(code.rawValue)")
        }
    }

    @Test func anUnknownCodeIsItsOwnMessage() {
        let text = catalogue.text(for: Fault("no.such-code"), language: .chinese)
        #expect(text == MessageText(what: "no.such-code", next: ""))
        #expect(catalogue.exitCode(for: "no.such-code") == 70)
    }

    @Test func damagedAndDoubledFilesAreTold() {
        let entry = "a.b: {exit: 2, zh: 甲, zhNext: 乙, en: a, enNext: b}"
        #expect(
            codes {
                try MessageCatalogue(files: [("1", entry), ("2", entry), ("3", "a: [")])
            } == ["message-catalogue.duplicate", "message-catalogue.file"])
    }
}
