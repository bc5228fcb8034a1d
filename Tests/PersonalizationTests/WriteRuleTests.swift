import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// Write rules probed on finished cards: what was read is sent back with nothing presented, and has to be refused.
@Suite struct WriteRuleTests {
    private struct Probe {
        let findings: [RuleFinding]
        let writes: [(command: CommandAPDU, answer: ResponseAPDU)]

        func verdict(_ directory: String, _ file: String) -> RuleFinding.Verdict? {
            findings.first { $0.rule == .write && $0.directory == directory && $0.file == file }?.verdict
        }
    }

    private func probe(_ card: VirtualCard, _ factory: CardFactory, by compiled: CompiledCard? = nil) throws -> Probe {
        let compiled = compiled ?? factory.compiled
        let relay = RelayChannel(try VirtualCardChannel(card))
        try relay.reset()
        let conversation = try factory.conversation(ReadOnlyChannel(relay))
        let findings = try CardVerifier(
            conversation, compiled, encoder: PersonImageEncoder(layout: compiled.layout), presentsKeys: true,
            pinLength: 3, probingWritesWith: factory.conversation(relay)
        ).check()
        let exchanges = zip(relay.sent, relay.answers).map { (command: $0, answer: $1) }
        return Probe(
            findings: findings, writes: exchanges.filter { [0xDC, 0xD2, 0xD6, 0xE2].contains($0.command.ins) })
    }

    /// With every file full: photo and fingerprints, rows of rings, and all records.
    @Test(arguments: [
        "national-2.0", "national-3.0", "national-1.0", "national-2.0@fmcos", "national-2.0@timecos",
        "national-2.0@t514", "national-2.0@mcos",
    ])
    func everyWriteIsRefusedAndNothingChanges(layout: String) throws {
        let factory = try CardFactory(layout: layout)
        let values = try CardKindTests.full(factory.compiled.layout)
        let card = try CardKindTests.made(values, factory)
        card.powerOff()
        let image = card.image
        let probe = try probe(card, factory)
        #expect(probe.writes.count > 15)
        #expect(probe.writes.allSatisfy { $0.answer.statusWord == .securityStatusNotSatisfied })
        #expect(card.image == image, "nothing was changed, no try was spent")
        let violated = probe.findings.filter { if case .violated = $0.verdict { true } else { false } }
        #expect(violated.isEmpty, "\(violated)")
        // Each file with content that is no ring was sent one write, and rings none.
        let written = probe.findings.count { $0.rule == .write && $0.verdict == .ok }
        #expect(written == probe.writes.count)
        #expect(probe.verdict("DF02", "EF07") == .notProbed(.wouldAppend))
        let rings = Set(
            factory.compiled.directories.flatMap(\.files).compactMap(\.file).filter {
                if case .cyclic = $0.structure { true } else { false }
            }.map(\.shortIdentifier))
        #expect(rings.contains(0x07))
        #expect(probe.writes.allSatisfy { $0.command.p2 & 0b111 != 0b011 })
    }

    /// A card whose 婚姻 file was made with a free write right: F0 instead of 66 in CREATE EF.
    @Test func aFileThatEverybodyMayWriteIsFoundAndKeepsItsContent() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let relay = RelayChannel(try VirtualCardChannel(card))
        relay.changeCommand = { command in
            // CREATE EF EF08 of DF01, the one variable-record file that is 3 bytes long: type, size, read, write.
            guard command.ins == 0xE0, command.p1 == 0xEF, command.p2 == 0x08, command.data.first == 0x2C else {
                return command
            }
            var data = command.data
            data[4] = 0xF0
            return (try? CommandAPDU(command.cla, command.ins, command.p1, command.p2, data: data)) ?? command
        }
        try workshop.begin(factory.plan(), on: relay, values: factory.person)
        card.powerOff()
        let image = card.image
        let probe = try probe(card, factory)
        #expect(
            probe.verdict("DF01", "EF08")
                == .violated([Fault("card-verify.write-open", ["statusWord": StatusWord.success.description])]))
        #expect(probe.verdict("DF01", "EF05") == .ok)
        #expect(card.image == image, "what was written back is what stood there")
    }

    /// Without the keys a file stays closed, and what was not read is never written.
    @Test func whatWasNotReadIsNotWritten() throws {
        let finished = try CardInspectionTests.Finished()
        let relay = RelayChannel(try VirtualCardChannel(finished.card))
        try relay.reset()
        let compiled = finished.factory.compiled
        let findings = try CardVerifier(
            finished.factory.conversation(ReadOnlyChannel(relay)), compiled,
            encoder: PersonImageEncoder(layout: compiled.layout), presentsKeys: false,
            probingWritesWith: finished.factory.conversation(relay)
        ).check()
        // Free to read are SSSE's EF05 and EF06 (file table); the reserved files of DF01 were never written.
        #expect(relay.sent.filter { $0.ins == 0xDC || $0.ins == 0xD6 }.map { $0.p2 >> 3 } == [0x05, 0x06])
        let closed = findings.filter { $0.rule == .write && $0.verdict == .notProbed(.notOpened) }
        #expect(closed.contains { $0.directory == "DF01" && $0.file == "EF05" })
    }
}
