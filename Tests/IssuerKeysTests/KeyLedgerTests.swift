import CardData
import Testing

@testable import IssuerKeys

@Suite struct KeyLedgerTests {
    private let irk = KeyName(rawValue: "IRK")
    private let puk = KeyName(rawValue: "PUK")
    private let master = KeyName(rawValue: "MKDF03")

    private func group(
        _ algorithm: CardAlgorithm, _ versions: String, _ count: Int, keys: Set<KeyName>? = nil
    ) throws -> CardGroup {
        CardGroup(
            layout: "national", profile: "fmcos-ssse", algorithm: algorithm,
            versions: try #require(CardKeyVersions(versions)), keys: keys ?? [irk, puk], count: count)
    }

    private func ledger(
        _ groups: [CardGroup], on day: String = "20261128", versions: String? = nil, cutOff: String? = nil
    ) throws -> KeyLedger {
        var hierarchy = try versions.map { try Surroundings.hierarchy($0) } ?? Surroundings.hierarchy()
        if let cutOff {
            hierarchy = KeyHierarchy(
                keys: hierarchy.keys, levels: hierarchy.levels, parity: hierarchy.parity,
                cutOffs: [.tripleDES: try CardDate(cutOff)])
        }
        return KeyLedger(hierarchy: hierarchy, groups: groups, today: try CardDate(day))
    }

    @Test func `the cards that depend on 3DES are counted, and the count shrinks to zero`() throws {
        let before = try ledger([
            group(.tripleDES, "1", 7), group(.tripleDES, "1", 3, keys: [irk]), group(.sm4, "1", 5),
        ])
        #expect(before.cards(on: .tripleDES) == 10)
        #expect(before.cards(on: .sm4) == 5)
        #expect(before.cardCount == 15)
        #expect(before.roles(on: .tripleDES) == 2)
        let row = try #require(before.rows.first { $0.key.name == puk })
        #expect(row.count(.tripleDES) == 7)
        #expect(row.count(.sm4) == 5)
        let after = try ledger([group(.sm4, "1", 15)])
        #expect(after.cards(on: .tripleDES) == 0)
        #expect(after.roles(on: .tripleDES) == 0)
    }

    @Test func `cards on old versions are counted by the keys that they hold`() throws {
        let switched = "{1: {stage: old}, 2: {stage: live}, 3: {stage: next}}"
        let ledger = try ledger(
            [
                group(.sm4, "1", 4), group(.sm4, "2", 6), group(.sm4, "2,PUK=1", 3),
                group(.sm4, "2,PUK=1", 2, keys: [irk]),
            ], versions: switched)
        #expect(ledger.cardsOnOldVersions == 7)
        #expect(try #require(ledger.rows.first { $0.key.name == irk }).countOfOldVersions == 4)
        #expect(try #require(ledger.rows.first { $0.key.name == puk }).countOfOldVersions == 7)
    }

    @Test(arguments: [
        // live since 20260101 for 1825 days, until 20301231; a warning for the last ninety days
        ("20261128", KeyLedger.Time.running), ("20301002", .running), ("20301003", .ending), ("20301231", .ending),
        ("20310101", .over),
    ])
    func `a version is told to be at its end before it is`(day: String, time: KeyLedger.Time) throws {
        let ledger = try ledger([], on: day)
        let row = try #require(ledger.rows.first { $0.key.name == puk })
        #expect(row.time == time)
        #expect(ledger.isOverdue == (time == .over))
    }

    @Test func `an algorithm past its last day is overdue while a card needs it`() throws {
        #expect(try ledger([group(.tripleDES, "1", 1)], cutOff: "20261127").overdueAlgorithms == [.tripleDES])
        #expect(try ledger([group(.tripleDES, "1", 1)], cutOff: "20261128").overdueAlgorithms.isEmpty)
        #expect(try ledger([group(.sm4, "1", 1)], cutOff: "20261127").overdueAlgorithms.isEmpty)
    }

    private func card(
        _ number: String, _ made: String, _ standing: KeyIncident.Standing, counter: UInt64 = 1
    ) throws -> KeyIncident.Card {
        KeyIncident.Card(
            identificationCode: "99", number: number, layout: "national-2.0", profile: "fmcos-ssse",
            made: try CardDate(made), counter: counter, officer: 1001, standing: standing)
    }

    private func incident(_ name: KeyName, _ versions: String? = nil) throws -> KeyIncident {
        let hierarchy = try versions.map { try Surroundings.hierarchy($0) } ?? Surroundings.hierarchy()
        return KeyIncident(
            key: try #require(hierarchy[name]), version: .first,
            cards: [
                try card("A", "20260302", .inUse), try card("B", "20260301", .inUse),
                try card("C", "20260303", .inStock),
                try card("D", "20260301", .stopped, counter: 2), try card("E", "20260301", .ended),
            ], times: ["national-2.0": .init(rekey: 2, reissue: 20)])
    }

    @Test func `cards in stock are done first, then those in use, the oldest in front`() throws {
        let incident = try incident(puk)
        #expect(incident.cards.map(\.number) == ["C", "B", "A", "D", "E"])
        #expect(incident.cards.map { incident.remedy(for: $0) } == [.rekey, .rekey, .rekey, .rekey, .none])
        #expect(incident.cards.map { incident.seconds(for: $0) } == [2, 2, 2, 2, 0])
        #expect(incident.counters == [1, 2])
        #expect(
            incident.batches.map { "\($0.made) \($0.counter) \($0.count)" } == [
                "20260301 1 2", "20260301 2 1", "20260302 1 1", "20260303 1 1",
            ])
    }

    @Test func `the plan switches first, then terminals, then cards, and withdraws last`() throws {
        let plan = try incident(puk).plan
        #expect(plan.map(\.action) == ["switch", "terminals", "cards", "cards", "cards", "withdraw"])
        #expect(plan.map(\.order) == [1, 2, 3, 4, 5, 6])
        #expect(plan.map(\.cards) == [0, 0, 1, 2, 1, 0])
        #expect(plan.map(\.seconds) == [0, 0, 2, 4, 2, 0])
        #expect(try incident(puk).successor == KeyVersion(2))
    }

    @Test func `cards of a suspect master key are made anew`() throws {
        let incident = try incident(master)
        #expect(incident.remedy(for: incident.cards[0]) == .reissue)
        // no terminal holds a master key
        #expect(incident.plan.map(\.action) == ["switch", "cards", "cards", "cards", "withdraw"])
        #expect(incident.plan.map(\.seconds) == [0, 20, 40, 20, 0])
    }

    @Test func `without a prepared version one is made first, and an old version needs no switch`() throws {
        let unprepared = try incident(puk, "{1: {stage: live}}")
        #expect(unprepared.plan.map(\.action).prefix(2) == ["prepare", "switch"])
        #expect(unprepared.successor == nil)
        let old = try incident(puk, "{1: {stage: old}, 2: {stage: live}}")
        #expect(old.plan.map(\.action).first == "terminals")
        #expect(old.successor == KeyVersion(2))
    }
}
