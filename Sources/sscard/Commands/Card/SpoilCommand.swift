import ArgumentParser
import CardData
import Issuing
import Lifecycle
import SmartCardReader

/// `sscard card spoil`: the way out for a card that was begun and cannot or shall not be finished.
struct SpoilCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spoil",
        abstract: "废卡登记 Give up the unfinished card in the reader: its blank is booked as spoiled.",
        discussion: "例 Example: sscard card spoil --layout national-2.0")

    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Option(help: "布局 Layout, for example national-2.0.") var layout: String
    @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let cardNumber: String
        let state: String
    }

    func run() async throws {
        let site = try Site(site)
        let desk = try site.desk(try site.registry())
        let handling = try officers.handling(as: .personalizer)
        let reader = SmartCardReader(try ReaderList.reader(named: reader).name)
        let number = try await reader.withCard { channel in
            try desk.spoil(through: channel, layoutName: layout, handledBy: handling)
        }
        if json {
            return try Terminal.say(
                json: Report(cardNumber: number.text, state: PhysicalState.spoiled.rawValue))
        }
        Terminal.say("\(PhysicalState.spoiled.chinese) spoiled  卡号 number \(number.printed)，不再使用 not given out again")
    }
}
