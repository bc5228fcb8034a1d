import ArgumentParser
import CardData
import Issuing
import Lifecycle
import Registry

/// `sscard application`: from handing in to collection.
struct ApplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "application", abstract: "申领 Hand in, approve and follow applications.",
        discussion: "例 Example: sscard application list --state submitted",
        subcommands: [
            Submit.self, List.self, Approve.self, Reject.self, AskSupplement.self, Supplement.self, Withdraw.self,
        ])

    struct Submit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "申领受理 Take in the applications of a people file.",
            discussion: """
                例 Example: sscard application submit --layout national-2.0 --people Fixtures/people.csv --row 1 \
                --proof identity-document
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var people: PeopleOptions
        @OptionGroup var officers: OfficerOptions
        @Option(help: "种类 Kind: first, replacement, renewal.") var kind = "first"
        @Option(help: "批次 The employer's or school's batch.") var batch = ""
        @Option(
            help: """
                换领原因 Why a card is renewed: damaged, cameOfAge, identityChanged, bankChanged, newGeneration, other; wanted for a \
                factory's.
                """)
        var renewal: String?
        @Flag(help: "批量制卡 Made by the factory instead of at the counter.") var factory = false
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let site = try Site(site).acting(officers)
            let kind = try word(kind, ApplicationFacts.Kind.allCases, \.name)
            let reasons = ReplacementReason.allCases.filter { $0 != .lost }
            let renewal = try renewal.map { text throws(Faults) in try word(text, reasons) { "\($0)" } }
            if kind == .renewal, factory, renewal == nil { throw Faults("tool.renewal-missing") }
            let handling = try officers.handling(as: .teller)
            let rows = try people.rows(try site.preparation())
            let registry = try site.registry(begins: true)
            var faults = FaultCollector()
            var entries: [ActEntry] = []
            for row in rows {
                let person = try registry.reference(of: SocialSecurityNumber(row.values["citizenNumber"] ?? ""))
                let entry = ActEntry(
                    .submitted(
                        ApplicationFacts(
                            person: person, kind: kind, way: factory ? .factory : .instant, channel: .counter,
                            batch: batch, renewal: kind == .renewal ? renewal : nil)), handledBy: handling)
                // Each by itself, so that every row that is refused is told with its place.
                do throws(RegistryError) {
                    try registry.check([entry])
                } catch {
                    error.faults.forEach { faults.add($0.located(at: row.place)) }
                }
                entries.append(entry)
            }
            try faults.check()
            let events = try registry.record(entries)
            try ApplicationReport.say(events.compactMap { try registry.application($0.identifier) }, json)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出申请 The applications in a state, the one that has waited longest first.",
            discussion: "例 Example: sscard application list --state submitted --json")
        @OptionGroup var site: SiteOptions
        @Option(
            help:
                "状态 State: submitted, supplement, approved, in-production, ready, collected, rejected, withdrawn, lapsed."
        )
        var state = "submitted"
        @Option(help: "条数 How many, at most 10000.") var limit = 100
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let state = try word(state, ApplicationState.allCases, \.rawValue)
            let registry = try Site(site).registry()
            try ApplicationReport.say(try registry.applications(in: state, limit: min(max(limit, 0), 10_000)), json)
        }
    }

    struct Approve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "审批通过 Approve; never by who entered it.",
            discussion: "例 Example: sscard application approve 1/42 --officer 2001")
        @OptionGroup var step: StepOptions
        func run() throws { try step.record(.approved, as: .supervisor) }
    }

    struct Reject: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "审批不通过 Reject with a reason.",
            discussion: "例 Example: sscard application reject 1/42 --officer 2001 --reason photo")
        @OptionGroup var step: StepOptions
        @Option(help: "原因 Reason: notInRegister, hasCard, dataDiffer, photo, other.") var reason: String
        @OptionGroup var note: NoteOptions
        func run() throws {
            let reason = try word(reason, RejectionReason.allCases) { "\($0)" }
            try step.record(.rejected(reason, why: try note.read()), as: .supervisor)
        }
    }

    struct AskSupplement: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ask-supplement", abstract: "退回补件 Something is missing.",
            discussion: "例 Example: sscard application ask-supplement 1/42 --officer 2001 --why 缺监护人证件")
        @OptionGroup var step: StepOptions
        @OptionGroup var note: NoteOptions
        func run() throws { try step.record(.supplementAsked(why: try note.read()), as: .supervisor) }
    }

    struct Supplement: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "补件 What was missing has come in.",
            discussion: "例 Example: sscard application supplement 1/42")
        @OptionGroup var step: StepOptions
        func run() throws { try step.record(.supplemented, as: .teller) }
    }

    struct Withdraw: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "撤回 The applicant takes it back.",
            discussion: "例 Example: sscard application withdraw 1/42 --proof identity-document")
        @OptionGroup var step: StepOptions
        func run() throws { try step.record(.withdrawn, as: .teller) }
    }
}

/// One step of one application.
struct StepOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Argument(help: "申请编号 The application: its event as the acceptance slip prints it, for example 1/42.")
    var application: String
    @Flag(help: "输出 JSON.") var json = false

    func record(_ step: ApplicationStep, as role: Role) throws {
        let name = try EventIdentifier(word: application)
        let registry = try Site(site).acting(officers).registry()
        try registry.record(.application(name, step), handledBy: officers.handling(as: role))
        try ApplicationReport.say([try registry.application(name)].compactMap(\.self), json)
    }
}

/// Why an application is sent back or rejected, in words for its applicant.
struct NoteOptions: ParsableArguments {
    @Option(help: "给申请人的说明，记入日志 Words for the applicant, which stand in the log; no person's number.") var why: String?

    /// The words; throws `application.note` for what the log would keep in part alone.
    func read() throws -> FailureNote? {
        guard let why else { return nil }
        guard !FailureNote.shortens(why) else {
            throw Faults("application.note", ["most": String(FailureNote.longest)])
        }
        return FailureNote(why)
    }
}

/// An application for programs and people.
struct ApplicationReport: Encodable {
    let application: String
    let kind: String
    let way: String
    let batch: String
    let state: String
    let stateZh: String
    let card: String?

    init(_ application: Application) {
        self.application = application.identifier.description
        kind = application.facts.kind.name
        way = application.facts.way.name
        batch = application.facts.batch
        state = application.state.rawValue
        stateZh = application.state.chinese
        card = application.card?.text
    }

    static func say(_ applications: [Application], _ json: Bool) throws {
        let reports = applications.map(ApplicationReport.init)
        if json { return try Terminal.say(json: reports) }
        var table = Table("申请 Application", "种类 Kind", "方式 Way", "批次 Batch", "状态 State")
        for report in reports {
            table.add(
                report.application, report.kind, report.way, report.batch, "\(report.stateZh) \(report.state)")
        }
        Terminal.say(table.text)
    }
}
