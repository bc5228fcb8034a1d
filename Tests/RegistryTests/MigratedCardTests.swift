import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// A card that was brought to another layout is a card of that layout from then on, in every view of the log.
@Suite struct MigratedCardTests {
    private static let migrated = Act.migrated(layout: "area-2.0", profile: "fmcos-ssse-area")
    private static let shown = Handling(by: Office.personalizer.officer, proofs: .cardRead)

    private func layout(_ registry: Registry, _ card: CardReference) throws -> [String?] {
        let facts = try registry.card(card)?.facts
        return [facts?.layout, facts?.profile]
    }

    @Test func theLayoutOfACardIsTheOneItWasBroughtTo() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let other = try registry.issueCard(2, for: try Office.person(12))
        let before = try registry.card(card)
        let hash = try registry.canonicalDumpHash()
        try registry.record(Self.migrated, on: card, handledBy: Self.shown)
        #expect(try layout(registry, card) == ["area-2.0", "fmcos-ssse-area"])
        #expect(try layout(registry, other) == ["national-3.0", "fmcos"])
        let after = try #require(try registry.card(card))
        #expect(after.state == before?.state)
        #expect(after.facts?.number == before?.facts?.number && after.facts?.blankSerial == before?.facts?.blankSerial)
        // what counts cards by their keys sees those of the new layout, too
        var made: [CardReference: String] = [:]
        try registry.forEachMadeCard { made[$0.reference] = $0.facts.layout }
        #expect(made == [card: "area-2.0", other: "national-3.0"])
        #expect(try registry.making(of: card)?.facts.layout == "area-2.0")
        #expect(try registry.canonicalDumpHash() != hash)
    }

    @Test func followedAnewTheLogSaysTheSame() throws {
        let office = Office()
        let hash: [UInt8]
        let card: CardReference
        do {
            let registry = try office.open()
            card = try registry.issueCard(1, for: try Office.person(11))
            try registry.record(Self.migrated, on: card, handledBy: Self.shown)
            try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
            hash = try registry.canonicalDumpHash()
            #expect(try registry.verify().isGood)
            #expect(try registry.rebuild() == hash)
            #expect(try layout(registry, card) == ["area-2.0", "fmcos-ssse-area"])
        }
        let registry = try office.open()
        #expect(try layout(registry, card) == ["area-2.0", "fmcos-ssse-area"])
        #expect(try registry.canonicalDumpHash() == hash)
    }

    /// The chip is what it is: it is told of a card that was reported lost or that has ended meanwhile, by whoever works with chips.
    @Test func itIsToldOfEveryCardByWhoeverHasItInTheReader() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.makeCard(1, for: try Office.person(11))
        let keeper = Handling(
            by: Officer(number: 1004, role: .stockKeeper), second: Office.teller.second, proofs: Office.everyProof)
        office.passDays(400)
        try registry.record(.unclaimed, on: card, handledBy: keeper)
        #expect(try registry.card(card)?.state.social.isEnded == true)
        #expect(throws: RegistryError.self) {
            try registry.record(Self.migrated, on: card, handledBy: Office.personalizer)
        }
        #expect(throws: RegistryError.self) { try registry.record(Self.migrated, on: card, handledBy: keeper) }
        try registry.record(Self.migrated, on: card, handledBy: Self.shown)
        #expect(try layout(registry, card) == ["area-2.0", "fmcos-ssse-area"])
    }

    /// Until schema 11 nobody told the registry: its log holds no such event, and says what it said.
    @Test func aRegistryOfAnOlderProgramStaysAsItIs() throws {
        let office = Office()
        let hash: [UInt8]
        do {
            let registry = try office.open()
            try registry.issueCard(1, for: try Office.person(11))
            hash = try registry.canonicalDumpHash()
        }
        let file = try DatabaseQueue(path: office.path + "/registry.sqlite")
        try file.write { try $0.execute(sql: DividedCardsTests.asBefore + "PRAGMA user_version = 11") }
        try file.close()
        do {
            let registry = try office.open()
            #expect(try registry.canonicalDumpHash() == hash)
            #expect(try registry.verify().isGood)
        }
        // an older program, which cannot read what may be recorded from now on, refuses it
        let opened = try DatabaseQueue(path: office.path + "/registry.sqlite")
        #expect(try opened.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 13)
    }
}
