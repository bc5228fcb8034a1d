import ArgumentParser
import ByteText
import CardCryptography
import CardData
import Foundation
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// `sscard card personalize`: the card of each row, made, checked and recorded.
struct PersonalizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "personalize",
        abstract: "制卡 Make the card of each row: write, read back, set the PIN, lock, record.",
        discussion: """
            例 Example: sscard card personalize --layout national-2.0 --people Fixtures/people.csv --row 1 --pin generate

            例 Example: sscard card personalize --layout national-2.0 --people Fixtures/people.csv --all-readers --pin generate

            卡被拔出后，重新插入并再次运行即可续作。A torn card is finished by inserting it again and running the same command.
            按 Ctrl-C：做完手中的卡即停；再按一次立即结束。Ctrl-C finishes the cards in hand and stops; a second one ends it at once.
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var people: PeopleOptions
    @OptionGroup var officers: OfficerOptions
    @OptionGroup var lastTry: LastTryOptions
    @Option(help: "读卡器 Reader; the only one with a card when none is named. Several are used at once.")
    var reader: [String] = []
    @Flag(help: "同时使用全部读卡器 Make cards in all readers at once, slots for security modules left aside.")
    var allReaders = false
    @Option(help: "密码来源 Where the PIN comes from: ask, fd:N (a line for each card) or generate.") var pin: PINSource
    @OptionGroup var old: ReplacementOptions
    @OptionGroup var oldChip: OldCardOptions
    @Option(help: "旧卡读卡器 Reader with the old card; the cards are changed in the same reader when none is named.")
    var oldReader: String?
    @OptionGroup var tracing: TraceOptions
    @Flag(help: "输出 JSON.") var json = false

    func validate() throws {
        if allReaders, !reader.isEmpty {
            throw ValidationError("--all-readers 与 --reader 只能用一个 · --all-readers or --reader, not both")
        }
        try validateOldCard()
        guard isParallel else { return }
        if old.replaces != nil {
            throw ValidationError(
                "--replaces 只办一张卡，请用 --reader 指明读卡器 · --replaces is for one card: name its reader with --reader")
        }
        if case .ask = pin {
            throw ValidationError(
                """
                --pin ask 只用于一个读卡器；多个读卡器用 fd:N（每行一个密码）或 generate · \
                --pin ask is for one reader; several take fd:N, a line for each row, or generate
                """)
        }
    }

    /// A card that is taken back does not stay as good as new beside its successor.
    private func validateOldCard() throws {
        let isRenewal = old.replaces != nil && old.reason != "\(ReplacementReason.lost)"
        guard isRenewal || (oldChip.oldCard == nil && oldReader == nil) else {
            throw ValidationError("--old-card 只用于换领 · --old-card is for a card that is taken back")
        }
        guard !isRenewal || oldChip.oldCard != nil else {
            throw ValidationError(
                """
                换领须说明旧卡的芯片：--old-card blocked 锁卡，不能锁的写原因 · \
                a renewal says what becomes of the old chip: --old-card blocked, or why it cannot be blocked
                """)
        }
        guard oldReader == nil || oldChip.oldCard == "\(ChipEnd.blocked)" else {
            throw ValidationError("--old-reader 只用于锁卡 · --old-reader is for a card that is blocked")
        }
    }

    /// Whether cards are made in several readers at once.
    private var isParallel: Bool { allReaders || reader.count > 1 }

    private struct Row: Encodable {
        let cardNumber: String
        let identificationCode: String
        let commands: Int
        let seconds: Double
        let resumed: Bool
        let planHash: String
        let pinSlip: String?
        var oldCard: String?
        var oldCardEvent: String?
    }

    func run() async throws {
        let site = try Site(site).acting(officers)
        let registry = try site.registry(begins: true)
        let desk = try site.desk(registry, lastTry: try lastTry.permission(officers))
        let preparation = try site.preparation()
        let rows = try people.rows(preparation)
        let replaced = try old.replacement(by: officers)?.number
        let oldEnd = try oldChip.end
        Terminal.tell(notices: try preparation.library.entry(people.layout).compiled.notices)
        if isParallel {
            let lanes = PersonalizeLanes(
                desk: desk, layoutName: people.layout, pin: pin, handling: try officers.handling(as: .personalizer),
                dataFolder: try self.site.dataFolder(), isJSON: json, tracing: tracing)
            return try await lanes.run(rows, in: allReaders ? nil : self.reader)
        }
        let reader = try SmartCardReader.attached(reader.first)
        var made: [Row] = []
        do {
            for (index, row) in rows.enumerated() {
                if index > 0 {
                    Terminal.tell("请换卡 next card: \(index + 1)/\(rows.count)")
                    _ = try await reader.waitForRemoval { Terminal.tell($0.faults) }
                    _ = try await reader.waitForCard { Terminal.tell($0.faults) }
                }
                let (row, wasAsked) = try await make(row, desk, reader, "\(index + 1)/\(rows.count)")
                made.append(row)
                if let replaced, let oldEnd {
                    let event = try await end(replaced, as: oldEnd, reader, registry, site)
                    made[index].oldCard = "\(oldEnd)"
                    made[index].oldCardEvent = event.map { "\($0)" }
                }
                if !json { tell(made[index]) }
                if wasAsked, made.count < rows.count { throw Self.left(made.count..<rows.count) }
            }
        } catch {
            Terminal.endProgress()
            // The cards before the one that failed are made, and whoever called must hear of them.
            if json && !made.isEmpty { try Terminal.say(json: made) }
            throw error
        }
        if json { try Terminal.say(json: made) }
    }

    /// The rows, counted from 0, to which nobody came.
    private static func left(_ rows: Range<Int>) -> Faults {
        let numbers = RowNumbers.text(of: rows.map { $0 + 1 })
        return Faults("batch.left", ["count": String(rows.count), "rows": numbers])
    }

    /// Makes a card, whatever is asked meanwhile.
    private func make(
        _ row: PersonRecord, _ desk: IssuingDesk, _ reader: SmartCardReader, _ place: String
    ) async throws -> (Row, wasAsked: Bool) {
        let pin = try pin.pin(for: row, under: desk.policy)
        let request = IssuingRequest(
            person: row, layoutName: people.layout, pin: pin, handling: try officers.handling(as: .personalizer),
            replacement: try old.replacement(by: officers))
        let clock = ContinuousClock()
        let start = clock.now
        let (card, wasAsked) = try await Interruption.finishing {
            try await reader.withCard { channel in
                try tracing.traced(channel) { channel in
                    try desk.issue(request, through: channel) { progress in
                        Terminal.progress("\(place)  \(progress.done)/\(progress.total)  \(progress.purpose.text)")
                    } onRecorded: { card in
                        if let path = try slipPath(for: card) { try PINSlip.write(card, to: path) }
                    }
                }
            }
        }
        Terminal.endProgress()
        if !self.pin.isGenerated, card.pin != pin {
            Terminal.tell("续作的卡使用开始制作时的密码 The card has the PIN that was chosen when it was begun.")
        }
        let elapsed = (clock.now - start).components
        let made = Row(
            cardNumber: card.number.text, identificationCode: card.identificationCode.text,
            commands: card.commandCount,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18, resumed: card.wasResumed,
            planHash: card.planHash.hexadecimal, pinSlip: try slipPath(for: card))
        return (made, wasAsked)
    }

    /// Ends the old card's chip once the new card is made; what hinders it leaves the new card as it is, and `card block` makes up for it.
    private func end(
        _ number: CardNumber, as end: ChipEnd, _ reader: SmartCardReader, _ registry: Registry, _ site: Site
    ) async throws -> EventIdentifier? {
        do {
            return try await site.end(
                number, as: end,
                in: {
                    if let oldReader { return try SmartCardReader.attached(oldReader) }
                    Terminal.tell("请换上旧卡 \(number.printed) put the old card in")
                    _ = try await reader.waitForRemoval { Terminal.tell($0.faults) }
                    _ = try await reader.waitForCard { Terminal.tell($0.faults) }
                    return reader
                }, registry, officers)
        } catch {
            Terminal.tell(
                """
                新卡已制成；旧卡还没有锁，交新卡前请用 sscard card block --card \(number.text) · \
                the new card is made; before it is handed over end the old one with sscard card block --card \(number.text)
                """)
            throw error
        }
    }

    private func slipPath(for card: IssuedCard) throws -> String? {
        guard pin.isGenerated else { return nil }
        return try PINSlip.path(in: site.dataFolder(), for: card.number)
    }

    private func tell(_ row: Row) {
        Terminal.say(
            "\(row.cardNumber)  \(row.identificationCode)  \(row.commands) 条指令 commands  "
                + "\(Double(Int(row.seconds * 1000)) / 1000) s" + (row.resumed ? "  续作 resumed" : ""))
        if let slip = row.pinSlip { Terminal.say("    密码单 PIN slip: \(slip)") }
    }
}
