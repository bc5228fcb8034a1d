public import CardData
import Foundation
import GRDB
public import Lifecycle

/// What the views and the log say.
extension Registry {
    /// The card with this identification code; nil when the registry has none.
    public func card(_ reference: CardReference) throws(RegistryError) -> RegisteredCard? {
        try reading { try CardTable.find(reference, in: $0) }
    }

    /// The card with this identification code; nil when the registry has none.
    public func card(identificationCode: IdentificationCode) throws(RegistryError) -> RegisteredCard? {
        try card(CardReference(identificationCode))
    }

    /// The card with this number; nil when the registry has none.
    public func card(number: CardNumber) throws(RegistryError) -> RegisteredCard? {
        try reading { try CardTable.find(number: number, in: $0) }
    }

    /// A person's cards, the one with the newest event first.
    public func cards(of person: PersonReference) throws(RegistryError) -> [RegisteredCard] {
        try reading { try CardTable.find(person: person, in: $0) }
    }

    /// The person's card that is not ended; there is at most one.
    public func activeCard(of person: PersonReference) throws(RegistryError) -> RegisteredCard? {
        try cards(of: person).first { !$0.state.social.isEnded }
    }

    /// The reference by which acts name a person, whether the registry knows the person or not; tells nothing, so it is
    /// no event.
    public func reference(of number: SocialSecurityNumber) throws(RegistryError) -> PersonReference {
        try sealing.reference(of: number)
    }

    /// The state of a card number in the pool; nil when it is free.
    public func state(of number: CardNumber) throws(RegistryError) -> CardNumberState? {
        try reading { try NumberTable.state(of: number, in: $0) }
    }

    /// The number that was reserved for a chip, named as when it was reserved; nil when there was none.
    public func number(reservedFor chip: String) throws(RegistryError) -> CardNumber? {
        try reading { try NumberTable.reserved(for: chip, in: $0) }
    }

    /// The events about a card, the oldest first.
    public func events(of card: CardReference) throws(RegistryError) -> [LoggedEvent] {
        try reading { database in
            var events: [LoggedEvent] = []
            try LogReader.forEachEvent(of: card, in: database) { event in
                events.append(event)
                return true
            }
            return events.reversed()
        }
    }

    /// The steps of applications of one kind that have these bytes somewhere, the oldest first; every step of the kind is gone through.
    func steps(of kind: ActKind, holding bytes: [UInt8]) throws(RegistryError) -> [LoggedEvent] {
        try reading { database in
            let sql = """
                SELECT sequence, event FROM log WHERE \(RegistrySchema.isStep) AND kind = \(kind.rawValue)
                AND instr(event, ?) > 0 ORDER BY sequence
                """
            return try Self.read(Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [Data(bytes)]))
        }
    }

    /// The steps of applications in a stretch of the log that have these bytes somewhere, the oldest first.
    func steps(
        between places: ClosedRange<UInt64>, holding bytes: [UInt8]
    ) throws(RegistryError) -> [LoggedEvent] {
        try reading { database in
            let sql = """
                SELECT sequence, event FROM log WHERE \(RegistrySchema.isOfStepKinds) AND sequence BETWEEN ? AND ?
                AND instr(event, ?) > 0 ORDER BY sequence
                """
            return try Self.read(
                Row.fetchCursor(
                    database.cachedStatement(sql: sql),
                    arguments: [Int64(clamping: places.lowerBound), Int64(clamping: places.upperBound), Data(bytes)]))
        }
    }

    /// The event with this hash, which the next one carries; nil when the log has none.
    ///
    /// The first call goes through the whole log, later ones through what came since.
    public func event(hashed hash: [UInt8]) throws(RegistryError) -> EventIdentifier? {
        try reading { database in
            try self.hashes.place(of: hash, in: database).map {
                EventIdentifier(counter: self.counter, sequence: $0)
            }
        }
    }

    /// A part of the log, from a sequence on, the oldest first.
    public func log(from sequence: UInt64 = 1, limit: Int = 100) throws(RegistryError) -> [LoggedEvent] {
        try reading { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT sequence, event FROM log WHERE sequence >= ? ORDER BY sequence LIMIT ?"),
                arguments: [Int64(clamping: sequence), max(limit, 0)])
            return try Self.read(rows)
        }
    }

    /// The newest acts, in the log's order.
    public func newest(_ limit: Int) throws(RegistryError) -> [LoggedEvent] {
        try reading { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(sql: "SELECT sequence, event FROM log ORDER BY sequence DESC LIMIT ?"),
                arguments: [max(limit, 0)])
            return try Self.read(rows).reversed()
        }
    }

    private static func read(_ rows: RowCursor) throws -> [LoggedEvent] {
        var events: [LoggedEvent] = []
        while let row = try rows.next() {
            let bytes = Array(row[1] as Data)
            guard let event = try? Event(encoded: bytes), let body = try? event.readBody() else {
                throw RegistryError.damaged(sequence: UInt64(bitPattern: row[0] as Int64))
            }
            events.append(LoggedEvent(event: event, body: body, bytes: bytes))
        }
        return events
    }
}
