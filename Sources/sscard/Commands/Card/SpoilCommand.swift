import ArgumentParser
import CardData
import Issuing
import Lifecycle
import Personalization
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
    @Option(help: "读不出的芯片，填 journal 文件名中的编号 A chip that no reader can read any more, as its journal's name has it.")
    var chip: String?
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let cardNumber: String
        let state: String
    }

    func run() async throws {
        let site = try Site(site)
        let desk = try site.desk(try site.registry())
        let handling = try officers.handling(as: .personalizer)
        let number = try await spoil(desk, handling)
        if json {
            return try Terminal.say(
                json: Report(cardNumber: number.text, state: PhysicalState.spoiled.rawValue))
        }
        Terminal.say("\(PhysicalState.spoiled.chinese) spoiled  卡号 number \(number.printed)，不再使用 not given out again")
    }

    private func spoil(_ desk: IssuingDesk, _ handling: Handling) async throws -> CardNumber {
        if let chip {
            guard let card = CardIdentity(chip) else { throw IssuingError.nothingBegun }
            return try desk.spoil(chip: card, handledBy: handling)
        }
        let reader = SmartCardReader(try ReaderList.reader(named: reader).name)
        return try await reader.withCard { channel in
            try desk.spoil(through: channel, layoutName: layout, handledBy: handling)
        }
    }
}
