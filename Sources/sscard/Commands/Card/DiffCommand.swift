import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle

/// `sscard card diff`: a card against what it should hold, against a dump, or against another card.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "比较卡片 Compare a card with a record, a dump or another card.",
        discussion: """
            例 Examples:
              sscard card diff --layout national-2.0 --people Fixtures/people.csv --row 1
              sscard card diff --dump card.json
              sscard card diff --other-reader "Virtual PCD 01"
              sscard card diff --dump before.json --dump after.json        # no card is needed

            退出码 Exit code: 0 same · 1 differs. 记录中没有的发卡数据（卡号、日期等）取自卡片。What the issuer gave (card number, dates …) is taken
            from the card where the row does not name it. Files that were not open are listed as not compared.
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
        if !comparison.isSame { throw ExitVerdict(code: 1) }
    }

    private func compareCard(_ site: Site) async throws -> CardComparison {
        let (dump, compiled) = try await access.dump(site)
        let layout = compiled.layout
        let card = CardInventory(dump, by: layout)
        let other: CardInventory
        if let path = self.dump.first {
            other = try CardDumpFile(json: InputFile.read(path), file: path).inventory(by: layout)
        } else if let people {
            other = try recorded(people, dump, layout, site)
        } else {
            var second = access
            second.reader = otherReader
            second.layout = layout.name
            other = CardInventory(try await second.dump(site).0, by: layout)
        }
        return CardComparison(card, other, layout: layout, asBytes: hex)
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

    /// What a card of the row's person should hold.
    private func recorded(
        _ path: String, _ dump: CardDump, _ layout: CardLayout, _ site: Site
    ) throws -> CardInventory {
        let preparation = try site.preparation()
        let rows = try PersonFile.read(path: path, expectedColumns: preparation.columns(layoutName: layout.name))
        guard rows.indices.contains(row - 1) else { throw Faults("tool.no-such-row", ["row": String(row)]) }
        let person = rows[row - 1]
        let applicant = try preparation.checked(person, layoutName: layout.name)
        let entry = try preparation.library.entry(layout.name)
        guard let answer = try? AnswerToReset(bytes: dump.answerToReset),
            let context = CardKeyContext(answer, profile: entry.compiled.profile, area: site.policy.area),
            let number = applicant.cardNumber ?? site.policy.cardNumbers.number(at: 0)
        else { throw Faults("card.no-identity") }
        var values = try preparation.values(person, applicant, number: number, context: context)
        let onCard = dump.content(by: layout)
        for name in Self.givenByIssuer where person.values[name]?.isEmpty ?? true {
            values[name] = onCard["SSSE", "EF05", name]?.text ?? values[name]
        }
        return CardInventory(try entry.encoder.encode(values, at: person.place), of: layout)
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
            Terminal.tell("未比较 not compared: \(place.directory)/\(place.file)\(element) \(place.title)")
        }
        Terminal.say(
            "\(comparison.isSame ? "相同 same" : "\(comparison.differences.count) 处不同 differences")"
                + "  文件 files \(comparison.comparedFileCount)")
    }
}

extension CardComparison.Kind {
    fileprivate var words: String {
        switch self {
        case .onlyFirst: "仅一有 only first"
        case .onlySecond: "仅二有 only second"
        case .differs: "不同 differs"
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
        let file: String
        let element: String?
        let title: String
    }

    let same: Bool
    let files: Int
    let differences: [Difference]
    let notCompared: [Place]

    init(_ comparison: CardComparison) {
        same = comparison.isSame
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
