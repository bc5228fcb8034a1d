import ByteText
import CardData
import Foundation
import GRDB
import Lifecycle

/// The table `cards`.
enum CardTable {
    private static let columns = """
        reference, number, person, layout, profile, area, issued, expires, plan, blank, physical, social, end_reason,
        restrictions, bank, successor, last_sequence
        """

    static func find(_ reference: CardReference, in database: Database) throws -> RegisteredCard? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM cards WHERE reference = ?")
        return try first(statement, [Data(reference.bytes)])
    }

    static func find(number: CardNumber, in database: Database) throws -> RegisteredCard? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM cards WHERE number = ?")
        return try first(statement, [number.text])
    }

    /// The states of the cards that were begun or made on these chips, the newest of each; chips without one are left out.
    static func states(onChips serials: ChipSerials, in database: Database) throws -> [[UInt8]: CardState] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM cards WHERE blank = ? ORDER BY last_sequence DESC LIMIT 1")
        var states: [[UInt8]: CardState] = [:]
        for serial in serials.serials { states[serial] = try first(statement, [Data(serial)])?.state }
        return states
    }

    /// The serial of the chip that a card was begun or made on; empty when nobody told it.
    static func chip(of reference: CardReference, in database: Database) throws -> [UInt8] {
        let statement = try database.cachedStatement(sql: "SELECT blank FROM cards WHERE reference = ?")
        return try Data.fetchOne(statement, arguments: [Data(reference.bytes)]).map { Array($0) } ?? []
    }

    /// The row is read where it lies: a copy of its columns would cost as much as the query, and every act begins with one.
    private static func first(_ statement: Statement, _ arguments: StatementArguments) throws -> RegisteredCard? {
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        return try rows.next().map(read)
    }

    /// A person's cards, the newest first.
    static func find(person: PersonReference, in database: Database) throws -> [RegisteredCard] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM cards WHERE person = ? ORDER BY last_sequence DESC, reference")
        return try Row.fetchAll(statement, arguments: [Data(person.bytes)]).map(read)
    }

    /// Whether the person has a card, other than this one, that is not ended.
    static func hasOtherCard(
        _ person: PersonReference, than reference: CardReference, in database: Database
    ) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM cards WHERE person = ? AND social < 2 AND reference <> ?")
        return try Row.fetchOne(statement, arguments: [Data(person.bytes), Data(reference.bytes)]) != nil
    }

    /// Whether the person has a card that is not ended.
    static func hasCard(_ person: PersonReference, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM cards WHERE person = ? AND social < 2")
        return try Row.fetchOne(statement, arguments: [Data(person.bytes)]) != nil
    }

    static func insert(_ card: RegisteredCard, number: CardNumber?, blank: [UInt8], in database: Database) throws {
        let facts = card.facts
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO cards (\(columns), status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                Data(card.reference.bytes), number?.text, facts.map { Data($0.person.bytes) }, facts?.layout,
                facts?.profile, facts?.area, facts?.issued.text, facts?.expires.text, facts.map { Data($0.planHash) },
                Data(blank), card.state.physical.rawValue, code(of: card.state.social),
                card.state.social.endReason?.rawValue, bytes(of: card.state.restrictions), card.state.bank.rawValue,
                card.successor.map { Data($0.bytes) }, Int64(card.lastSequence),
                Int64(card.state.shown.applicationStatus),
            ])
    }

    static func update(_ card: RegisteredCard, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE cards SET physical = ?, social = ?, end_reason = ?, restrictions = ?, bank = ?, status = ?,
                successor = ?, last_sequence = ? WHERE reference = ?
                """)
        try statement.execute(
            arguments: [
                card.state.physical.rawValue, code(of: card.state.social), card.state.social.endReason?.rawValue,
                bytes(of: card.state.restrictions), card.state.bank.rawValue,
                Int64(card.state.shown.applicationStatus), card.successor.map { Data($0.bytes) },
                Int64(card.lastSequence), Data(card.reference.bytes),
            ])
    }

    private static func code(of social: SocialFunction) -> Int64 {
        switch social {
        case .sealed: 0
        case .enabled: 1
        case .ended: 2
        }
    }

    /// Kind and opening event of each, in the order of the events.
    private static func bytes(of restrictions: Set<Restriction>) -> Data {
        Data(restrictions.sorted { $0.openedBy < $1.openedBy }.flatMap { [$0.kind.rawValue] + $0.openedBy.bytes })
    }

    /// Columns by their place in ``columns``: look-ups by name cost more than the query.
    private static func read(_ row: Row) throws -> RegisteredCard {
        guard let reference = CardReference(bytes: bytes(row[0])),
            let physical = PhysicalState(rawValue: row[10]), let social = social(row[11], reason: row[12]),
            let restrictions = restrictions(bytes(row[13])), let bank = BankMirror(rawValue: row[14])
        else { throw RegistryError.inconsistent("card row") }
        return RegisteredCard(
            reference: reference, facts: try facts(row),
            state: CardState(physical: physical, social: social, restrictions: restrictions, bank: bank),
            successor: (row[15] as Data?).flatMap { CardReference(bytes: Array($0)) },
            lastSequence: UInt64(row[16] as Int64))
    }

    private static func facts(_ row: Row) throws -> CardFacts? {
        guard let personBytes: Data = row[2] else { return nil }
        guard let person = PersonReference(bytes: Array(personBytes)), let number: String = row[1],
            let layout: String = row[3], let profile: String = row[4], let area: String = row[5],
            let issued: String = row[6], let expires: String = row[7]
        else { throw RegistryError.inconsistent("card row") }
        return CardFacts(
            number: try CardNumber(number), person: person, layout: layout, profile: profile, area: area,
            issued: try CardDate(issued), expires: try CardDate(expires), planHash: bytes(row[8]),
            blankSerial: bytes(row[9]))
    }

    private static func bytes(_ data: Data?) -> [UInt8] { data.map { Array($0) } ?? [] }

    private static func social(_ code: Int64, reason: Int64?) -> SocialFunction? {
        switch (code, reason) {
        case (0, nil): .sealed
        case (1, nil): .enabled
        case (2, let reason?): UInt8(exactly: reason).flatMap(EndReason.init(rawValue:)).map(SocialFunction.ended)
        default: nil
        }
    }

    private static func restrictions(_ bytes: [UInt8]) -> Set<Restriction>? {
        var reader = ByteReader(bytes)
        var found: Set<Restriction> = []
        while reader.remaining > 0 {
            guard let number: UInt8 = try? reader.takeInteger(), let kind = Restriction.Kind(rawValue: number),
                let event = try? EventIdentifier(reading: &reader)
            else { return nil }
            found.insert(Restriction(kind, openedBy: event))
        }
        return found
    }
}
