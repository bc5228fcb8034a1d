import ArgumentParser
import CardData
import Lifecycle
import Registry

/// Holds, the centre's word on cancellations, and corrections.
extension LifecycleCommand {
    struct Hold: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hold", abstract: "停用 Put the card on hold.",
            discussion: "例 Example: sscard lifecycle hold --card D00000005 --reason office --second 2001")
        @OptionGroup var act: ActOptions
        @Option(help: "原因 Reason: office, court, conflict, misuse.") var reason: String
        @Option(help: "停用截止日 The hold's last day, YYYYMMDD; without one it ends by a release alone.") var until: String?

        func run() throws {
            let reason = try word(reason, HoldReason.allCases) { "\($0)" }
            let until = try until.map { text throws(Faults) in try CardDate(text) }
            try act.record(as: .teller) { _ in .held(reason, until: until) }
        }
    }

    struct ConfirmCancellation: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "confirm-cancellation", abstract: "注销确认 The upper tier makes a cancellation final.",
            discussion: """
                例 Example: sscard lifecycle confirm-cancellation --card D00000005 --officer 9001 --second 9002 \
                --second-role upper-tier
                """)
        @OptionGroup var act: ActOptions

        func run() throws {
            try act.record(as: .upperTier) { card in
                guard let open = card.state.openRestrictions.first(where: { $0.kind == .cancellation }) else {
                    let number = card.facts?.number.printed ?? "–"
                    throw card.state.social.endReason.flatMap { LifecycleRefusal(.confirmCancellation, [.ended($0)]) }
                        .flatMap { Faults($0.faults) } ?? Faults("tool.no-cancellation", ["number": number])
                }
                return .cancellationConfirmed(open.openedBy)
            }
        }
    }

    struct Correct: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "correct",
            abstract: "更正 Undo an act that was entered in error, by an act of its own; nothing is edited.",
            discussion: """
                例 Example: sscard lifecycle correct --card D00000005 --event 1/42 --reason wrongCard --second 2002 \
                --proof paper
                """)
        @OptionGroup var act: ActOptions
        @Option(help: "被更正事件 The event as registry log prints it, for example 1/42.") var event: String
        @Option(help: "原因 Reason: wrongCard, wrongAct, didNotHappen, other.") var reason: String

        func run() throws {
            let reason = try word(reason, Correction.Reason.allCases) { "\($0)" }
            let name = try EventIdentifier(word: event)
            let registry = try Site(act.site).acting(act.officers).registry()
            try act.record(as: .supervisor, in: registry) { card in
                let events = try registry.events(of: card.reference)
                guard let found = events.first(where: { $0.event.identifier == name }) else {
                    throw RegistryError.eventUnknown(name)
                }
                return .corrected(Correction(of: name, kind: found.body.act.kind, reason: reason))
            }
        }
    }
}

extension EventIdentifier {
    /// Reads `counter/sequence` from the command line.
    init(word: String) throws(Faults) {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false).map { UInt64($0) }
        guard parts.count == 2, let counter = parts[0], let sequence = parts[1] else {
            throw Faults("tool.event-name", ["event": word])
        }
        self.init(counter: counter, sequence: sequence)
    }
}
