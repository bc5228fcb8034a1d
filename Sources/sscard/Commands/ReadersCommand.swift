import ArgumentParser
import CardData
import ISO7816
import SmartCardReader

/// `sscard readers`: what is attached, and what happens to it.
struct ReadersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readers", abstract: "读卡器列表 List readers and what is in them.",
        discussion: """
            例 Example: sscard readers --json
            例 Example: sscard readers --watch --json     # 每个事件一行，直到 Ctrl-C an event a line, until Ctrl-C

            名称中带有以下字样的卡槽视为 PSAM 卡槽 Slots with one of these words in their names are taken for SAM slots: \
            \(ReaderName.samSlotWords.sorted().joined(separator: " "))
            """)

    @Flag(help: "持续显示插拔事件 Show what happens until Ctrl-C; goes on when the reader service is restarted.")
    var watch = false
    @Flag(help: "输出 JSON.") var json = false

    private struct Row: Encodable {
        let name: String
        let card: String
        let answerToReset: String?
        let samSlot: Bool
    }

    func run() async throws {
        if watch { return try await watchReaders() }
        let readers = try ReaderList.current()
        if readers.count >= ReaderList.limit { Terminal.tell([ReaderList.limitReached]) }
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
            table.add(reader.name.rawValue, Self.words(for: reader), reader.answerToReset?.description ?? "")
        }
        Terminal.say(readers.isEmpty ? "没有读卡器 no reader" : table.text)
        for reader in readers where reader.cardState == .mute && !reader.name.looksLikeSAMSlot {
            Terminal.tell(ReaderError.cardMute(reader.name).faults)
        }
    }

    private static func words(for reader: ReaderDescription) -> String {
        let card =
            switch reader.cardState {
            case .present: "有卡 present"
            case .mute: "无应答 mute"
            case .empty, .unknown: "无卡 none"
            }
        return card + (reader.isHeldExclusively ? "，占用 held" : "")
            + (reader.name.looksLikeSAMSlot ? "  PSAM 卡槽 SAM slot" : "")
    }

    private func watchReaders() async throws {
        let json = json
        try await Interruption.cancelling(whenOutputCloses: true) {
            var attached: Set<ReaderName> = []
            for await event in ReaderEvents() {
                let report = ReaderEventReport(event)
                Terminal.say(json ? try report.json : report.text)
                if Terminal.hasLostReader { return }
                switch event {
                case .readerAttached(let slot):
                    let isNew = attached.insert(slot.name).inserted
                    if isNew, attached.count == ReaderList.limit { Terminal.tell([ReaderList.limitReached]) }
                case .readerDetached(let name): attached.remove(name)
                case .serviceLost(let error):
                    attached = []
                    Terminal.tell(error.faults)
                case .cardInserted(let slot) where slot.cardState == .mute && !slot.name.looksLikeSAMSlot:
                    Terminal.tell(ReaderError.cardMute(slot.name).faults)
                case .cardInserted, .cardRemoved, .serviceRestored: break
                }
            }
        }
    }
}
