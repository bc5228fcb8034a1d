import CardData
import Foundation
import GRDB
public import Lifecycle

/// A card as the act of its making tells of it, with what became of it.
public struct MadeCard: Hashable, Sendable {
    /// Its identification code.
    public let reference: CardReference
    /// What was fixed when it was made, the versions of its keys among it; the layout is that which it has now.
    public let facts: CardFacts
    /// The counter that made it, and its act there.
    public let making: EventIdentifier
    /// When, by the counter's clock, Unix milliseconds.
    public let madeAt: UInt64
    /// Who made it.
    public let officer: UInt64
    /// Its state now.
    public let state: CardState
}

extension Registry {
    /// Every card that was made, the oldest first, a page at a time so that memory stays small.
    public func forEachMadeCard(_ body: (MadeCard) throws -> Void) throws {
        var after: UInt64 = 0
        while case let page = try madeCards(after: after, limit: 500), let last = page.last {
            for card in page { try body(card) }
            after = last.making.sequence
        }
    }

    /// The making of one card; nil when the log tells of none.
    public func making(of card: CardReference) throws(RegistryError) -> MadeCard? {
        try reading { database in
            var making: MadeCard?
            try LogReader.forEachEvent(of: card, in: database) { logged in
                guard case .personalized(let facts) = logged.body.act else { return true }
                making = try Self.made(logged.event, facts, in: database)
                return false
            }
            return making
        }
    }

    /// The making of the card that is on a chip, the newest where a chip was made twice; nil when the registry has none.
    public func making(onChip serial: [UInt8]) throws(RegistryError) -> MadeCard? {
        guard let card = try reference(onChip: serial) else { return nil }
        return try making(of: card)
    }

    /// The card that was begun or made on a chip, the newest where there are several; nil when the registry has none.
    public func reference(onChip serial: [UInt8]) throws(RegistryError) -> CardReference? {
        let reference = try reading { database in
            try Data.fetchOne(
                database, sql: "SELECT reference FROM cards WHERE blank = ? ORDER BY last_sequence DESC LIMIT 1",
                arguments: [Data(serial)])
        }
        return reference.flatMap { CardReference(bytes: Array($0)) }
    }

    private func madeCards(after sequence: UInt64, limit: Int) throws(RegistryError) -> [MadeCard] {
        try reading { database in
            let rows = try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT sequence, event FROM log WHERE kind = ? AND sequence > ? ORDER BY sequence LIMIT ?"),
                arguments: [Int64(ActKind.personalized.rawValue), Int64(clamping: sequence), limit])
            return try rows.compactMap { try Self.made($0, in: database) }
        }
    }

    private static func made(_ row: Row, in database: Database) throws -> MadeCard? {
        guard let event = try? Event(encoded: Array(row[1] as Data)),
            case .personalized(let facts)? = try? event.readBody().act
        else { throw RegistryError.damaged(sequence: UInt64(bitPattern: row[0] as Int64)) }
        return try made(event, facts, in: database)
    }

    private static func made(_ event: Event, _ facts: CardFacts, in database: Database) throws -> MadeCard {
        guard let reference = event.card, let card = try CardTable.find(reference, in: database) else {
            throw RegistryError.damaged(sequence: event.identifier.sequence)
        }
        return MadeCard(
            reference: reference,
            facts: card.facts.map { facts.migrated(layout: $0.layout, profile: $0.profile) } ?? facts,
            making: event.identifier, madeAt: event.wallMilliseconds, officer: event.officer, state: card.state)
    }
}
