import ByteText
import CardData
import GRDB
import Lifecycle

/// The tables `card_facts` and `card_states`; `cards` is both.
enum CardTable {
    private static let facts = """
        reference, number, person, layout, profile, area, issued, expires, plan, blank, social, end_reason
        """
    private static let states = "physical, restrictions, bank, status, successor, last_sequence"
    private static let columns = "card, \(facts), \(states)"
    private static let tables = "card_facts JOIN card_states USING (card)"

    static func find(_ reference: CardReference, in database: Database) throws -> RegisteredCard? {
        try database.first("SELECT \(columns) FROM \(tables) WHERE reference = ?", .bytes(reference.bytes), read: read)
    }

    static func find(number: CardNumber, in database: Database) throws -> RegisteredCard? {
        try database.first("SELECT \(columns) FROM \(tables) WHERE number = ?", .text(number.text), read: read)
    }

    /// The newest card that was begun or made on a chip; nil when there is none.
    static func newest(onChip serial: [UInt8], in database: Database) throws -> RegisteredCard? {
        try database.first(
            "SELECT \(columns) FROM \(tables) WHERE blank = ? ORDER BY last_sequence DESC LIMIT 1", .bytes(serial),
            read: read)
    }

    /// The states of the cards that were begun or made on these chips, the newest of each; chips without one are left out.
    static func states(onChips serials: ChipSerials, in database: Database) throws -> [[UInt8]: CardState] {
        var states: [[UInt8]: CardState] = [:]
        for serial in serials.serials {
            states[serial] = try newest(onChip: serial, in: database)?.state
        }
        return states
    }

    /// The serial of the chip that a card was begun or made on; empty when nobody told it.
    static func chip(of reference: CardReference, in database: Database) throws -> [UInt8] {
        try database.first("SELECT blank FROM card_facts WHERE reference = ?", .bytes(reference.bytes)) { $0.bytes(0) }
            ?? []
    }

    /// A person's cards, the newest first.
    static func find(person: PersonReference, in database: Database) throws -> [RegisteredCard] {
        var cards: [RegisteredCard] = []
        try database.forEachRow(
            "SELECT \(columns) FROM \(tables) WHERE person = ? ORDER BY last_sequence DESC, reference",
            .bytes(person.bytes)
        ) { row in
            cards.append(try read(row))
            return true
        }
        return cards
    }

    /// The person's card that is not ended; nil when they have none.
    static func inForce(of person: PersonReference, in database: Database) throws -> RegisteredCard? {
        try find(person: person, in: database).first { !$0.state.social.isEnded }
    }

    /// Whether the person has a card, other than this one, that is not ended.
    static func hasOtherCard(
        _ person: PersonReference, than reference: CardReference, in database: Database
    ) throws -> Bool {
        try database.first(
            "SELECT 1 FROM card_facts WHERE person = ? AND social < 2 AND reference <> ?", .bytes(person.bytes),
            .bytes(reference.bytes)
        ) { _ in true } ?? false
    }

    /// Whether the person has a card that is not ended.
    static func hasCard(_ person: PersonReference, in database: Database) throws -> Bool {
        try database.first("SELECT 1 FROM card_facts WHERE person = ? AND social < 2", .bytes(person.bytes)) { _ in true
        }
            ?? false
    }

    /// The sealed cards that are made and not with their holders.
    static func uncollected(_ limit: Int, in database: Database) throws -> UncollectedCards {
        let isWaiting = "person IS NOT NULL AND social = 0 AND physical IN (?, ?, ?)"
        let made = PhysicalState.personalized.rawValue
        let (sent, arrived) = (PhysicalState.inTransit.rawValue, PhysicalState.awaitingCollection.rawValue)
        let counts = try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT issued, count(*) FROM cards WHERE \(isWaiting) GROUP BY issued ORDER BY issued"),
            arguments: [made, sent, arrived])
        var oldest: [RegisteredCard] = []
        try database.forEachRow(
            "SELECT \(columns) FROM \(tables) WHERE \(isWaiting) ORDER BY issued, last_sequence LIMIT ?", .text(made),
            .text(sent), .text(arrived), .integer(Int64(limit))
        ) { row in
            oldest.append(try read(row))
            return true
        }
        return UncollectedCards(
            byIssueDate: try counts.map { (try CardDate($0[0] as String), $0[1] as Int) }, oldest: oldest)
    }

    static func insert(
        _ reference: CardReference, _ facts: CardFacts?, _ state: CardState, _ successor: CardReference?,
        _ lastSequence: UInt64, number: CardNumber?, blank: [UInt8], in database: Database
    ) throws {
        try database.run(
            "INSERT INTO card_facts (\(Self.facts)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            .bytes(reference.bytes), .text(number?.text), .bytes(facts?.person.bytes), .text(facts?.layout),
            .text(facts?.profile), .text(facts?.area), .text(facts?.issued.text), .text(facts?.expires.text),
            .bytes(facts?.planHash), .bytes(blank), .integer(code(of: state.social)),
            .code(state.social.endReason?.rawValue))
        try database.run(
            "INSERT INTO card_states (card, \(states)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            .integer(database.lastInsertedRowID), .text(state.physical.rawValue),
            .bytes(bytes(of: state.restrictions)), .text(state.bank.rawValue), .code(state.shown.applicationStatus),
            .bytes(successor?.bytes), .integer(Int64(lastSequence)))
    }

    /// - Parameter before: the rows as they stand.
    static func update(_ card: RegisteredCard, before: RegisteredCard, in database: Database) throws {
        let state = card.state
        let row = StoredValue.integer(before.fixed.row)
        if state.social.isEnded, !before.state.social.isEnded {
            try database.run(
                "UPDATE card_facts SET social = ?, end_reason = ? WHERE card = ?", .integer(code(of: state.social)),
                .code(state.social.endReason?.rawValue), row)
        } else if state.social != before.state.social {
            // Without the reason of an end, at which the indexes look that only an end changes.
            try database.run("UPDATE card_facts SET social = ? WHERE card = ?", .integer(code(of: state.social)), row)
        }
        if card.fixed !== before.fixed, let facts = card.facts {
            try database.run(
                "UPDATE card_facts SET layout = ?, profile = ? WHERE card = ?", .text(facts.layout),
                .text(facts.profile), row)
        }
        // Every column, so that none is read but what the index of restricted cards asks for.
        try database.run(
            """
            UPDATE card_states SET physical = ?, restrictions = ?, bank = ?, status = ?, successor = ?, last_sequence = ?
            WHERE card = ?
            """,
            .text(state.physical.rawValue), .bytes(bytes(of: state.restrictions)), .text(state.bank.rawValue),
            .code(state.shown.applicationStatus), .bytes(card.successor?.bytes), .integer(Int64(card.lastSequence)),
            row)
    }

    /// Whether every card has its row in both tables, and neither has one besides, which no view would show; true for the one table of an
    /// older program.
    static func isOneRowOfEach(in database: Database) throws -> Bool {
        guard try database.tableExists("card_facts") else { return true }
        return try Bool.fetchOne(
            database,
            sql: """
                SELECT (SELECT count(*) FROM card_facts) = cards AND (SELECT count(*) FROM card_states) = cards
                FROM (SELECT count(*) AS cards FROM cards)
                """) ?? false
    }

    private static func code(of social: SocialFunction) -> Int64 {
        switch social {
        case .sealed: 0
        case .enabled: 1
        case .ended: 2
        }
    }

    /// Kind and opening event of each, in the order of the events.
    private static func bytes(of restrictions: Set<Restriction>) -> [UInt8] {
        var bytes: [UInt8] = []
        guard !restrictions.isEmpty else { return bytes }
        for restriction in restrictions.sorted(by: { $0.openedBy < $1.openedBy }) {
            bytes.append(restriction.kind.rawValue)
            bytes += restriction.openedBy.bytes
        }
        return bytes
    }

    /// Columns by their place in ``columns``.
    private static func read(_ row: StoredRow) throws -> RegisteredCard {
        guard let reference = CardReference(bytes: row.bytes(1)), let physical = PhysicalState(rawValue: row.text(13)),
            let social = social(row.integer(11), reason: row.isNull(12) ? nil : row.integer(12)),
            let restrictions = restrictions(row.bytes(14)), let bank = BankMirror(rawValue: row.text(15))
        else { throw RegistryError.inconsistent("card row") }
        return RegisteredCard(
            FixedCard(reference, try facts(row), row: row.integer(0)),
            state: CardState(physical: physical, social: social, restrictions: restrictions, bank: bank),
            successor: row.isNull(17) ? nil : CardReference(bytes: row.bytes(17)),
            lastSequence: UInt64(clamping: row.integer(18)))
    }

    private static func facts(_ row: StoredRow) throws -> CardFacts? {
        guard !row.isNull(3) else { return nil }
        guard let person = PersonReference(bytes: row.bytes(3)) else { throw RegistryError.inconsistent("card row") }
        return CardFacts(
            number: try CardNumber(row.text(2)), person: person, layout: row.text(4), profile: row.text(5),
            area: row.text(6), issued: try CardDate(row.text(7)), expires: try CardDate(row.text(8)),
            planHash: row.bytes(9), blankSerial: row.bytes(10))
    }

    private static func social(_ code: Int64, reason: Int64?) -> SocialFunction? {
        switch (code, reason) {
        case (0, nil): .sealed
        case (1, nil): .enabled
        case (2, let reason?): UInt8(exactly: reason).flatMap(EndReason.init(rawValue:)).map(SocialFunction.ended)
        default: nil
        }
    }

    /// What restricts a card, as its row has it; nil for what is no such list.
    static func restrictions(_ bytes: [UInt8]) -> Set<Restriction>? {
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
