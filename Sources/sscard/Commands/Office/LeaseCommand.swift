import ArgumentParser
import CardData
import Issuing
import Lifecycle

/// `sscard lease`: what a counter may make while it is cut off.
struct LeaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lease", abstract: "离线制卡额度 Grant, return and list what counters may make while cut off.",
        discussion: "例 Example: sscard lease list（服务运行时由服务来做 while the counter service runs, it does them）",
        subcommands: [List.self, Grant.self, Return.self])

    private static func say(_ reports: [LeaseReport], _ json: Bool) throws {
        if json { return try Terminal.say(json: reports) }
        var table = Table("额度 Lease", "网点 Counter", "地区 Area", "号段 Numbers", "张数 Cards", "每日 A day", "登记库时效 Hours")
        for report in reports {
            table.add(
                report.lease, String(report.counter), report.area, report.numbers, String(report.cards),
                String(report.cardsPerDay), String(report.registerHours))
        }
        Terminal.say(table.text)
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出额度 The leases that are open.", discussion: "例 Example: sscard lease list --json")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false
        func run() throws { try LeaseCommand.say(try Site(site).leases(), json) }
    }

    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "发放额度 Hand a block of card numbers to a counter, on the policy's terms.",
            discussion: """
                例 Example: sscard lease grant --to 7 --first 1000 --last 1199 --officer 9001 --second 9002
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Option(help: "网点编号 The counter's number.") var to: UInt64
        @Option(help: "起始序号 First serial of the block.") var first: Int
        @Option(help: "结束序号 Last serial of the block.") var last: Int
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let answer = try Site(site).acting(officers).perform(
                .grantLease(counter: to, first: first, last: last), handledBy: officers.handling(as: .upperTier))
            try LeaseCommand.say(answer.leases, json)
        }
    }

    struct Return: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "收回额度 End a lease.",
            discussion: "例 Example: sscard lease return 1/42 --officer 9001")
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Argument(help: "额度编号 The event that granted it, for example 1/42.") var lease: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let lease = try EventIdentifier(word: lease)
            let answer = try Site(site).acting(officers).perform(
                .returnLease(counter: lease.counter, sequence: lease.sequence),
                handledBy: officers.handling(as: .upperTier))
            try LeaseCommand.say(answer.leases, json)
        }
    }
}
