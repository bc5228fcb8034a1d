import ArgumentParser
import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Issuing
import Personalization

/// `sscard card plan-diff`: what two plans do otherwise, for two layouts or two people.
struct PlanDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan-diff",
        abstract: "比较制卡计划 Compare the plans of two layouts or two people; needs no card and changes nothing.",
        discussion: """
            例 Examples:
              sscard card plan-diff --layout national-2.0 --against-layout national-3.0 --people Fixtures/people.csv --row 1
              sscard card plan-diff --layout national-2.0 --people Fixtures/people.csv --row 1 --against-row 2

            退出码 Exit code: 0 same · 1 differs.
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var user: KeyUserOptions
    @OptionGroup var people: PeopleOptions
    @Option(help: "另一布局 The other plan's layout.") var againstLayout: String?
    @Option(help: "另一行 The other plan's row.") var againstRow: Int?
    @Option(help: "芯片序列号 The chip's serial number, 12 hexadecimal digits.") var serial = "990100000001"
    @Flag(help: "输出 JSON.") var json = false

    func run() throws {
        guard againstLayout != nil || againstRow != nil else { throw Faults("plan-diff.what-with") }
        let site = try Site(site).acting(user.officer)
        var other = people
        other.layout = againstLayout ?? people.layout
        other.row = againstRow ?? people.row ?? 1
        var first = people
        first.row = people.row ?? 1
        let plans = try [first, other].map { try plan($0, site) }
        let comparison = PlanComparison(plans[0], plans[1])
        let report = try PlanDifferenceReport(plans[0], plans[1], comparison)
        if json { try Terminal.say(json: report) } else { print(report) }
        if !comparison.differences.isEmpty { throw ExitVerdict(code: 1) }
    }

    private func plan(_ people: PeopleOptions, _ site: Site) throws -> CardPlan {
        let preparation = try site.preparation()
        guard let row = try people.rows(preparation).first else {
            throw Faults("tool.no-rows", ["path": people.people])
        }
        return try site.plan(row, layout: people.layout, serial: serial, preparation)
    }

    private func print(_ report: PlanDifferenceReport) {
        if !report.differences.isEmpty {
            var table = Table("", "步 Step", "目的 Purpose", "一 First", "二 Second")
            for row in report.differences {
                let mark = ["removed": "-", "added": "+", "changed": "~"][row.kind] ?? ""
                table.add(
                    mark, String(row.number), row.title, row.first ?? "–", row.second ?? "–")
            }
            Terminal.say(table.text)
            Terminal.say()
        }
        Terminal.say(
            "相同 same \(report.same)  增加 added \(report.added)  去掉 removed \(report.removed)  改变 changed \(report.changed)"
                + "  换序 moved \(report.moved)")
        var table = Table("", "指令 Commands", "字节 Bytes", "9600 baud", "115200 baud", "计划哈希 Plan hash")
        for side in [report.first, report.second] {
            table.add(
                side.layout, String(side.commands), String(side.bytes), tenths(side.secondsAt9600),
                tenths(side.secondsAt115200), side.hash)
        }
        Terminal.say(table.text)
    }

    private func tenths(_ value: Double) -> String { "\(Double(Int(value * 10)) / 10) s" }
}

/// A comparison of plans for programs.
private struct PlanDifferenceReport: Encodable {
    struct Side: Encodable {
        let layout: String
        let profile: String
        let commands: Int
        let bytes: Int
        let secondsAt9600: Double
        let secondsAt115200: Double
        let hash: String

        init(_ plan: CardPlan) throws {
            layout = plan.layoutName
            profile = plan.profile.name
            commands = plan.commandCount
            bytes = plan.byteCount
            secondsAt9600 = CostModel.slow.seconds(of: plan)
            secondsAt115200 = CostModel.fast.seconds(of: plan)
            hash = try plan.hash.hexadecimal
        }
    }

    struct Row: Encodable {
        let kind: String
        let number: Int
        let purpose: String
        let subject: String
        let first: String?
        let second: String?
        /// Purpose and subject for people.
        let title: String

        private enum CodingKeys: CodingKey { case kind, number, purpose, subject, first, second }
    }

    let first: Side
    let second: Side
    let same: Int
    let added: Int
    let removed: Int
    let changed: Int
    let moved: Int
    let differences: [Row]

    init(_ first: CardPlan, _ second: CardPlan, _ comparison: PlanComparison) throws {
        self.first = try Side(first)
        self.second = try Side(second)
        same = comparison.sameCount
        moved = comparison.movedCount
        func text(_ step: PlanStep, _ plan: CardPlan) -> String {
            let slot = step.operation.slotDescription(profile: plan.profile)
            var text = step.operation.printed(profile: plan.profile) + (slot.isEmpty ? "" : " (\(slot))")
            if case .data = step.expectation { text += " → \(step.expectation.printed)" }
            return text
        }
        func row(_ kind: String, _ number: Int, _ step: PlanStep, _ old: String?, _ new: String?) -> Row {
            Row(
                kind: kind, number: number, purpose: step.purpose.kind.rawValue, subject: step.purpose.subject,
                first: old, second: new, title: step.purpose.title)
        }
        differences = comparison.differences.map { difference in
            switch difference {
            case .removed(let step, let number): row("removed", number, step, text(step, first), nil)
            case .added(let step, let number): row("added", number, step, nil, text(step, second))
            case .changed(let old, let new, let number):
                row("changed", number, new, text(old, first), text(new, second))
            }
        }
        added = differences.count { $0.kind == "added" }
        removed = differences.count { $0.kind == "removed" }
        changed = differences.count { $0.kind == "changed" }
    }
}
