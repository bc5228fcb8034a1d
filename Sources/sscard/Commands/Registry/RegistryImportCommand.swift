import ArgumentParser
import CardData
import Issuing
import Lifecycle
import Registry

extension RegistryCommand {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "导入人员 Register the persons of a CSV file; nothing is imported when a row is wrong.",
            discussion: """
                例 Examples: sscard registry import Fixtures/people.csv
                sscard registry import Fixtures/import/employer.csv --mapping Fixtures/import/employer.yaml --dry-run
                sscard registry import Fixtures/import/employer.csv --mapping Fixtures/import/employer.yaml --batch DW-2026-17 \
                --proof identity-document
                编码自动识别 UTF-8, GBK and GB 18030 are told apart by themselves. Run again, it goes on where it was broken off.
                服务运行时由服务来做。While the counter service runs, it does the import.
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Argument(help: "人员文件 CSV file.") var file: String
        @Option(
            help: "列对照文件 Mapping: what the file's columns mean, constants, codes; without one they are named as here.")
        var mapping: String?
        @Option(help: "布局 Without a mapping: the layout whose other columns the file may have.") var layout =
            "national-2.0"
        @Option(help: "单位批次 The employer's batch; each person then also applies for a card.") var batch: String?
        @Flag(help: "即时制卡 The batch's cards are made at the counter, not by the factory.") var instant = false
        @Flag(help: "只检查 Judge every row and change nothing.") var dryRun = false
        @Option(help: "差错报告 Write every fault, with line and column, to this CSV file.") var report: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let encoding: String
            let rows: Int
            let known: Int
            let dryRun: Bool
            let registered: Int
            let changed: Int
            let same: Int
            let applications: Int
            let served: Int
        }

        func run() throws {
            let order = IntakeOrder(
                .persons, file: file, mapping: try mapping.map(IntakeOrder.Mapping.read), layout: layout,
                batch: batch, isInstant: instant, isDryRun: dryRun)
            let taken = try Site(site).acting(officers).takeIn(
                order, from: file, handledBy: officers.handling(as: .teller), faultsTo: report)
            guard taken.rows > 0 else { throw Faults("tool.no-rows", ["path": file]) }
            try say(taken)
        }

        private func say(_ count: IntakeReport) throws {
            if json {
                return try Terminal.say(
                    json: Report(
                        encoding: count.encoding, rows: count.rows, known: count.known, dryRun: dryRun,
                        registered: count.new + count.changed, changed: count.changed, same: count.same,
                        applications: count.applications, served: count.served))
            }
            Terminal.say("编码 encoding \(count.encoding)  行 rows \(count.rows)  已登记过 known \(count.known)")
            if dryRun { Terminal.say("无差错，未作改动；正式导入将会 nothing wrong, nothing changed; the real run would:") }
            Terminal.say(
                "登记 register \(count.new + count.changed)  其中变更 changed \(count.changed)  相同 same \(count.same)  "
                    + "申请 applications \(count.applications)  已有卡或已申请 served already \(count.served)")
        }
    }
}
