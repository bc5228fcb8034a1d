import ArgumentParser
import CardApplication
import CardData
import CardLayout
import Issuing

/// `sscard card append`: a new record of a cyclic file of an issued card.
struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "追加循环记录 Add a row to a cyclic file of a card with its update key, and read it back as the newest.",
        discussion: """
            例 Examples:
              sscard card append DF02/EF07 --value 'occupation=2010100;startDate=20260901;employerName=示范厂'
              sscard card append DF04/EF15 --value 'transactionNumber=0007;settlementKind=1' --keys psam:SAM

            文件满时最旧的一条被替换 The oldest row falls out of a full file. 能读出且最新一条已是此值则不追加，因此拔卡后可重新运行 Where the file can be read
            and its newest row is this one already, nothing is added: after a tear the same command is run again. 只能由卡片写入的文件不能追加 What only the card
            itself writes gets no row.
            """)

    @OptionGroup var access: CardAccess
    @Argument(help: "循环文件 The file: directory/file of the layout.") var file: String
    @Option(help: "一行 One row: name=value;name=value, as in the people file.") var value: String
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let site = try Site(access.site).acting(access.officers)
        let outcome = try await access.changing(site) { compiled in
            let (directory, file) = try target(in: compiled)
            let encoder = try site.library.entry(compiled.layout.name).encoder
            return CardChange(directory: directory, file: file, records: [try encoder.row(value, of: file)])
        }
        let report = CardChangeReport(element: file, outcome)
        if json { return try Terminal.say(json: report) }
        guard report.changed else {
            return Terminal.say("最新一条已是此值，未追加 the newest row already, nothing added: \(file)")
        }
        Terminal.say("已追加 added \(file)  \(report.readingBack)")
    }

    /// The file by its path; throws `card.append-file`.
    private func target(in compiled: CompiledCard) throws(Faults) -> (CompiledDirectory, ElementaryFile) {
        let parts = file.split(separator: "/").map(String.init)
        guard parts.count == 2, let directory = compiled.directory(parts[0]), let file = directory.file(parts[1])?.file
        else { throw Faults("card.append-file", ["file": file]) }
        return (directory, file)
    }
}
