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
        abstract: "废卡登记 Give up the unfinished card in the reader: its chip is blocked, its blank booked as spoiled.",
        discussion: """
            读卡器中的卡，密钥已写入的先锁卡，与废卡一并登记；锁不了的照样登记，并说明原因。A card in the reader is blocked as far as its keys \
            are on it, and booked together with it; one that cannot be blocked is booked all the same, and it is said why.
            例 Example: sscard card spoil --layout national-2.0
            例 Example: sscard card spoil --chip 5353534599010100990100000001     # 卡已丢失 the card is lost
            例 Example: sscard card spoil --chip 5353534599010100990100000001 --damaged --officer 1001 --second 2001

            日志损坏时用 --damaged：空白卡按保留的卡号登记为废卡，日志改名留存。With --damaged the blank is booked under the number that was
            reserved for its chip, and its unreadable journal is kept under another name. 迁移日志损坏的，在库的卡登记为废卡，已发出的卡收回（--role teller
            --proof card-read）。Where the journal of a migration is damaged, a card in the office is booked as spoiled, and one that is out as
            taken back (--role teller --proof card-read).
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Option(help: "布局 Layout, for example national-2.0, of the card in the reader.") var layout: String?
    @Option(help: "芯片号 Chip of a card that is lost or broken, as the message about its person gives it.") var chip:
        String?
    @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
    @Flag(help: "日志已损坏，须两人 Its journal is damaged; two officers say so (--officer, --second).") var damaged = false
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        /// Left out for a card that the registry does not know.
        let cardNumber: String?
        let state: String
        /// Where a damaged journal lies now.
        let journal: String?
        /// `blocked` or `unblocked`; left out for a card in no reader.
        var chip: String?
    }

    private static let whichCard = """
        读卡器中的卡用 --layout，已丢失的卡用 --chip，两者只用其一 · \
        --layout for the card in a reader, or --chip for a card that is lost
        """

    func validate() throws {
        guard (layout == nil) != (chip == nil), chip == nil || reader == nil else {
            throw ValidationError(Self.whichCard)
        }
        guard !damaged || chip != nil else {
            throw ValidationError("--damaged 须用 --chip 写明芯片 · --damaged needs --chip")
        }
    }

    func run() async throws {
        let site = try Site(site).acting(officers)
        let desk = try site.desk(try site.registry())
        let handling = try officers.handling(as: .personalizer)
        if damaged, let chip { return try tell(desk.spoilDamaged(identity(chip), handledBy: handling)) }
        let spoiled = try await spoil(desk, handling)
        if case .unblocked(let faults) = spoiled.chip { Terminal.tell(faults) }
        let number = spoiled.number
        if json {
            return try Terminal.say(
                json: Report(
                    cardNumber: number.text, state: PhysicalState.spoiled.rawValue, journal: nil,
                    chip: spoiled.chip.name))
        }
        let chip = spoiled.chip == .blocked ? "  芯片已锁 chip blocked" : "  芯片没有锁，入废卡箱前剪断 chip not blocked: cut it"
        Terminal.say(
            "\(PhysicalState.spoiled.chinese) spoiled  卡号 number \(number.printed)，不再使用 not given out again\(chip)")
    }

    private func tell(_ card: IssuingDesk.DamagedCard) throws {
        if json {
            let state = card.booked?.rawValue ?? (card.number == nil ? "not-registered" : "recorded-before")
            return try Terminal.say(json: Report(cardNumber: card.number?.text, state: state, journal: card.journal))
        }
        Terminal.tell("日志改名为 the journal is now \(card.journal)")
        let number = card.number.map { "  卡号 number \($0.printed)" } ?? ""
        switch card.booked {
        case .spoiled?:
            Terminal.say("\(PhysicalState.spoiled.chinese) spoiled\(number)，不再使用 not given out again")
        case let state?: Terminal.say("\(state.chinese) \(state.rawValue)\(number)")
        case nil where card.number == nil: Terminal.say("登记中没有这张卡 the registry does not know this card")
        case nil: Terminal.say("登记中早有结果 the registry had its end already\(number)")
        }
    }

    private func identity(_ chip: String) throws(Faults) -> CardIdentity {
        guard let card = CardIdentity(text: chip) else { throw Faults("tool.chip", ["chip": chip]) }
        return card
    }

    private func spoil(_ desk: IssuingDesk, _ handling: Handling) async throws -> SpoiledCard {
        if let chip { return try desk.spoil(identity(chip), handledBy: handling) }
        let reader = try SmartCardReader.attached(reader)
        guard let layout else { throw ValidationError(Self.whichCard) }
        // Between the card's block and its event nobody stops: a blocked chip that no event tells of would be a riddle.
        return try await Interruption.finishing {
            try await reader.withCard { channel in
                try desk.spoil(through: channel, layoutName: layout, handledBy: handling)
            }
        }.value
    }
}

extension SpoiledCard.Chip {
    /// The word for it in JSON; nil for one that was asked for nothing.
    fileprivate var name: String? {
        switch self {
        case .blocked: "blocked"
        case .unblocked: "unblocked"
        case .absent: nil
        }
    }
}
