import ArgumentParser
import CardData
import Lifecycle
import Registry

/// `sscard lifecycle`: the acts of a card's life after it was made.
struct LifecycleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lifecycle", abstract: "卡业务 Hand over, enable, loss, release, cancel; the table of rules.",
        discussion: "例 Example: sscard lifecycle temporary-loss --card D00000005",
        subcommands: [
            HandOver.self, Enable.self, TemporaryLoss.self, FormalLoss.self, Hold.self, Release.self, Cancel.self,
            ConfirmCancellation.self, Dispatch.self, Arrive.self, Miss.self, Recover.self, GiveBack.self, Destroy.self,
            EndUnclaimed.self, Duplicate.self, SeenBlocked.self, Correct.self, LifecycleTableCommand.self,
            PolicyCommand.self,
        ])

    struct HandOver: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hand-over", abstract: "领卡 The holder takes the card.",
            discussion:
                "例 Example: sscard lifecycle hand-over --card D00000005 --proof identity-document --proof signature")
        @OptionGroup var act: ActOptions
        @OptionGroup var agent: AgentOptions
        func run() throws { try act.record(as: .teller, for: agent) { _ in .handedOver } }
    }

    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "启用 The social function is enabled.",
            discussion: "例 Example: sscard lifecycle enable --card D00000005 --proof card-read --proof pin-changed")
        @OptionGroup var act: ActOptions
        func run() throws { try act.record(as: .teller) { _ in .enabled } }
    }

    struct TemporaryLoss: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "temporary-loss", abstract: "临时挂失 Report the card lost for the time being.",
            discussion: "例 Example: sscard lifecycle temporary-loss --card D00000005")
        @OptionGroup var act: ActOptions
        @OptionGroup var loss: LossOptions
        @OptionGroup var agent: AgentOptions
        @Option(help: "报失途径 How the report came in: counter, telephone.") var channel = "counter"

        func run() throws {
            let channel = try word(channel, [LossReport.Channel.counter, .telephone]) { "\($0)" }
            let report = try loss.report(channel, now: Site.clock())
            try act.record(as: .teller, for: agent) { _ in .temporaryLoss(report) }
        }
    }

    struct FormalLoss: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "formal-loss", abstract: "正式挂失 Report the card lost.",
            discussion: "例 Example: sscard lifecycle formal-loss --card D00000005 --proof identity-document")
        @OptionGroup var act: ActOptions
        @OptionGroup var loss: LossOptions
        @OptionGroup var agent: AgentOptions

        func run() throws {
            let report = try loss.report(.counter, now: Site.clock())
            try act.record(as: .teller, for: agent) { _ in .formalLoss(report) }
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "解挂 Lift an open restriction; named when there are several kinds.",
            discussion: """
                例 Example: sscard lifecycle release --card D00000005 --second 2001 --proof identity-document \
                --proof card-read
                """)
        @OptionGroup var act: ActOptions
        @Option(help: "限制编号 The restriction as registry show prints it, for example 1/42.") var restriction: String?

        func run() throws { try act.record(as: .teller) { .released(Set(try chosen(of: $0).map(\.openedBy))) } }

        /// Nobody lifts what they have not seen: with several kinds open, one is named; several reports of one loss end together.
        private func chosen(of card: RegisteredCard) throws(Faults) -> [Restriction] {
            let all = card.state.openRestrictions
            let open = all.filter { $0.kind != .pinLock || card.state.social.isEnded }
            // Nothing leads out of an ended card; the rules say so better than a choice would.
            if card.state.social.isEnded, let first = open.first { return [first] }
            let known = open.map { "\($0.openedBy) \($0.kind.english)" }.joined(separator: ", ")
            // A PIN lock is a fact of the chip: the record follows what is done there.
            let named = restriction.flatMap { word in all.first { "\($0.openedBy)" == word } }
            if open.isEmpty && !all.isEmpty || named?.kind == .pinLock { throw Faults("counter.pin-lock-by-chip") }
            if let restriction {
                guard let found = open.first(where: { "\($0.openedBy)" == restriction }) else {
                    throw Faults("tool.unknown-word", ["word": restriction, "known": known.isEmpty ? "–" : known])
                }
                return [found]
            }
            guard Set(open.map(\.kind)).count == 1 else {
                let number = card.facts?.number.printed ?? "–"
                throw open.isEmpty
                    ? Faults("tool.nothing-to-release", ["number": number])
                    : Faults("tool.several-restrictions", ["known": known])
            }
            return open
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "注销 Stop the card for good: a hold until the upper tier confirms it.",
            discussion: "例 Example: sscard lifecycle cancel --card D00000005 --reason death --second 2001 --proof paper"
        )
        @OptionGroup var act: ActOptions
        @Option(help: "原因 Reason: death, emigration, moved, holderRequest, other.") var reason: String

        func run() throws {
            let reason = try word(reason, CancellationReason.allCases) { "\($0)" }
            try act.record(as: .teller) { _ in .cancelled(reason) }
        }
    }
}
