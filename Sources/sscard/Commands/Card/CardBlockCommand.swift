import ArgumentParser
import CardData
import Lifecycle
import SmartCardReader

/// `sscard card block`: the end of a renewed card's chip.
struct CardBlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "锁旧卡 Block the chip of a card that was renewed, for good; or say why it cannot be blocked.",
        discussion: """
            例 Example: sscard card block --card D00000005
            例 Example: sscard card block --card D00000005 --old-card silent --proof old-card-taken
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Option(help: "卡号 Card number.") var card: String
    @OptionGroup var old: OldCardOptions
    @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let cardNumber: String
        let oldCard: String
        let event: String?
    }

    func run() async throws {
        let site = try Site(site).acting(officers)
        let number = try CardNumber(card)
        let end = try old.end ?? .blocked
        let event = try await site.end(
            number, as: end, in: { try SmartCardReader.attached(reader) }, try site.registry(), officers)
        if json {
            return try Terminal.say(
                json: Report(cardNumber: number.text, oldCard: "\(end)", event: event.map { "\($0)" }))
        }
        Terminal.say(
            "\(ActKind.chipEnded.chinese) \(end)  卡号 \(number.printed)  事件 event \(event.map { "\($0)" } ?? "–")")
    }
}
