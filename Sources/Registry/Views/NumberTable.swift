import CardData
import GRDB

/// The state of a card number in the pool (card.md §1.8); 00 free numbers have no row.
public enum CardNumberState: Int64, Hashable, Sendable {
    /// 01: taken for a making that has not ended.
    case reserved = 1
    /// 02: on a card.
    case used = 2
    /// 03: on a spoiled card; never given out again, for it may stand on the plastic.
    case locked = 3
    /// 暂不发: it may stand on a card of a stretch of the log that is lost; not given out, but taken by the card that names it.
    case withheld = 4
}

/// The table `numbers`.
enum NumberTable {
    static func state(of number: CardNumber, in database: Database) throws -> CardNumberState? {
        try database.first("SELECT state FROM numbers WHERE number = ?", .text(number.text)) { $0.integer(0) }
            .flatMap(CardNumberState.init(rawValue:))
    }

    static func reserved(for journal: String, in database: Database) throws -> CardNumber? {
        try database.first("SELECT number FROM numbers WHERE journal = ?", .text(journal)) {
            try CardNumber($0.text(0))
        }
    }

    /// A number's state; the journal it was reserved for stays with it.
    static func put(
        _ number: CardNumber, _ state: CardNumberState, journal: String? = nil, in database: Database
    ) throws {
        try database.run(
            """
            INSERT INTO numbers (number, state, journal) VALUES (?, ?, ?)
            ON CONFLICT (number) DO UPDATE SET state = excluded.state,
            journal = coalesce(excluded.journal, journal)
            """, .text(number.text), .integer(state.rawValue), .text(journal))
    }

    /// Gives out no free number of a range any more.
    static func withhold(_ range: CardNumberRange, in database: Database) throws {
        for place in 0..<range.count {
            guard let number = range.number(at: place) else { return }
            try database.run(
                "INSERT INTO numbers (number, state) VALUES (?, ?) ON CONFLICT (number) DO NOTHING",
                .text(number.text), .integer(CardNumberState.withheld.rawValue))
        }
    }

    /// How many cards were made, spoiled or begun with numbers of a range.
    ///
    /// A number that is reserved for another chip counts as one that was begun: what stands half done may be finished, and what is left
    /// for new cards must not count on it.
    ///
    /// - Parameter number: the one that is asked for, which does not count itself.
    static func made(in range: CardNumberRange, besides number: CardNumber, in database: Database) throws -> Int {
        guard let first = range.number(at: 0), let last = range.number(at: range.count - 1) else { return 0 }
        let statement = try database.cachedStatement(
            sql: "SELECT count(*) FROM numbers WHERE number BETWEEN ? AND ? AND number <> ?")
        return try Int.fetchOne(statement, arguments: [first.text, last.text, number.text]) ?? 0
    }

    /// The first number of a range that has a row; nil when all are free.
    static func firstTaken(in range: CardNumberRange, in database: Database) throws -> CardNumber? {
        guard let first = range.number(at: 0), let last = range.number(at: range.count - 1) else { return nil }
        let taken = try String.fetchCursor(
            database.cachedStatement(sql: "SELECT number FROM numbers WHERE number BETWEEN ? AND ? ORDER BY number"),
            arguments: [first.text, last.text])
        while let text = try taken.next() {
            // Numbers with letters among their eight characters may stand between.
            let number = try CardNumber(text)
            if range.contains(number) { return number }
        }
        return nil
    }

    /// The place of the first free number of a range at or after a place; nil when none is left.
    ///
    /// Numbers sort like their serials, because the check character stands last, so the taken ones are walked along
    /// beside the range.
    static func firstFree(in range: CardNumberRange, from start: Int, in database: Database) throws -> Int? {
        guard let first = range.number(at: start) else { return nil }
        let statement = try database.cachedStatement(
            sql: "SELECT number FROM numbers WHERE number >= ? ORDER BY number")
        let taken = try String.fetchCursor(statement, arguments: [first.text])
        var index = start
        var candidate: CardNumber? = first
        while let wanted = candidate {
            // Numbers with letters among their eight characters are nobody's in this range, but may stand between.
            var next = try taken.next()
            while let text = next, text < wanted.text { next = try taken.next() }
            guard next == wanted.text else { return index }
            index += 1
            candidate = range.number(at: index)
        }
        return nil
    }
}
