import ArgumentParser
import CardData
import Issuing
import Lifecycle
import Registry
import SmartCardReader

extension LifecycleCommand {
    struct Destroy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "destroy",
            abstract: "销毁 An ended card was cut by two persons; one that lies in a reader is blocked first.",
            discussion: """
                例 Example: sscard lifecycle destroy --card D00000005 --second 2001 --proof card-read
                卡在读卡器中的，先锁卡再登记；锁不了的照样登记，并说明芯片情况。A card in a reader is blocked and then booked; one that cannot \
                be blocked is booked with what became of its chip.
                """)
        @OptionGroup var act: ActOptions
        @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?

        func run() async throws {
            let site = try Site(act.site).acting(act.officers)
            let registry = try site.registry()
            let number = try CardNumber(act.card)
            guard let card = try registry.card(number: number) else {
                throw Faults("tool.no-such-card", ["number": number.printed])
            }
            let handling = try act.officers.handling(as: .stockKeeper)
            guard let inserted = try inserted() else {
                return try act.record(as: .stockKeeper, in: registry) { _ in .destroyed }
            }
            let done: (event: EventIdentifier, faults: [Fault]?)
            do {
                let desk = try site.oldCardDesk(registry, act.officers, as: .stockKeeper)
                // Between the card's block and its event nobody stops: a blocked chip that no event tells of would be a riddle.
                done = try await Interruption.finishing {
                    try await inserted.withCard { channel in
                        let done = try desk.destroy(card, handledBy: handling, through: channel)
                        return (event: done.event, faults: done.refusal?.faults)
                    }
                }.value
            } catch let error as any FaultReporting
                where reader == nil && handling.proofs.contains(.paper)
                && (error is ChipError || error is ReaderError)
            {
                // A mute card, or another one, in the reader: the paper stands for what cannot be read.
                Terminal.tell(error.faults)
                return try act.record(as: .stockKeeper, in: registry) { _ in .destroyed }
            }
            if let faults = done.faults { Terminal.tell(faults) }
            guard let recorded = try registry.event(at: done.event.sequence)?.event else {
                throw RegistryError.inconsistent("no event")
            }
            try CardActReport(
                on: number, ActKind.destroyed.name, event: "\(done.event)", slip: recorded.slip,
                state: try registry.card(number: number)?.state.shown.rawValue,
                chip: done.faults == nil ? .blocked : .refused
            ).say(of: number, json: act.json)
        }

        /// The reader that was named, or the only one with a card; nil where none is named and no card lies in any: what was cut before it came to
        /// the desk is in no reader.
        private func inserted() throws -> SmartCardReader? {
            if let reader { return try SmartCardReader.attached(reader) }
            guard let readers = try? ReaderList.current(),
                readers.contains(where: { $0.isCardPresent && !$0.name.looksLikeSAMSlot })
            else { return nil }
            return try SmartCardReader.attached(nil)
        }
    }
}
