import ArgumentParser
import CardData
import Issuing
import Lifecycle

/// What the upper tier has a counter note of a card; beside the running service too.
extension LifecycleCommand {
    struct Duplicate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "重复卡作废 The upper tier found that another card took the place first; this one ends.",
            discussion: """
                例 Example: sscard lifecycle duplicate --card D00000005 --first 990101D15600000500000005000000AB --officer 9001 \
                --second 9002 --second-role upper-tier
                服务运行时由服务来做。While the counter service runs, it does it.
                """)
        @OptionGroup var note: TierOptions
        @Option(
            help:
                "先占位的卡 The card that took the place first: its number, or its identification code where another made it."
        )
        var first: String

        func run() throws { try note.note(.endDuplicate(card: note.card, first: first), as: .upperTier) }
    }

    struct SeenBlocked: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "seen-blocked", abstract: "终端锁卡 A terminal met the listed card and blocked its application.",
            discussion: """
                例 Example: sscard lifecycle seen-blocked --card D00000005 --officer 880012 --role terminal
                --officer 写终端编号，或用 --role upper-tier 写上级经办人。--officer is the terminal's number, or with --role upper-tier who \
                passes its report on.
                服务运行时由服务来做。While the counter service runs, it does it.
                """)
        @OptionGroup var note: TierOptions

        func run() throws { try note.note(.noteBlocked(card: note.card), as: .terminal) }
    }
}

/// One order of the upper tier about one card.
struct TierOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Option(help: "卡号 Card number.") var card: String
    @Flag(help: "输出 JSON.") var json = false

    func note(_ order: TierOrder, as role: Role) throws {
        let answer = try Site(site).acting(officers).perform(order, handledBy: officers.handling(as: role))
        let number = try CardNumber(card)
        try CardActReport(on: number, answer.act, event: answer.event, slip: answer.slip, state: answer.state)
            .say(of: number, json: json)
    }
}
