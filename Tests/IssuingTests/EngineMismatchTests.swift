import CardData
import IssuerKeys
import Issuing
import Personalization
import Registry
import Testing
import VirtualCard

/// A second engine that differs from the one that makes the cards.
@Suite struct EngineMismatchTests {
    /// Derives nothing that anybody else would.
    private struct OtherEngine: DerivationEngine {
        func comparedCheckValue(of key: KeyName, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue? {
            KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3])
        }
    }

    @Test func aDifferenceStopsTheBatchBeforeACardIsTouched() async throws {
        let counter = try Counter()
        let site = counter.preparation
        let hierarchy = try KeyHierarchy.read(Counter.home + "/Keys/hierarchy.yaml")
        let preparation = CardPreparation(
            library: site.library, keys: site.keys, policy: site.policy, today: site.today,
            comparison: EngineComparison(site.keys, OtherEngine(), hierarchy: hierarchy))
        let desk = IssuingDesk(
            registry: counter.registry, preparation: preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"))
        let people = try PersonFile.read(
            path: Counter.home + "/Fixtures/people.csv",
            expectedColumns: preparation.columns(layoutName: "national-2.0"))
        let blanks = try [counter.blank(1), counter.blank(2)]
        let before = blanks.map(\.image)
        let report = try await IssuingBatch(desk: desk, requests: people[0..<3].map { try counter.request($0) })
            .run(in: [TestLane("A", .card(blanks[0])), TestLane("B", .card(blanks[1]))])
        #expect(report.obstacle.map(\.code.rawValue) == ["card-key.engines-differ"])
        #expect(report.left.count == 3)
        #expect(blanks.map(\.image) == before)
        #expect(counter.claims.isEmpty && counter.journals.isEmpty)
        #expect(try counter.registry.statistics().cards.isEmpty)
    }
}
