import ArgumentParser
import ISO7816
import SmartCardReader

/// `sscard readers`: what is attached.
struct ReadersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readers", abstract: "读卡器列表 List readers and what is in them.",
        discussion: "例 Example: sscard readers --json")

    @Flag(help: "输出 JSON.") var json = false

    private struct Row: Encodable {
        let name: String
        let card: String
        let answerToReset: String?
        let samSlot: Bool
    }

    func run() throws {
        let readers = try ReaderList.current()
        if json {
            try Terminal.say(
                json: readers.map {
                    Row(
                        name: $0.name.rawValue, card: "\($0.cardState)", answerToReset: $0.answerToReset?.description,
                        samSlot: $0.name.looksLikeSAMSlot)
                })
            return
        }
        var table = Table("读卡器 Reader", "卡 Card", "ATR")
        for reader in readers {
            table.add(
                reader.name.rawValue, reader.isCardPresent ? "有卡 present" : "无卡 none",
                reader.answerToReset?.description ?? "")
        }
        Terminal.say(readers.isEmpty ? "没有读卡器 no reader" : table.text)
    }
}
