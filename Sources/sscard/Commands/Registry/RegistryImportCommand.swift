import ArgumentParser
import CardData
import CardLayout
import Foundation
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
            let batch = try personBatch()
            let site = try Site(site)
            let file = try mappedFile(site)
            let intake = PersonIntake(
                file, areas: site.library.areas, today: try site.today,
                mode: site.policy.mode == .production ? .production : .training,
                validityYears: site.policy.validityYears)
            var faults = try FaultReport(report)
            let registry = try site.registry()
            let survey = try intake.survey { number in
                try registry.knows(registry.reference(of: number))
            } onFault: { fault in
                try faults.add(fault)
            } progress: { rows in
                if rows.isMultiple(of: 1000) { Terminal.progress("检查 checked \(rows)") }
            }
            Terminal.endProgress()
            try faults.finish()
            let handling = try officers.handling(as: .teller)
            func told(_ count: IntakeCount) {
                let done = count.new + count.changed + count.same
                Terminal.progress("\(dryRun ? "预演 foreseen" : "登记 registered") \(done)/\(survey.rows)")
            }
            // Judged and counted as the real run is, so that it meets no refusal that this one has not.
            let count =
                dryRun
                ? try intake.foresee(in: registry, batch: batch, handledBy: handling, progress: told)
                : try intake.register(in: registry, batch: batch, handledBy: handling, progress: told)
            Terminal.endProgress()
            try say(file, survey, count)
        }

        private func say(_ file: MappedFile, _ survey: PersonIntake.Survey, _ count: IntakeCount) throws {
            if json {
                return try Terminal.say(
                    json: Report(
                        encoding: file.encoding.rawValue, rows: survey.rows, known: survey.known, dryRun: dryRun,
                        registered: count.new + count.changed, changed: count.changed, same: count.same,
                        applications: count.applications, served: count.served))
            }
            Terminal.say("编码 encoding \(file.encoding.rawValue)  行 rows \(survey.rows)  已登记过 known \(survey.known)")
            if dryRun { Terminal.say("无差错，未作改动；正式导入将会 nothing wrong, nothing changed; the real run would:") }
            Terminal.say(
                "登记 register \(count.new + count.changed)  其中变更 changed \(count.changed)  相同 same \(count.same)  "
                    + "申请 applications \(count.applications)  已有卡或已申请 served already \(count.served)")
        }

        private func personBatch() throws(Faults) -> PersonBatch? {
            guard let batch else { return nil }
            guard let found = PersonBatch(number: batch, way: instant ? .instant : .factory) else {
                throw Faults("import.batch", ["batch": String(batch.prefix(64))])
            }
            return found
        }

        private func mappedFile(_ site: Site) throws -> MappedFile {
            if let mapping {
                return try MappedFile(file, by: try .read(mapping, for: .persons), for: .persons)
            }
            let others = try site.library.entry(layout).encoder.valueNames
            return try MappedFile(file, by: .plain(.persons, passingOver: Array(others)), for: .persons)
        }
    }
}

/// 差错报告: the faults of a file, all of them on paper where a report is wanted, the first hundred on the screen.
struct FaultReport {
    private static let shownLimit = 100
    private let path: String?
    private let handle: FileHandle?
    private var shown: [Fault] = []
    private var count = 0

    /// Opens the report; throws `tool.cannot-write`.
    init(_ path: String?) throws(Faults) {
        self.path = path
        guard let path else {
            handle = nil
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Faults("tool.cannot-write", ["file": path]) }
        self.handle = handle
        try write(["line", "field", "column", "code", "zh", "en"])
    }

    mutating func add(_ fault: Fault) throws(Faults) {
        count += 1
        if shown.count < Self.shownLimit { shown.append(fault) }
        let catalogue = MessageCatalogue.standard
        try write([
            String(fault.place?.line ?? 0), String(fault.place?.column ?? 0), fault.parameters["column"] ?? "",
            fault.code.rawValue, catalogue.text(for: fault, language: .chinese).what,
            catalogue.text(for: fault, language: .english).what,
        ])
    }

    /// Ends the report and throws what it holds, if it holds anything.
    func finish() throws(Faults) {
        try? handle?.close()
        guard let faults = Faults(shown) else { return }
        guard count > shown.count else { throw faults }
        throw Faults(shown + [Fault("import.more-faults", ["more": String(count - shown.count)])]) ?? faults
    }

    private func write(_ fields: [String]) throws(Faults) {
        guard let handle else { return }
        let row = fields.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",") + "\r\n"
        do {
            try handle.write(contentsOf: Data(row.utf8))
        } catch {
            throw Faults("tool.cannot-write", ["file": path ?? ""])
        }
    }
}
