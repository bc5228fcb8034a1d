import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Registry
import SmartCardReader

/// `sscard card diff`: a card against what it should hold, against a dump, or against another card.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "比较卡片 Compare a card with a record, a dump or another card.",
        discussion: """
            例 Examples:
              sscard card diff --layout national-2.0 --people Fixtures/people.csv --row 1
              sscard card diff --dump card.json
              sscard card diff --other-reader "00 01"                       # of two readers with a card; a part of its name will do
              sscard card diff --dump before.json --dump after.json        # no card is needed

            退出码 Exit code: 0 same · 1 differs · 3 持卡人身份或不在卡结构中的文件未能比较 nothing differs, but whose card it is, or
            what is not in the layout, was not compared. 记录中没有的发卡数据
            （卡号、日期等）取自登记；此人的卡未在本处登记时列为未比较。What the issuer gave (card number, dates …) is taken from the registry where the row does
            not name it, and listed as not compared where the person has no card in it. So are files that were not open.
            """)

    @OptionGroup var access: CardAccess
    @Option(help: "人员文件 CSV file of people.") var people: String?
    @Option(help: "第几行 The row, from 1.") var row = 1
    @Option(help: "转储文件 A dump, either JSON form; two of them are compared with each other.") var dump: [String] = []
    @Option(help: "另一读卡器 Reader with another card.") var otherReader: String?
    @Flag(help: "比较字节 Compare bytes of records where both sides have them.") var hex = false
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        guard [people != nil, !dump.isEmpty, otherReader != nil].count(where: \.self) == 1, dump.count <= 2 else {
            throw Faults("card-diff.what-with")
        }
        let site = try Site(access.site)
        let comparison = dump.count == 2 ? try compareDumps(site) : try await compareCard(site)
        if json { try Terminal.say(json: ComparisonReport(comparison)) } else { print(comparison) }
        switch comparison.verdict {
        case .same: break
        case .differs: throw ExitVerdict(code: 1)
        case .unknown: throw ExitVerdict(code: 3)
        }
    }

    private func compareCard(_ site: Site) async throws -> CardComparison {
        var first = access
        var otherSlot: ReaderName?
        if let otherReader {
            let slot = try ReaderList.reader(named: otherReader).name
            if access.replay == nil {
                if let named = access.reader, try ReaderList.reader(named: named).name == slot {
                    throw Faults("card-diff.same-reader", ["reader": slot.rawValue])
                }
                first.reader = try ReaderList.reader(named: access.reader, besides: slot).name.rawValue
            }
            otherSlot = slot
        }
        let (dump, compiled) = try await first.dump(site)
        let layout = compiled.layout
        let card = CardInventory(dump, by: layout)
        let other: CardInventory
        var untold: Set<String> = []
        if let path = self.dump.first {
            other = try CardDumpFile(json: InputFile.read(path), file: path).inventory(by: layout)
        } else if let people {
            (other, untold) = try recorded(people, dump, layout, site)
        } else {
            var second = access
            second.replay = nil
            second.replayCard = nil
            second.reader = otherSlot?.rawValue
            second.layout = layout.name
            other = CardInventory(try await second.dump(site).0, by: layout)
        }
        return CardComparison(card, other, layout: layout, untold: untold, asBytes: hex)
    }

    private func compareDumps(_ site: Site) throws -> CardComparison {
        let layouts = try site.compiledCards().map(\.layout)
        let files = try dump.map { try CardDumpFile(json: InputFile.read($0), file: $0) }
        let name = access.layout ?? files.compactMap { $0.layoutName(among: layouts) }.first
        guard let name else { throw Faults("card-diff.layout") }
        let layout = try site.library.entry(name).compiled.layout
        return CardComparison(
            files[0].inventory(by: layout), files[1].inventory(by: layout), layout: layout, asBytes: hex)
    }

    /// What a card of the row's person should hold, and what of it neither the row nor the registry tells.
    private func recorded(
        _ path: String, _ dump: CardDump, _ layout: CardLayout, _ site: Site
    ) throws -> (CardInventory, untold: Set<String>) {
        let preparation = try site.acting(access.officers).preparation()
        let rows = try PersonFile.read(path: path, expectedColumns: preparation.columns(layoutName: layout.name))
        guard row >= 1, rows.indices.contains(row - 1) else { throw Faults("tool.no-such-row", ["row": String(row)]) }
        let person = rows[row - 1]
        let applicant = try preparation.checked(person, layoutName: layout.name)
        let entry = try preparation.library.entry(layout.name)
        let onCard = dump.content(by: layout)
        let encoder = entry.encoder.keeping(version: onCard["SSSE", "EF05", "specificationVersion"]?.text)
        let registered = try registeredCard(of: applicant, site)
        guard let answer = try? AnswerToReset(bytes: dump.answerToReset),
            let context = CardKeyContext(answer, profile: entry.compiled.profile, area: site.policy.area),
            let number = applicant.cardNumber ?? registered?.facts.number ?? site.policy.cardNumbers.number(at: 0)
        else { throw Faults("card.no-identity") }
        var values = try preparation.values(person, applicant, number: number, context: context)
        let missing = Self.givenByIssuer.filter { person.values[$0]?.isEmpty ?? true }
        if let registered {
            let told = [
                "identificationCode": registered.code, "issueDate": registered.facts.issued.text,
                "expiryDate": registered.facts.expires.text,
            ]
            for name in missing { values[name] = told[name] ?? values[name] }
            return (CardInventory(try encoder.encode(values, at: person.place), of: entry.compiled), [])
        }
        for name in missing { values[name] = onCard["SSSE", "EF05", name]?.text ?? values[name] }
        return (CardInventory(try encoder.encode(values, at: person.place), of: entry.compiled), Set(missing))
    }

    /// The card that the registry has for the person, where there is a registry and it has one that is not ended.
    private func registeredCard(
        of applicant: Applicant, _ site: Site
    ) throws -> (code: String, facts: CardFacts)? {
        guard try FileManager.default.fileExists(atPath: site.options.dataFolder() + "/registry.sqlite") else {
            return nil
        }
        do {
            let registry = try site.registry()
            let card = try registry.activeCard(of: registry.reference(of: applicant.socialSecurityNumber))
            guard let card, let facts = card.facts else { return nil }
            return (card.reference.text, facts)
        } catch let error as RegistryError {
            // The card can be compared all the same, with what the row says.
            Terminal.tell(error.faults)
            return nil
        }
    }

    private static let givenByIssuer = [
        "identificationCode", "cardClass", "initializingInstitution", "issueDate", "expiryDate", "cardNumber",
    ]

    private func print(_ comparison: CardComparison) {
        var table = Table("目录 DF", "文件 EF", "数据项 Element", "不同 Difference", "一 First", "二 Second")
        for difference in comparison.differences {
            table.add(
                difference.directory, difference.file ?? "", "\(difference.element ?? "") \(difference.title)",
                difference.kind.words, difference.first ?? "–", difference.second ?? "–")
        }
        if !comparison.isSame { Terminal.say(table.text) }
        for place in comparison.uncompared {
            let element = place.element.map { "/\($0)" } ?? ""
            let file = place.file.map { "/\($0)" } ?? ""
            Terminal.tell("未比较 not compared: \(place.directory)\(file)\(element) \(place.title)")
        }
        Terminal.say("\(verdict(comparison))  文件 files \(comparison.comparedFileCount)")
    }

    private func verdict(_ comparison: CardComparison) -> String {
        switch comparison.verdict {
        case .same: "相同 same"
        case .differs: "\(comparison.differences.count) 处不同 differences"
        case .unknown where comparison.bothHaveForeignPlaces:
            "不能断定：双方都有不在卡结构中的文件或目录，未能比较 unknown: both have places that are not in the layout and were not compared"
        case .unknown: "不能断定：持卡人身份未能比较 unknown: whose card it is was not compared"
        }
    }
}

extension CardComparison.Kind {
    fileprivate var words: String {
        switch self {
        case .onlyFirst: "仅一有 only first"
        case .onlySecond: "仅二有 only second"
        case .differs: "不同 differs"
        case .damaged: "可能损坏 may be corrupted (6281)"
        }
    }
}

/// A comparison for programs.
private struct ComparisonReport: Encodable {
    struct Difference: Encodable {
        let kind: String
        let directory: String
        let file: String?
        let element: String?
        let title: String
        let first: String?
        let second: String?
    }

    struct Place: Encodable {
        let directory: String
        let file: String?
        let element: String?
        let title: String
    }

    let verdict: String
    let same: Bool
    let files: Int
    let differences: [Difference]
    let notCompared: [Place]

    init(_ comparison: CardComparison) {
        verdict = comparison.verdict.rawValue
        same = comparison.verdict == .same
        files = comparison.comparedFileCount
        differences = comparison.differences.map {
            Difference(
                kind: $0.kind.rawValue, directory: $0.directory, file: $0.file, element: $0.element, title: $0.title,
                first: $0.first, second: $0.second)
        }
        notCompared = comparison.uncompared.map {
            Place(directory: $0.directory, file: $0.file, element: $0.element, title: $0.title)
        }
    }
}
