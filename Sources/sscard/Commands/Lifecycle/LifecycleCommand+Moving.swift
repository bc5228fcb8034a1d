import ArgumentParser
import CardData
import Lifecycle

/// Where the plastic goes, and what ends without its holder.
extension LifecycleCommand {
    struct Dispatch: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dispatch", abstract: "配送 The finished card leaves for its outlet.",
            discussion: "例 Example: sscard lifecycle dispatch --card D00000005 --second 1001 --second-role teller")
        @OptionGroup var act: ActOptions
        func run() throws { try act.record(as: .stockKeeper) { _ in .dispatched } }
    }

    struct Arrive: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "arrive", abstract: "到点签收 The outlet takes it in.",
            discussion: "例 Example: sscard lifecycle arrive --card D00000005")
        @OptionGroup var act: ActOptions
        func run() throws { try act.record(as: .teller) { _ in .arrived } }
    }

    struct Miss: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "miss", abstract: "遗失登记 The card is gone before it was handed over; it ends.",
            discussion: "例 Example: sscard lifecycle miss --card D00000005 --second 2001")
        @OptionGroup var act: ActOptions
        func run() throws { try act.record(as: .stockKeeper) { _ in .missing } }
    }

    struct Recover: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "recover", abstract: "回收 The card was taken back or found.",
            discussion: "例 Example: sscard lifecycle recover --card D00000005 --reason found --proof card-read")
        @OptionGroup var act: ActOptions
        @Option(help: "原因 Reason: found, handedIn, retained, other.") var reason: String

        func run() throws {
            let reason = try word(reason, RecoveryReason.allCases) { "\($0)" }
            try act.record(as: .teller) { _ in .recovered(reason) }
        }
    }

    struct GiveBack: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "give-back", abstract: "归还 A recovered card goes back to its holder.",
            discussion:
                "例 Example: sscard lifecycle give-back --card D00000005 --proof identity-document --proof signature")
        @OptionGroup var act: ActOptions
        @OptionGroup var agent: AgentOptions
        func run() throws { try act.record(as: .teller, for: agent) { _ in .givenBack } }
    }

    struct EndUnclaimed: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end-unclaimed", abstract: "逾期未领 The card was never collected; it ends.",
            discussion: "例 Example: sscard lifecycle end-unclaimed --card D00000005 --second 2001")
        @OptionGroup var act: ActOptions
        func run() throws { try act.record(as: .stockKeeper) { _ in .unclaimed } }
    }
}
