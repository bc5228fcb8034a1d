import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A finished card against the rules of its layout.
extension CardInspectionTests {
    private func findings(
        _ finished: Finished, by layout: CompiledCard? = nil, presentsKeys: Bool = true, area: String = "990101",
        probingWith prober: CardConversation? = nil
    ) throws -> [RuleFinding] {
        let channel = try VirtualCardChannel(finished.card)
        try channel.reset()
        let compiled = layout ?? finished.factory.compiled
        return try CardVerifier(
            finished.factory.conversation(ReadOnlyChannel(channel), area: area), compiled,
            encoder: PersonImageEncoder(layout: compiled.layout), presentsKeys: presentsKeys, pinLength: 3,
            probingWritesWith: prober
        ).check()
    }

    @Test(arguments: ["national-2.0", "national-3.0"])
    func aFinishedCardKeepsEveryRuleOfItsLayout(layout: String) throws {
        let finished = try Finished(layout)
        let image = finished.card.image
        let findings = try findings(finished)
        let violated = findings.filter { if case .violated = $0.verdict { true } else { false } }
        #expect(violated.isEmpty, "\(violated)")
        #expect(findings.first?.verdict == .ok, "the keys are this card's")
        let unknown = Set(findings.compactMap { if case .notProbed(let reason) = $0.verdict { reason } else { nil } })
        #expect(unknown == [.wouldWrite, .neverWritten])
        #expect(finished.card.image == image, "nothing was changed, no try was spent")
    }

    @Test func keysOfAnotherAreaAreNotPresented() throws {
        let finished = try Finished()
        let image = finished.card.image
        let findings = try findings(finished, area: "990102")
        #expect(findings.first?.verdict == .violated([Fault("card-verify.other-keys")]))
        // What the PIN does not open (file table): RKSSSE, PIN and RK1DF04, and the three files of DF07.
        let closed = findings.filter { $0.rule == .lengths && $0.verdict == .notProbed(.otherKeys) }
        #expect(
            closed.map { [$0.directory, $0.file] } == [
                ["SSSE", "EF07"], ["SSSE", "EF08"], ["DF04", "EF06"], ["DF07", "EF05"], ["DF07", "EF06"],
                ["DF07", "EF07"],
            ])
        #expect(finished.card.image == image, "no try was spent")
    }

    @Test func rulesOfAnotherLayoutAreFoundViolated() throws {
        let finished = try Finished()
        let library = LayoutLibrary(home: CardFactory.home)
        let other = try CompiledCard(
            layout: library.layout(named: "national-3.0"), profile: finished.factory.compiled.profile)
        let violated = try findings(finished, by: other, presentsKeys: false).filter {
            if case .violated = $0.verdict { true } else { false }
        }
        // national-3.0 closes the card number and EF06, and says 3.00.
        #expect(
            violated.map { [$0.rule.rawValue, $0.file, $0.element] } == [
                ["read-without-rights", "EF05", "cardNumber"], ["read-without-rights", "EF06", nil],
                ["value", "EF05", "specificationVersion"],
            ])
    }
}
