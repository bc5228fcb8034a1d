import ArgumentParser
import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Personalization

/// `sscard card migrate`: an issued card brought to another layout, as far as its chip lets it.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "迁移布局 Bring an issued card to another layout, or say why it cannot be.",
        discussion: """
            例 Examples:
              sscard card migrate --to national-2.1 --plan-only
              sscard card migrate --to national-2.1 --people Fixtures/people.csv --row 1 --expect-hash HASH

            退出码 Exit code: 0 done · 1 not possible on this card, nothing was changed. 文件大小、结构、权限和密钥建立后不能改变，逐条列出。What was fixed when the
            card was made (sizes, structures, rights, keys) is listed. A card pulled meanwhile is migrated by running the same command again.
            """)

    @OptionGroup var access: CardAccess
    @Option(help: "目标布局 The layout the card shall have.") var to: String
    @Option(help: "人员文件 CSV file with values to write beside the card's own.") var people: String?
    @Option(help: "第几行 Its row, from 1.") var row = 1
    @Flag(help: "只打印计划 Print the plan and change nothing.") var planOnly = false
    @Option(help: "计划哈希不是此值则不执行 Run only the plan of this hash.") var expectHash: String?
    @Flag(help: "允许建立目录 Let the plan create directories, which a pulled card cannot finish.")
    var createDirectories = false
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let site = try Site(access.site)
        let keys = try site.keys(as: .personalizer)
        let pin = try access.pin?.presentedPIN()
        let values = try self.values(site)
        let (migration, hash) = try await access.withCard { channel in
            let migration = try planned(channel, site, keys, pin, values)
            let hash = try migration.plan.hash.hexadecimal
            guard !planOnly, migration.isPossible else { return (migration, hash) }
            try check(migration, hash)
            try channel.reset()
            let target = try site.library.entry(to).compiled
            let conversation = try access.conversation(channel, target, site, keys, nil)
            try MigrationRunner(migration.plan, conversation).run { done, purpose in
                Terminal.progress("\(done)/\(migration.plan.commandCount)  \(purpose.text)")
            }
            Terminal.endProgress()
            return (migration, hash)
        }
        let report = MigrationReport(migration, hash: hash, wasRun: !planOnly && migration.isPossible)
        if json { try Terminal.say(json: report) } else { print(report) }
        if !migration.isPossible { throw Faults(migration.obstacles) ?? Faults("card.no-identity") }
    }

    private func planned(
        _ channel: any CardChannel, _ site: Site, _ keys: any CardKeyService, _ pin: PersonalIdentificationNumber?,
        _ values: [String: String]
    ) throws -> CardMigration {
        let old = try site.card(named: access.layout, answering: channel.answerToReset.bytes)
        let target = try site.library.entry(to)
        let conversation = try access.conversation(ReadOnlyChannel(channel), old, site, keys, pin)
        var readings = try CardReader(
            conversation, old, presentsKeys: !access.withoutKeys, pinLength: pin.map { ($0.count + 1) / 2 }
        ).read { Terminal.progress("\($0.directory)/\($0.file)") }
        Terminal.endProgress()
        guard !readings.isEmpty else { throw Faults("card.not-personalized") }
        // A migration that was cut off has left directories that the old layout does not know.
        let added = Set(target.compiled.directories.map(\.name)).subtracting(old.directories.map(\.name))
        if !added.isEmpty {
            readings += try CardReader(conversation, target.compiled, presentsKeys: false).read(directories: added)
        }
        let dump = CardDump(
            layoutName: old.layout.name, answerToReset: channel.answerToReset.bytes, readings: readings)
        return try MigrationPlanner(from: old, to: target.compiled, encoder: target.encoder)
            .plan(for: dump, values: values)
    }

    private func check(_ migration: CardMigration, _ hash: String) throws(Faults) {
        if let expectHash, expectHash.uppercased() != hash {
            throw Faults("migrate.other-plan", ["hash": hash])
        }
        guard createDirectories || migration.newDirectories.isEmpty else {
            throw Faults(
                "migrate.creates-directories", ["directories": migration.newDirectories.joined(separator: " ")])
        }
    }

    /// The columns of the row that have a value.
    private func values(_ site: Site) throws -> [String: String] {
        guard let people else { return [:] }
        let preparation = try site.preparation()
        let rows = try PersonFile.read(path: people, expectedColumns: preparation.columns(layoutName: to))
        guard rows.indices.contains(row - 1) else { throw Faults("tool.no-such-row", ["row": String(row)]) }
        return rows[row - 1].values.filter { !$0.value.isEmpty }
    }

    private func print(_ report: MigrationReport) {
        if !report.steps.isEmpty {
            var table = Table("步 Step", "目的 Purpose", "依据 Because of", "应答 Answer", "指令 Command")
            for (index, step) in report.steps.enumerated() {
                table.add(
                    String(index + 1), "\(step.purpose) \(step.subject)", step.place ?? "", step.answer, step.command)
            }
            Terminal.say(table.text)
            Terminal.say()
        }
        let state = report.done ? "已迁移 migrated" : report.possible ? "可以迁移 possible" : "不能迁移 not possible"
        Terminal.say("\(report.migration)  \(state)  指令 commands \(report.commands)  字节 bytes \(report.bytes)")
        Terminal.say("预计 predicted  9600 baud \(Double(Int(report.secondsAt9600 * 10)) / 10) s")
        Terminal.say("计划哈希 plan hash \(report.hash)")
        for name in report.keptDirectories { Terminal.say("保留 kept: \(name)") }
    }
}

/// A migration for programs.
private struct MigrationReport: Encodable {
    struct Obstacle: Encodable {
        let code: String
        let chinese: String
        let english: String
        let place: String?
    }

    let migration: String
    let possible: Bool
    let done: Bool
    let commands: Int
    let bytes: Int
    let secondsAt9600: Double
    let secondsAt115200: Double
    let hash: String
    let newDirectories: [String]
    let keptDirectories: [String]
    let obstacles: [Obstacle]
    let steps: [PlanReport.Step]

    init(_ migration: CardMigration, hash: String, wasRun: Bool) {
        let plan = migration.plan
        self.migration = plan.layoutName
        possible = migration.isPossible
        done = wasRun
        commands = plan.commandCount
        bytes = plan.byteCount
        secondsAt9600 = CostModel.slow.seconds(of: plan)
        secondsAt115200 = CostModel.fast.seconds(of: plan)
        self.hash = hash
        newDirectories = migration.newDirectories
        keptDirectories = migration.keptDirectories
        let catalogue = MessageCatalogue.standard
        obstacles = migration.obstacles.map {
            Obstacle(
                code: $0.code.rawValue, chinese: catalogue.text(for: $0, language: .chinese).what,
                english: catalogue.text(for: $0, language: .english).what, place: $0.place?.fileAndLine)
        }
        steps = plan.steps.map { step in
            PlanReport.Step(
                command: step.operation.printed(profile: plan.profile), answer: step.expectation.printed,
                purpose: step.purpose.kind.rawValue, subject: step.purpose.subject, place: step.place?.fileAndLine)
        }
    }
}
