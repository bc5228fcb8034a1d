import Foundation
import GRDB
public import Lifecycle

/// A piece of stock: what it is, and whose.
public struct StockPiece: Hashable, Sendable {
    /// The chip's serial number.
    public let serial: [UInt8]
    /// What it is.
    public let kind: StockKind
    /// The number of the officer who answers for it.
    public let owner: UInt64
}

/// The tables `stock` and `days`: where every blank, finished card, spoiled card and PSAM is.
enum StockTable {
    static func find(_ serial: [UInt8], in database: Database) throws -> StockPiece? {
        let statement = try database.cachedStatement(sql: "SELECT serial, kind, owner FROM stock WHERE serial = ?")
        return try Row.fetchOne(statement, arguments: [Data(serial)]).map(read)
    }

    /// Who owns each of these pieces; those that are not in the book, or of another kind, are left out.
    static func owners(
        of serials: ChipSerials, kind: StockKind, in database: Database
    ) throws -> [[UInt8]: UInt64] {
        var owners: [[UInt8]: UInt64] = [:]
        for serial in serials.serials {
            if let piece = try find(serial, in: database), piece.kind == kind { owners[serial] = piece.owner }
        }
        return owners
    }

    /// An owner's pieces by kind.
    static func book(of owner: UInt64, in database: Database) throws -> [StockKind: Set<[UInt8]>] {
        let statement = try database.cachedStatement(sql: "SELECT serial, kind, owner FROM stock WHERE owner = ?")
        var book: [StockKind: Set<[UInt8]>] = [:]
        for piece in try Row.fetchAll(statement, arguments: [Int64(bitPattern: owner)]).map(read) {
            book[piece.kind, default: []].insert(piece.serial)
        }
        return book
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
            case .missed: try remove(serial, in: database)
            }
        }
    }

    /// What acts on cards do to the book; pieces that are not in it stay out of it.
    static func follow(
        _ act: Act, by officer: UInt64, blank: [UInt8]?, sequence: UInt64, in database: Database
    ) throws {
        switch act {
        case .personalized(let facts):
            try change(facts.blankSerial, to: .finished, owner: officer, sequence: sequence, in: database)
        case .spoiled(let spoilage):
            try change(spoilage.blankSerial, to: .spoiled, owner: officer, sequence: sequence, in: database)
        case .handedOver, .missing, .destroyed, .dispatched: if let blank { try remove(blank, in: database) }
        default: break
        }
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

    private static func change(
        _ serial: [UInt8], to kind: StockKind, owner: UInt64, sequence: UInt64, in database: Database
    ) throws {
        guard try find(serial, in: database) != nil else { return }
        try put(serial, kind, owner: owner, sequence: sequence, in: database)
    }

    private static func put(
        _ serial: [UInt8], _ kind: StockKind, owner: UInt64, sequence: UInt64, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO stock (serial, kind, owner, last_sequence) VALUES (?, ?, ?, ?)
                ON CONFLICT (serial) DO UPDATE SET kind = excluded.kind, owner = excluded.owner,
                last_sequence = excluded.last_sequence
                """)
        try statement.execute(
            arguments: [Data(serial), Int64(kind.rawValue), Int64(bitPattern: owner), Int64(sequence)])
    }

    private static func remove(_ serial: [UInt8], in database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM stock WHERE serial = ?").execute(arguments: [Data(serial)])
    }

    private static func read(_ row: Row) throws -> StockPiece {
        guard let kind = UInt8(exactly: row[1] as Int64).flatMap(StockKind.init(rawValue:)) else {
            throw RegistryError.inconsistent("stock row")
        }
        return StockPiece(serial: Array(row[0] as Data), kind: kind, owner: UInt64(bitPattern: row[2] as Int64))
    }
}
