import ArgumentParser
import CardData
import Issuing
import Lifecycle
import Personalization

/// The folder of issues: what is open, what is damaged or owed, and how that gets out of the way.
extension IssueCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出 The issues that are open, and the files that are damaged; 1 when any is.",
            discussion: "例 Example: sscard issue list --json")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let issues: [IssueReport]
            let damaged: [DamagedReport]
            let fees: [IssueReport]
        }

        func run() throws {
            let listing = try IssueListing.unfinished(in: site.dataFolder() + "/issue")
            let issues = listing.issues.map(IssueReport.init)
            let fees = try IssueListing.owingFees(in: site.dataFolder() + "/issue").map(IssueReport.init)
            if json {
                try Terminal.say(
                    json: Report(issues: issues, damaged: listing.damaged.map(DamagedReport.init), fees: fees))
            } else {
                if issues.isEmpty { Terminal.say("没有未办结的 none is open") }
                try issues.forEach { try $0.say(false) }
                if !fees.isEmpty { Terminal.say("费用待处理 fees owed:") }
                try fees.forEach { try $0.say(false) }
            }
            guard listing.faults.isEmpty else {
                throw ExitVerdict(code: ErrorReport(faults: listing.faults).print())
            }
        }
    }

    struct SettleFee: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "settle-fee",
            abstract: "费用处理 Say what became of the fee of an issue that ended without a card.",
            discussion: "例 Example: sscard issue settle-fee 00112233AABBCCDD --way refunded --officer 1001")
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Argument(help: "编号 The issue.") var issue: String
        @Option(help: "办法 How: refunded (已退费), carried-over (转用于另一笔).") var way: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let way = try word(way, FeeAnswer.Way.allCases, \.name)
            let handling = try officers.handling(as: .teller)
            try IssueReport(
                try Site(site).acting(officers).instantIssue().settleFee(of: issue, way, handledBy: handling)
            ).say(json)
        }
    }

    struct PutAside: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "put-aside",
            abstract: "移开 Take the damaged file of an issue out of the way; it is kept, and no card is changed.",
            discussion: "例 Example: sscard issue put-aside 00112233AABBCCDD")
        @OptionGroup var site: SiteOptions
        @Argument(help: "编号 The issue.") var issue: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let damaged = DamagedReport(try Site(site).instantIssue().putAside(issue))
            if json { return try Terminal.say(json: damaged) }
            Terminal.say("已移开 put aside: \(damaged.issue)  芯片 chip \(damaged.chip ?? "–")")
        }
    }

    /// A damaged file for programs.
    struct DamagedReport: Encodable {
        let issue: String
        let path: String
        let chip: String?

        init(_ damaged: DamagedIssue) {
            issue = damaged.identifier
            path = damaged.path
            chip = damaged.chip?.text
        }
    }
}
