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
            HandOver.self, Enable.self, TemporaryLoss.self, FormalLoss.self, Release.self, Cancel.self,
            TableCommand.self,
        ])

    struct HandOver: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hand-over", abstract: "领卡 The holder takes the card.",
            discussion:
                "例 Example: sscard lifecycle hand-over --card D00000005 --proof identity-document --proof signature")
        @OptionGroup var act: ActOptions
        func run() throws { try act.record(as: .teller) { _ in .handedOver } }
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
        func run() throws {
            try act.record(as: .teller) { _ in .temporaryLoss(LossReport(channel: .counter, reporter: .holder)) }
        }
    }

    struct FormalLoss: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "formal-loss", abstract: "正式挂失 Report the card lost.",
            discussion: "例 Example: sscard lifecycle formal-loss --card D00000005 --proof identity-document")
        @OptionGroup var act: ActOptions
        func run() throws {
            try act.record(as: .teller) { _ in .formalLoss(LossReport(channel: .counter, reporter: .holder)) }
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "解挂 Lift one open restriction; named when there are several.",
            discussion: """
                例 Example: sscard lifecycle release --card D00000005 --second 2001 --proof identity-document \
                --proof card-read
                """)
        @OptionGroup var act: ActOptions
        @Option(help: "限制编号 The restriction as registry show prints it, for example 1/42.") var restriction: String?

        func run() throws { try act.record(as: .teller) { .released([try chosen(of: $0).openedBy]) } }

        /// Nobody lifts what they have not seen: with several open, each is named.
        private func chosen(of card: RegisteredCard) throws(Faults) -> Restriction {
            let open = card.state.openRestrictions
            // Nothing leads out of an ended card; the rules say so better than a choice would.
            if card.state.social.isEnded, let first = open.first { return first }
            let known = open.map { "\($0.openedBy) \($0.kind.english)" }.joined(separator: ", ")
            if let restriction {
                guard let found = open.first(where: { "\($0.openedBy)" == restriction }) else {
                    throw Faults("tool.unknown-word", ["word": restriction, "known": known.isEmpty ? "–" : known])
                }
                return found
            }
            guard let only = open.first, open.count == 1 else {
                let number = card.facts?.number.printed ?? "–"
                throw open.isEmpty
                    ? Faults("tool.nothing-to-release", ["number": number])
                    : Faults("tool.several-restrictions", ["known": known])
            }
            return only
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "注销 End the card for good.",
            discussion: "例 Example: sscard lifecycle cancel --card D00000005 --reason death --second 2001 --proof paper"
        )
        @OptionGroup var act: ActOptions
        @Option(help: "原因 Reason: death, emigration, moved, holderRequest, other.") var reason: String

        func run() throws {
            let reason = try word(reason, CancellationReason.allCases) { "\($0)" }
            try act.record(as: .teller) { _ in .cancelled(reason) }
        }
    }

    struct TableCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "table", abstract: "规则表 Print the table of transitions.",
            discussion: "例 Example: sscard lifecycle table --json")
        @Flag(help: "输出 JSON.") var json = false

        private struct Row: Encodable {
            let act: String
            let actZh: String
            let from: [String]
            let by: [String]
            let with: [String]
            let needs: [[String]]
        }

        func run() throws {
            if json {
                return try Terminal.say(
                    json: TransitionTable.rows.map { row in
                        Row(
                            act: row.transition.rawValue, actZh: row.transition.chinese,
                            from: row.physical.map(\.rawValue).sorted(), by: row.officers.map(\.name).sorted(),
                            with: row.secondPersons.map(\.name).sorted(), needs: row.needs.map(\.names))
                    })
            }
            var table = Table("业务 Act", "实体卡 From", "经办 By", "复核 With", "证明 Needs")
            for row in TransitionTable.rows {
                table.add(
                    "\(row.transition.chinese) \(row.transition.rawValue)",
                    row.physical.count == PhysicalState.allCases.count
                        ? "任何 any" : row.physical.map(\.rawValue).sorted().joined(separator: " "),
                    row.officers.map(\.name).sorted().joined(separator: " "),
                    row.secondPersons.map(\.name).sorted().joined(separator: " "),
                    row.needs.map { $0.names.joined(separator: "/") }.joined(separator: " + "))
            }
            Terminal.say(table.text)
        }
    }
}

/// One act on one card.
struct ActOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Option(help: "卡号 Card number.") var card: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let cardNumber: String
        let act: String
        let event: String
        let slip: UInt64
        let state: String
    }

    func record(as role: Role, _ act: (RegisteredCard) throws -> Act) throws {
        let registry = try Site(site).registry()
        let number = try CardNumber(card)
        guard let found = try registry.card(number: number) else {
            throw Faults("tool.no-such-card", ["number": number.printed])
        }
        let recorded = try registry.record(
            act(found), on: found.reference, handledBy: officers.handling(as: role))
        let state = recorded.state?.shown
        if json {
            return try Terminal.say(
                json: Report(
                    cardNumber: number.text, act: recorded.act.kind.name, event: "\(recorded.identifier)",
                    slip: recorded.slip, state: state?.rawValue ?? ""))
        }
        Terminal.say(
            "\(recorded.act.kind.chinese)  卡号 \(number.printed)  凭证 slip \(recorded.slip)  事件 event \(recorded.identifier)  "
                + "现状态 state \(state?.chinese ?? "") \(state?.english ?? "")")
    }
}
