import ArgumentParser
import CardData
import Issuing
import Lifecycle
import Registry

extension StockCommand {
    struct FactoryReturn: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "factory-return",
            abstract: "回盘 Take in the finished cards that a factory's file tells of, against what was ordered.",
            discussion: """
                例 Example: sscard stock factory-return return.csv --mapping return.yaml --layout national-2.0 \
                --batch DW-2026-17 --officer 3001 --proof paper
                旧卡暂不能终止的行留待处理，其余入库；解除限制后再执行一次同一文件。A row whose old card may not end now waits, the others are \
                taken in; the same file once more, when that is settled, takes it in.
                列 Columns: citizenNumber, cardNumber, identificationCode, answerToReset and/or chipSerial, issueDate, expiryDate, failure
                服务运行时由服务来做。While the counter service runs, it takes the cards in.
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Argument(help: "回盘文件 CSV file.") var file: String
        @Option(help: "列对照文件 Mapping: what the file's columns mean.") var mapping: String?
        @Option(help: "布局 Layout the cards were made by.") var layout: String
        @Option(help: "批次 The batch that ordered them; each card is then checked against it.") var batch: String?
        @Flag(help: "只检查 Judge every row and change nothing.") var dryRun = false
        @Option(help: "差错报告 Write every fault, with line and column, to this CSV file.") var report: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let rows: Int
            let finished: Int
            let failed: Int
            let bookedBefore: Int
            let waiting: Int
            let missing: [String]
            let dryRun: Bool
        }

        func run() throws {
            let order = IntakeOrder(
                .factoryReturn, file: file, mapping: try mapping.map(IntakeOrder.Mapping.read), layout: layout,
                batch: batch, isDryRun: dryRun)
            let survey = try Site(site).acting(officers).takeIn(
                order, from: file, handledBy: officers.handling(as: .personalizer), faultsTo: report)
            try say(survey)
            // The others are taken in; that not all of them are is what whoever called has to hear.
            if let waiting = Faults(survey.waitingReasons.map(\.fault)) { throw waiting }
        }

        private func say(_ survey: IntakeReport) throws {
            if json {
                return try Terminal.say(
                    json: Report(
                        rows: survey.rows, finished: survey.finished, failed: survey.failed,
                        bookedBefore: survey.bookedBefore, waiting: survey.waiting, missing: survey.missing,
                        dryRun: dryRun))
            }
            Terminal.say(
                "成品 finished \(survey.finished)  失败 failed \(survey.failed)  已入账 booked before \(survey.bookedBefore)"
                    + (survey.waiting > 0 ? "  待处理 waiting \(survey.waiting)" : "")
                    + (dryRun ? "  未作改动 nothing was changed" : ""))
            for order in survey.missing { Terminal.say("未回盘 not in the file: \(order)") }
        }
    }
}
