import ArgumentParser
import ByteText
import CardData
import Foundation
import Issuing
import Lifecycle
import Registry

/// `sscard stock`: every blank, finished card, spoiled card and PSAM has an owner.
struct StockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stock", abstract: "库存 Receive, hand over, count: every piece has an owner.",
        discussion: "例 Example: sscard stock show",
        subcommands: [
            Show.self, Receive.self, HandOver.self, Miss.self, Destroy.self, Return.self, Install.self, TakeOut.self,
            CloseDay.self, FactoryReturn.self,
        ])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "库存账 Who answers for how many, or one owner's pieces.",
            discussion: "例 Example: sscard stock show --owner 3001 --json")
        @OptionGroup var site: SiteOptions
        @Option(help: "责任人编号 One owner's number.") var owner: UInt64?
        @Flag(help: "装在终端里的 PSAM 卡 The PSAMs that are built into terminals.") var installed = false
        @Flag(help: "输出 JSON.") var json = false

        private struct Count: Encodable {
            let owner: UInt64
            let kind: String
            let count: Int
        }

        private struct Installed: Encodable {
            let terminal: String
            let serial: String
            let owner: UInt64
        }

        private func sayInstalled(_ pieces: [StockPiece]) throws {
            let reports = pieces.map {
                Installed(terminal: $0.terminal?.text ?? "", serial: $0.serial.hexadecimal, owner: $0.owner)
            }
            if json { return try Terminal.say(json: reports) }
            var table = Table("终端 Terminal", "芯片号 Serial", "责任人 Owner")
            for report in reports { table.add(report.terminal, report.serial, String(report.owner)) }
            Terminal.say(table.text)
        }

        func run() throws {
            let registry = try Site(site).registry()
            if installed { return try sayInstalled(try registry.installedModules()) }
            if let owner {
                let book = try registry.stock(of: owner)
                let listed = Dictionary(
                    uniqueKeysWithValues: book.map { ($0.key.name, $0.value.map(\.hexadecimal).sorted()) })
                if json { return try Terminal.say(json: listed) }
                for kind in book.keys.sorted() {
                    let serials = (book[kind] ?? []).sorted { $0.lexicographicallyPrecedes($1) }
                    Terminal.say("\(kind.chinese) \(kind.name): \(serials.count)")
                    for serial in serials { Terminal.say("    \(ChipSerials.spoken(serial))") }
                }
                return
            }
            let counts = try registry.stockCounts()
            if json {
                return try Terminal.say(
                    json: counts.map { Count(owner: $0.owner, kind: $0.kind.name, count: $0.count) })
            }
            var table = Table("责任人 Owner", "种类 Kind", "数量 Count")
            for count in counts {
                table.add(String(count.owner), "\(count.kind.chinese) \(count.kind.name)", String(count.count))
            }
            Terminal.say(table.text)
        }
    }

    struct Receive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "入库 Take pieces in from outside.",
            discussion: """
                例 Example: sscard stock receive --serial 00904653318649990100000001 --officer 3001 --proof paper
                芯片号按卡型须完整。The whole serial, as the card's profile has it and sscard card state prints it.
                """)
        @OptionGroup var move: StockMoveOptions
        func run() async throws { try await move.record(as: .stockKeeper, begins: true) { .received($0, $1) } }
    }

    struct HandOver: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hand-over", abstract: "移交 From one officer to another; both sign.",
            discussion: """
                例 Example: sscard stock hand-over --serial 990100000001 --officer 3001 --second 1002 \
                --second-role personalizer
                """)
        @OptionGroup var move: StockMoveOptions
        func run() async throws {
            let officers = move.officers
            try await move.record(as: .stockKeeper) {
                .handedOver($0, $1, from: officers.number, to: officers.second ?? officers.number)
            }
        }
    }

    struct Miss: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "盘亏 Pieces are not where they should be.",
            discussion: """
                例 Examples: sscard stock miss --serial 990100000001 --officer 3001 --second 2001
                sscard stock miss --serial 990100000002 --owner 1002 --officer 3001 --second 2001
                """)
        @OptionGroup var move: StockMoveOptions
        @Option(help: "责任人编号 Whose they are, where they are not the officer's own; for a stock keeper.")
        var owner: UInt64?
        func run() async throws {
            let owner = owner
            try await move.record(as: .stockKeeper) { .missed($0, $1, of: owner) }
        }
    }

    struct Destroy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "销毁 Spoiled, recovered and dead pieces, counted and destroyed by two persons.",
            discussion: """
                例 Example: sscard stock destroy --kind spoiled --serial 990100000001 --officer 3001 --second 2001 --proof paper
                在这些芯片上制成的卡一并记为已销毁。Cards that were made on these chips are recorded as destroyed as well.
                """)
        @OptionGroup var move: StockMoveOptions
        func run() async throws { try await move.record(as: .stockKeeper) { .destroyed($0, $1) } }
    }

    struct Return: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "退厂 Pieces that never became a card go back to their supplier; two persons count them.",
            discussion: """
                例 Example: sscard stock return --serial 990100000001 --officer 3001 --second 2001 --proof paper
                """)
        @OptionGroup var move: StockMoveOptions
        func run() async throws { try await move.record(as: .stockKeeper) { .returned($0, $1) } }
    }

    struct CloseDay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "close-day", abstract: "日终 Close an owner's day: it must add up from chips read.",
            discussion: """
                例 Examples: sscard stock close-day --readers --officer 1002 --role personalizer --second 2001
                sscard stock close-day --feed --officer 1002 --role personalizer --second 2001     # 逐张放卡，回车结束 Enter ends it
                sscard stock close-day --blank 990100000002 --spoiled 990100000003 --officer 1002 --role personalizer --second 2001 --proof paper
                手工输入的芯片号记入事件，须复核员签字、附凭证材料。Serials that were typed are told as such in the event, and want a supervisor and a paper.
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Option(help: "空白卡芯片号 Chip serials of blanks that were read.") var blank: [String] = []
        @Option(help: "成品卡芯片号 Of finished cards.") var finished: [String] = []
        @Option(help: "废卡芯片号 Of spoiled cards.") var spoiled: [String] = []
        @Option(help: "PSAM 芯片号 Of PSAMs.") var psam: [String] = []
        @OptionGroup var chips: ChipOptions
        @Flag(help: "输出 JSON.") var json = false

        func run() async throws {
            let site = try Site(site).acting(officers)
            let handling = try officers.handling(as: .stockKeeper)
            let read = try await chips.read(site)
            let registry = try site.registry()
            var pieces: [StockKind: [[UInt8]]] = [:]
            for chip in read { pieces[try chip.kind(in: registry), default: []].append(chip.serial) }
            var typed: [[UInt8]] = []
            for (kind, words) in [
                (StockKind.blank, blank), (.finished, finished), (.spoiled, spoiled), (.securityModule, psam),
            ] where !words.isEmpty {
                let serials = try ChipSerials(words: words, atMost: ChipSerials.countLimit).serials
                // A chip that was read needs no typing.
                let more = serials.filter { serial in !read.contains { $0.serial == serial } }
                pieces[kind, default: []] += more
                typed += more
            }
            guard typed.count <= ChipSerials.limit else {
                throw Faults(
                    "counter.serials-typed", ["count": String(typed.count), "most": String(ChipSerials.limit)])
            }
            let counted = try pieces.mapValues { try ChipSerials(counted: $0) }
            let count = DayCount(
                day: UInt32(try site.today.text) ?? 0, owner: officers.number, counted: counted,
                typed: ChipSerials(typed))
            let recorded = try registry.record(.dayClosed(count), handledBy: handling)
            try StockReport(recorded).say(json)
        }
    }
}

/// Pieces that move, and who moves them.
struct StockMoveOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Option(help: "种类 Kind: blank, finished, spoiled, psam; to be missed also psam-installed.") var kind = "blank"
    @Option(help: "芯片号 Chip serials, hexadecimal; repeated.") var serial: [String] = []
    @Option(help: "芯片号文件 A file with one serial a line.") var serials: String?
    @OptionGroup var chips: ChipOptions
    @Flag(help: "输出 JSON.") var json = false

    func record(as role: Role, begins: Bool = false, _ move: (StockKind, ChipSerials) -> StockMove) async throws {
        let kind = try word(kind, StockKind.atHand + [.installed], \.name)
        var words = serial
        if let serials {
            guard let data = FileManager.default.contents(atPath: serials) else {
                throw Faults("tool.unreadable", ["file": serials, "reason": FileReason.ofReading(serials)])
            }
            guard data.count <= 1 << 20 else { throw Faults("file.too-large", ["file": serials, "most": "1"]) }
            let text = String(decoding: data, as: UTF8.self).withPlainLineEnds
            words += text.split(whereSeparator: \.isWhitespace).map(String.init)
        }
        let site = try Site(site).acting(officers)
        words += try await chips.read(site).map(\.serial.hexadecimal)
        let made = move(kind, try ChipSerials(words: words))
        try site.library.chipNumbers().check(made)
        let registry = try site.registry(begins: begins)
        let recorded = try registry.record(.stock(made), handledBy: officers.handling(as: role))
        try StockReport(recorded).say(json)
    }
}

/// A stock act for programs and people.
struct StockReport: Encodable {
    let act: String
    let event: String
    let slip: UInt64
    private let chinese: String
    private let spokenSlip: String

    private enum CodingKeys: CodingKey {
        case act, event, slip
    }

    init(_ recorded: RecordedEvent) {
        act = recorded.act.kind.name
        chinese = recorded.act.kind.chinese
        event = recorded.identifier.description
        slip = recorded.slip
        spokenSlip = recorded.spokenSlip
    }

    func say(_ json: Bool) throws {
        if json { return try Terminal.say(json: self) }
        Terminal.say("\(chinese) \(act)  \(spokenSlip)事件 event \(event)")
    }
}

extension ChipSerials {
    /// A serial for people: the number that they compare, and the whole serial where that is more.
    static func spoken(_ serial: [UInt8]) -> String {
        let start = ownNumberStart(of: serial)
        guard start > 0 else { return serial.hexadecimal }
        return "\(Array(serial[start...]).hexadecimal)  (\(serial.hexadecimal))"
    }

    /// Serials of pieces that were counted; throws as ``init(words:)`` does.
    init(counted serials: [[UInt8]]) throws(Faults) {
        guard let made = ChipSerials(serials, atMost: ChipSerials.countLimit) else {
            throw Faults("tool.chip-serials", ["most": String(ChipSerials.countLimit)])
        }
        self = made
    }

    /// Reads serials from the command line; throws `tool.chip-serials` for what is none, or one that comes twice.
    init(words: [String], atMost most: Int = ChipSerials.limit) throws(Faults) {
        let bytes = words.compactMap { [UInt8](hexadecimal: $0) }
        guard bytes.count == words.count, let serials = ChipSerials(bytes, atMost: most) else {
            throw Faults("tool.chip-serials", ["most": String(most)])
        }
        self = serials
    }
}
