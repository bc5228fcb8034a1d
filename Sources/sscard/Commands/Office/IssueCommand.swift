import ArgumentParser
import CardCryptography
import CardData
import CardLayout
import Foundation
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// `sscard issue`: a card in front of its holder, step by step.
struct IssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "即时制卡 Issue a card in front of its holder; every step is noted and can be gone on with.",
        discussion: "例 Example: sscard issue begin --layout national-2.0",
        subcommands: [Begin.self, Continue.self, Show.self, List.self, Abandon.self, SettleFee.self, PutAside.self])

    struct Begin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "开始 Open an issue; nothing is written yet.",
            discussion: """
                例 Examples:
                  sscard issue begin --layout national-2.0 --officer 1001
                  sscard issue begin --layout national-2.0 --replaces A90000002 --reason lost --proof identity-document \
                --proof fee-settled
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @OptionGroup var old: ReplacementOptions
        @Option(help: "布局 Layout of the card.") var layout: String
        @Flag(help: "输出 JSON.") var json = false

        func run() async throws {
            let site = try Site(site).acting(officers)
            let begun = try site.instantIssue(begins: true).begin(
                layoutName: layout, officer: officers.number, replacing: try old.replacement(by: officers))
            try IssueReport(begun).say(json)
        }
    }

    struct Continue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "续办 Do the steps that are due, in their order, until one fails or all are done.",
            discussion: """
                例 Examples:
                  sscard issue continue 00112233AABBCCDD --people Fixtures/people.csv --row 1 --confirmed --pin ask \
                --proof identity-document --proof signature
                  sscard issue continue 00112233AABBCCDD --until find-person --people Fixtures/people.csv --row 1
                  sscard issue continue 00112233AABBCCDD --pin ask --pin-reset-ticket 2026-0412 --approval reset.json \
                --proof identity-document --proof signature

                步骤 Steps: \(IssueStep.allCases.map { "\($0.rawValue) \($0.chinese)" }.joined(separator: ", "))
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Argument(help: "编号 The issue.") var issue: String
        @Option(help: "人员文件 CSV file with the person.") var people: String?
        @Option(help: "第几行 The person's row, from 1.") var row = 1
        @Flag(help: "持卡人已确认 The holder looked at the data and agreed.") var confirmed = false
        @Option(help: "持卡人密码来源 Where the holder's PIN comes from: ask or fd:N.") var pin: PINSource?
        @Option(help: "密码重置工单 On which form the PIN is reset when nobody knows whether it was set.")
        var pinResetTicket: String?
        @OptionGroup var signed: ApprovalOptions
        @Option(
            help: """
                旧卡不能锁卡的原因 Why the chip of the old card cannot be blocked: silent, broken, refused, other; when not given, it lies \
                in the reader at that step.
                """)
        var oldCard: String?
        @Option(help: "做到哪一步为止 The last step to do now.") var until: String?
        @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
        @Flag(help: "输出 JSON.") var json = false

        func run() async throws {
            var last = IssueStep.slip
            if let until { last = try word(until, IssueStep.allCases, \.rawValue) }
            let hindrance = try oldCard.map { text throws(Faults) in try word(text, ChipEnd.hindrances) { "\($0)" } }
            let site = try Site(site).acting(officers)
            let desk = try site.instantIssue()
            var progress = try desk.progress(issue)
            var person: PersonRecord?
            if let people { person = try self.person(in: people, by: progress.layoutName, site) }
            let approved = try signed.approved(self.site)
            while let step = progress.next, step <= last {
                // The holder types the PIN when its turn has come, not before.
                var pin: PersonalIdentificationNumber?
                if step == .setPIN { pin = try self.pin?.chosenPIN() }
                let reset = pinResetTicket.map { IssueInput.PINReset(ticket: $0, approval: approved) }
                let officers = try officers.confirmed(by: step == .setPIN ? approved : nil)
                let input = IssueInput(
                    person: person, handling: try officers.handling(as: .teller), isConfirmed: confirmed, pin: pin,
                    oldCardHindrance: hindrance, pinReset: reset)
                Terminal.progress("\(step.chinese) \(step.rawValue)")
                progress = try await perform(step, input, desk)
                Terminal.endProgress()
                if !json { Terminal.say("完成 done: \(step.chinese) \(step.rawValue)") }
            }
            try IssueReport(progress).say(json)
        }

        private func perform(
            _ step: IssueStep, _ input: IssueInput, _ desk: InstantIssueDesk
        ) async throws -> IssueProgress {
            guard try desk.needsCard(for: step, of: issue, unless: input.oldCardHindrance) else {
                return try desk.perform(step, of: issue, with: input, through: nil)
            }
            let identifier = issue
            let reader = SmartCardReader(try ReaderList.reader(named: reader).name)
            return try await reader.withCard { channel in
                try desk.perform(step, of: identifier, with: input, through: channel)
            }
        }

        private func person(in path: String, by layout: String, _ site: Site) throws -> PersonRecord {
            let library = site.library
            let entry = try library.entry(layout)
            let columns = Applicant.columns.allowing(entry.encoder.valueNames)
            let rows = try PersonFile.read(path: path, expectedColumns: columns)
            guard row >= 1, rows.indices.contains(row - 1) else {
                throw Faults("tool.no-such-row", ["row": String(row)])
            }
            let files = AttachedFiles(beside: path, layout: entry.compiled.layout)
            return try files.read([rows[row - 1]])[0]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "查看 One issue, or all that are not finished.",
            discussion: "例 Example: sscard issue show --json")
        @OptionGroup var site: SiteOptions
        @Argument(help: "编号 The issue.") var issue: String?
        @Flag(help: "输出 JSON.") var json = false

        func run() async throws {
            let desk = try Site(site).instantIssue()
            if let issue { return try IssueReport(try desk.progress(issue)).say(json) }
            let listing = try desk.unfinished()
            Terminal.tell(listing.faults)
            let reports = listing.issues.map(IssueReport.init)
            if json { return try Terminal.say(json: reports) }
            if reports.isEmpty { Terminal.say("没有未办结的 none is open") }
            try reports.forEach { try $0.say(false) }
        }
    }

    struct Abandon: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "放弃 Give an issue up; a card that was begun for it is spoiled, one that is out stays out.",
            discussion: "例 Example: sscard issue abandon 00112233AABBCCDD --officer 1001 --chip blocked")
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Argument(help: "编号 The issue.") var issue: String
        @Option(
            help: """
                已制成的卡的芯片 The chip of a finished card: blocked, for good, with the card in a reader; or why it cannot be: silent, \
                broken, refused, other.
                """)
        var chip: String?
        @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
        @Flag(help: "输出 JSON.") var json = false

        func run() async throws {
            let end = try chip.map { text throws(Faults) in try word(text, ChipEnd.allCases) { "\($0)" } }
            let site = try Site(site).acting(officers)
            let handling = try officers.handling(as: .personalizer)
            let ending = try officers.handling(as: .teller)
            let (desk, issue) = (try site.instantIssue(), issue)
            guard end == .blocked else {
                let chip = end.map { GivenUpChip(unless: $0, handledBy: ending, through: nil) }
                return try IssueReport(desk.abandon(issue, handledBy: handling, ending: chip)).say(json)
            }
            let reader = SmartCardReader(try ReaderList.reader(named: reader).name)
            // Between the card's block and its event nobody stops: a blocked chip that no event tells of would be a riddle.
            let progress = try await Interruption.finishing {
                try await reader.withCard { channel in
                    try desk.abandon(
                        issue, handledBy: handling,
                        ending: GivenUpChip(unless: nil, handledBy: ending, through: channel))
                }
            }.value
            try IssueReport(progress).say(json)
        }
    }
}

/// An issue for programs and people.
struct IssueReport: Encodable {
    let issue: String
    let layout: String
    let replaces: String?
    let done: String?
    let next: String?
    let end: String?
    let chip: String?
    let card: String?
    let failedStep: String?
    let failedCode: String?
    let owesFee: Bool
    let feeSettlement: String?
    let events: [String]
    private let words: String

    private enum CodingKeys: CodingKey {
        case issue, layout, replaces, done, next, end, chip, card, failedStep, failedCode, owesFee, feeSettlement,
            events
    }

    init(_ progress: IssueProgress) {
        issue = progress.identifier
        layout = progress.layoutName
        replaces = progress.replacement?.number.text
        done = progress.done?.rawValue
        next = progress.next?.rawValue
        end = progress.end?.rawValue
        chip = progress.chip?.text
        card = progress.card?.text
        failedStep = progress.failure?.step.rawValue
        failedCode = progress.failure?.code
        owesFee = progress.owesFee
        feeSettlement = progress.feeSettlement?.way.name
        events = progress.events.map(\.description)
        words =
            progress.end.map { "\($0.chinese) \($0.rawValue)" }
            ?? "下一步 next \(progress.next.map { "\($0.chinese) \($0.rawValue)" } ?? "–")"
    }

    func say(_ json: Bool) throws {
        if json { return try Terminal.say(json: self) }
        Terminal.say("即时制卡 issue \(issue)  \(words)")
        if let failedStep, let failedCode { Terminal.say("    上次失败 failed last: \(failedStep) [\(failedCode)]") }
        if owesFee {
            Terminal.say("    费用已收，未制成卡 the fee was settled and there is no card: sscard issue settle-fee \(issue)")
        }
        if !events.isEmpty { Terminal.say("    凭证 slips \(events.joined(separator: " "))") }
    }
}

extension Site {
    /// The desk of instant issue, its files in `DATA/issue`.
    ///
    /// - Parameter begins: whether a registry is made where there is none.
    func instantIssue(begins: Bool = false) throws -> InstantIssueDesk {
        let registry = try registry(begins: begins)
        let data = try options.dataFolder()
        let journals = data + "/journal"
        return try InstantIssueDesk(
            registry: registry, preparation: try preparation(), desk: try desk(registry),
            tellerPreparation: { input in
                CardPreparation(
                    library: library, keys: try keyRoom.service(for: input.officerKeySession), policy: policy,
                    today: try today)
            }, folder: data + "/issue", journalFolder: journals, sealingKey: try SealingKey.load(in: journals),
            clock: Self.clock)
    }
}
