import ArgumentParser
import CardApplication
import CardData
import CardLayout

/// `sscard card read`: what the holder sees of a card.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "读卡 Read the identity data of a card (SSSE).",
        discussion: """
            例 Examples:
              sscard card read --json
              sscard card read --trace-to card.trace --trace-personal-data
              sscard card read --replay card.trace
            """)

    @OptionGroup var access: CardAccess
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let (dump, compiled) = try await access.dump(try Site(access.site), directories: ["SSSE"])
        try CardContentReport(dump.content(by: compiled.layout)).print(json: json)
        try access.end(dump, compiled)
    }
}

/// What a card holds, for people and programs.
struct CardContentReport {
    private let content: CardContent

    init(_ content: CardContent) { self.content = content }

    func print(json: Bool) throws {
        if json { try Terminal.say(json: content) } else { printTable() }
        Terminal.tell(content.warnings)
    }

    private func printTable() {
        var table = Table("目录 DF", "文件 EF", "数据项 Element", "值 Value")
        for directory in content.directories {
            for file in directory.files {
                let damaged = content.damaged[directory.name]?[file.name] ?? []
                func mark(_ name: String) -> String {
                    damaged.contains(name) ? "  – 可能损坏 may be corrupted (6281)" : ""
                }
                switch file.content {
                case .elements(let values):
                    for value in values {
                        // A photo is for a screen, not for a line of text; JSON has its bytes.
                        let text =
                            if case .bytes(let bytes) = value.value, bytes.count > 64 {
                                "\(bytes.count) bytes"
                            } else {
                                value.value.text
                            }
                        table.add(directory.name, file.name, value.title, text + mark(value.name))
                    }
                case .rows(let rows):
                    for (index, row) in rows.enumerated() {
                        let text = row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                        table.add(
                            directory.name, file.name, file.title,
                            text.joined(separator: "; ") + mark(String(index + 1)))
                    }
                case .bytes(let bytes):
                    table.add(directory.name, file.name, file.title, "\(bytes.count) bytes" + mark("content"))
                }
            }
        }
        Terminal.say(table.text)
    }
}
