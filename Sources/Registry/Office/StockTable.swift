import CardData
import Foundation
import GRDB
import Lifecycle

/// The tables `stock` and `days`: where every blank, finished card, spoiled card and PSAM is.
enum StockTable {
    static func find(_ serial: [UInt8], in database: Database) throws -> StockPiece? {
        let statement = try database.cachedStatement(
            sql: "SELECT serial, kind, owner, terminal FROM stock WHERE serial = ?")
        return try Row.fetchOne(statement, arguments: [Data(serial)]).map(read)
    }

    /// Those of these pieces that are in the book, of whatever kind.
    static func find(_ serials: ChipSerials, in database: Database) throws -> [StockPiece] {
        try serials.serials.compactMap { try find($0, in: database) }
    }

    /// The pieces of the book that are named by another form of these serials: a whole number where its end is given, and the other way
    /// round.
    static func otherForms(of serials: ChipSerials, in database: Database) throws -> [StockPiece] {
        let statement = try database.cachedStatement(
            sql: "SELECT serial, kind, owner, terminal FROM stock WHERE length(serial) = 13 AND substr(serial, 8) = ?")
        return try serials.serials.flatMap { serial -> [StockPiece] in
            let start = ChipSerials.ownNumberStart(of: serial)
            if start > 0 { return try [find(Array(serial[start...]), in: database)].compactMap(\.self) }
            // The end of a whole number has six bytes (card.md §2.7).
            guard serial.count == 6 else { return [] }
            return try Row.fetchAll(statement, arguments: [Data(serial)]).map(read)
        }
    }

    /// An owner's pieces by kind.
    static func book(of owner: UInt64, in database: Database) throws -> [StockKind: Set<[UInt8]>] {
        let statement = try database.cachedStatement(
            sql: "SELECT serial, kind, owner, terminal FROM stock WHERE owner = ?")
        var book: [StockKind: Set<[UInt8]>] = [:]
        for piece in try Row.fetchAll(statement, arguments: [Int64(bitPattern: owner)]).map(read) {
            book[piece.kind, default: []].insert(piece.serial)
        }
        return book
    }

    /// The numbers of the cards that an owner's pieces have become, blanks and PSAMs left out.
    static func cardNumbers(of owner: UInt64, in database: Database) throws -> [[UInt8]: CardNumber] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT stock.serial, cards.number FROM stock CROSS JOIN cards ON cards.blank = stock.serial
                WHERE stock.owner = ? AND stock.kind NOT IN (?, ?, ?) ORDER BY cards.last_sequence
                """)
        let others = [StockKind.blank, .securityModule, .installed].map { Int64($0.rawValue) }
        var numbers: [[UInt8]: CardNumber] = [:]
        for row in try Row.fetchAll(
            statement, arguments: StatementArguments([Int64(bitPattern: owner)] + others))
        {
            numbers[Array(row[0] as Data)] = try (row[1] as String?).map { text throws(Faults) in try CardNumber(text) }
        }
        return numbers
    }

    /// The pieces that are built into terminals, terminal by terminal.
    static func installed(in database: Database) throws -> [StockPiece] {
        let statement = try database.cachedStatement(
            sql: "SELECT serial, kind, owner, terminal FROM stock WHERE kind = ? ORDER BY terminal, serial")
        return try Row.fetchAll(statement, arguments: [Int64(StockKind.installed.rawValue)]).map(read)
    }

    /// How many pieces of each kind each owner has.
    static func counts(in database: Database) throws -> [(owner: UInt64, kind: StockKind, count: Int)] {
        try Row.fetchAll(
            database, sql: "SELECT owner, kind, count(*) FROM stock GROUP BY owner, kind ORDER BY owner, kind"
        ).map { row in
            guard let kind = UInt8(exactly: row[1] as Int64).flatMap(StockKind.init(rawValue:)) else {
                throw RegistryError.inconsistent("stock row")
            }
            return (UInt64(bitPattern: row[0] as Int64), kind, row[2])
        }
    }

    static func follow(_ move: StockMove, by officer: UInt64, sequence: UInt64, in database: Database) throws {
        let (kind, serials) = move.pieces
        for serial in serials.serials {
            switch move {
            case .received: try put(serial, kind, owner: officer, sequence: sequence, in: database)
            case .handedOver(_, _, _, let taker):
                try put(serial, kind, owner: taker, sequence: sequence, in: database)
            case .missed, .destroyed, .returned: try remove(serial, in: database)
            case .installed(_, let terminal):
                try put(serial, .installed, owner: officer, inside: terminal, sequence: sequence, in: database)
            case .takenOut: try put(serial, kind, owner: officer, sequence: sequence, in: database)
            }
        }
    }

    /// What acts on cards do to the book: a blank that is not in it stays out of it, and a card that comes back into the office is the
    /// officer's who took it.
    static func follow(
        _ act: Act, by officer: UInt64, on card: CardReference, standing: RegisteredCard?, sequence: UInt64,
        in database: Database, log: Database
    ) throws {
        func takeIn(_ kind: StockKind, owner: UInt64 = officer) throws {
            guard let chip = try chip(of: card, standing, in: database) else { return }
            try put(chip, kind, owner: owner, sequence: sequence, in: database)
        }
        func giveOut() throws {
            guard let chip = try chip(of: card, standing, in: database) else { return }
            try remove(chip, in: database)
        }
        // On its way it is still somebody's.
        func send(by sender: UInt64 = officer) throws {
            guard let chip = try chip(of: card, standing, in: database) else { return }
            try change(chip, to: .inTransit, owner: sender, sequence: sequence, in: database)
        }
        switch act {
        case .personalized(let facts):
            try change(facts.blankSerial, to: .finished, owner: officer, sequence: sequence, in: database)
        // Whoever notes it, the piece stays with the officer who answers for it.
        case .spoiled(let spoilage):
            try change(spoilage.blankSerial, to: .spoiled, owner: nil, sequence: sequence, in: database)
        case .handedOver, .givenBack, .missing, .destroyed: try giveOut()
        case .dispatched: try send()
        case .arrived: try takeIn(.finished)
        case .recovered: try takeIn(standing?.state.social.isEnded == true ? .spoiled : .finished)
        case .replaced(_, let reason):
            if standing?.state.physical == .recovered {
                // It is in the office already, and stays with whoever answers for it.
                guard let chip = try chip(of: card, standing, in: database) else { return }
                try change(chip, to: .spoiled, owner: nil, sequence: sequence, in: database)
            } else if reason != .lost {
                try takeIn(.spoiled)
            }
        case .corrected(let correction):
            switch correction.kind {
            // What was never given away is where it was: with whoever had it, and not with who puts the error right.
            case .handedOver, .dispatched, .givenBack:
                try takeIn(.finished, owner: self.officer(of: correction.event, in: log) ?? officer)
            case .arrived: try send(by: sender(of: card, before: correction.event, in: log) ?? officer)
            case .recovered:
                if correction.goesBackTo == .inTransit {
                    try send(by: sender(of: card, before: correction.event, in: log) ?? officer)
                } else {
                    try giveOut()
                }
            default: break
            }
        default: break
        }
    }

    /// Who entered an event of this log; nil when it is not in it.
    private static func officer(of event: EventIdentifier, in database: Database) throws -> UInt64? {
        let statement = try database.cachedStatement(sql: "SELECT event FROM log WHERE sequence = ?")
        let bytes = try Data.fetchOne(statement, arguments: [Int64(clamping: event.sequence)])
        guard let found = bytes.flatMap({ try? Event(encoded: Array($0)) }), found.identifier == event else {
            return nil
        }
        return found.officer
    }

    /// Who sent a card out that arrived, or was found, by an event.
    private static func sender(
        of card: CardReference, before arrival: EventIdentifier, in database: Database
    ) throws -> UInt64? {
        var sender: UInt64?
        try LogReader.forEachEvent(of: card, from: arrival.sequence, in: database) { logged in
            if case .dispatched = logged.body.act { sender = logged.event.officer }
            return sender == nil
        }
        return sender
    }

    /// The chip that a card is on; nil when nobody told it.
    static func chip(
        of card: CardReference, _ standing: RegisteredCard?, in database: Database
    ) throws -> [UInt8]? {
        let chip = try standing?.facts?.blankSerial ?? CardTable.chip(of: card, in: database)
        return chip.isEmpty ? nil : chip
    }

    /// A day that is closed once more is closed by the later count.
    static func close(_ count: DayCount, sequence: UInt64, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO days (day, owner, sequence) VALUES (?, ?, ?)
                ON CONFLICT (day, owner) DO UPDATE SET sequence = excluded.sequence
                """)
        try statement.execute(
            arguments: [Int64(count.day), Int64(bitPattern: count.owner), Int64(sequence)])
    }

    /// The newest day, this one or later, that an officer has closed; nil when there is none.
    static func closedDay(of owner: UInt64, since day: UInt32, in database: Database) throws -> UInt32? {
        let statement = try database.cachedStatement(
            sql: "SELECT max(day) FROM days WHERE owner = ? AND day >= ?")
        let found = try Int64.fetchOne(statement, arguments: [Int64(bitPattern: owner), Int64(day)])
        return found.map { UInt32(truncatingIfNeeded: $0) }
    }

    /// The days that were closed in a stretch of days.
    static func closings(in days: ClosedRange<UInt32>, in database: Database) throws -> [DayClosing] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT day, owner, sequence FROM days WHERE day BETWEEN ? AND ? ORDER BY sequence",
            arguments: [Int64(days.lowerBound), Int64(days.upperBound)])
        return rows.map { row in
            DayClosing(
                day: UInt32(truncatingIfNeeded: row[0] as Int64), owner: UInt64(bitPattern: row[1] as Int64),
                sequence: UInt64(bitPattern: row[2] as Int64))
        }
    }

    private static func change(
        _ serial: [UInt8], to kind: StockKind, owner: UInt64?, sequence: UInt64, in database: Database
    ) throws {
        guard let piece = try find(serial, in: database) else { return }
        try put(serial, kind, owner: owner ?? piece.owner, sequence: sequence, in: database)
    }

    private static func put(
        _ serial: [UInt8], _ kind: StockKind, owner: UInt64, inside terminal: TerminalNumber? = nil, sequence: UInt64,
        in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO stock (serial, kind, owner, last_sequence, terminal) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (serial) DO UPDATE SET kind = excluded.kind, owner = excluded.owner,
                last_sequence = excluded.last_sequence, terminal = excluded.terminal
                """)
        try statement.execute(
            arguments: [
                Data(serial), Int64(kind.rawValue), Int64(bitPattern: owner), Int64(sequence), terminal?.text ?? "",
            ])
    }

    private static func remove(_ serial: [UInt8], in database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM stock WHERE serial = ?").execute(arguments: [Data(serial)])
    }

    private static func read(_ row: Row) throws -> StockPiece {
        guard let kind = UInt8(exactly: row[1] as Int64).flatMap(StockKind.init(rawValue:)) else {
            throw RegistryError.inconsistent("stock row")
        }
        return StockPiece(
            serial: Array(row[0] as Data), kind: kind, owner: UInt64(bitPattern: row[2] as Int64),
            terminal: try? TerminalNumber(row[3] as String))
    }
}
