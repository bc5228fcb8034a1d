import Foundation
import GRDB
import Lifecycle

/// The table `applications`.
enum ApplicationTable {
    private static let columns =
        "identifier, person, kind, way, channel, batch, entered_by, state, card, last_sequence, renewal"

    static func find(_ identifier: EventIdentifier, in database: Database) throws -> Application? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM applications WHERE identifier = ?")
        return try Row.fetchOne(statement, arguments: [Data(identifier.bytes)]).map(read)
    }

    /// The newest event of an application; nil when there is no such application.
    static func newestEvent(of identifier: EventIdentifier, in database: Database) throws -> UInt64? {
        let statement = try database.cachedStatement(sql: "SELECT last_sequence FROM applications WHERE identifier = ?")
        return try Int64.fetchOne(statement, arguments: [Data(identifier.bytes)]).map { UInt64(bitPattern: $0) }
    }

    /// A person's applications, the newest first.
    static func find(person: PersonReference, in database: Database) throws -> [Application] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM applications WHERE person = ? ORDER BY last_sequence DESC")
        return try Row.fetchAll(statement, arguments: [Data(person.bytes)]).map(read)
    }

    /// The applications that stand in a state, the one that has waited longest first.
    static func find(state: ApplicationState, limit: Int, in database: Database) throws -> [Application] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM applications WHERE state = ? ORDER BY last_sequence LIMIT ?")
        return try Row.fetchAll(statement, arguments: [state.rawValue, max(limit, 0)]).map(read)
    }

    /// The applications of a batch in a state, the one that has waited longest first.
    static func find(batch: String, state: ApplicationState, limit: Int, in database: Database) throws -> [Application]
    {
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(columns) FROM applications WHERE state = ? AND batch = ? AND batch <> ''
                ORDER BY last_sequence LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [state.rawValue, batch, max(limit, 0)]).map(read)
    }

    /// How many stand in a state, all or one officer's.
    static func count(state: ApplicationState, enteredBy officer: UInt64?, in database: Database) throws -> Int {
        let (filter, arguments) = Self.filter(state, officer)
        let statement = try database.cachedStatement(sql: "SELECT count(*) FROM applications WHERE \(filter)")
        return try Int.fetchOne(statement, arguments: arguments) ?? 0
    }

    /// A piece of the list of a state, the one that has waited longest first, all or one officer's.
    static func find(
        state: ApplicationState, enteredBy officer: UInt64?, skipping skipped: Int, limit: Int, in database: Database
    ) throws -> [Application] {
        let (filter, arguments) = Self.filter(state, officer)
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM applications WHERE \(filter) ORDER BY last_sequence LIMIT ? OFFSET ?")
        return try Row.fetchAll(statement, arguments: arguments + [max(limit, 0), max(skipped, 0)]).map(read)
    }

    private static func filter(_ state: ApplicationState, _ officer: UInt64?) -> (String, StatementArguments) {
        guard let officer else { return ("state = ?", [state.rawValue]) }
        return ("state = ? AND entered_by = ?", [state.rawValue, Int64(bitPattern: officer)])
    }

    static func put(_ application: Application, sequence: UInt64, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO applications (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (identifier) DO UPDATE SET state = excluded.state, card = excluded.card,
                last_sequence = excluded.last_sequence
                """)
        let facts = application.facts
        try statement.execute(
            arguments: [
                Data(application.identifier.bytes), Data(facts.person.bytes), Int64(facts.kind.rawValue),
                Int64(facts.way.rawValue), Int64(facts.channel.rawValue), facts.batch,
                Int64(bitPattern: application.enteredBy), application.state.rawValue, application.card?.data,
                Int64(sequence), facts.renewal.map { Int64($0.rawValue) },
            ])
    }

    private static func read(_ row: Row) throws -> Application {
        func code<Code: RawRepresentable<UInt8>>(_ number: Int64) -> Code? {
            UInt8(exactly: number).flatMap(Code.init(rawValue:))
        }
        guard let identifier = EventIdentifier(bytes: Array(row[0] as Data)),
            let person = PersonReference(bytes: Array(row[1] as Data)),
            let kind: ApplicationFacts.Kind = code(row[2]), let way: ApplicationFacts.Way = code(row[3]),
            let channel: LossReport.Channel = code(row[4]), let state = ApplicationState(rawValue: row[7])
        else { throw RegistryError.inconsistent("application row") }
        return Application(
            identifier: identifier,
            facts: ApplicationFacts(
                person: person, kind: kind, way: way, channel: channel, batch: row[5],
                renewal: (row[10] as Int64?).flatMap(code)),
            enteredBy: UInt64(bitPattern: row[6] as Int64), state: state,
            card: (row[8] as Data?).flatMap { CardReference(bytes: Array($0)) })
    }
}

extension CardReference {
    /// The reference as a column holds it.
    var data: Data { Data(bytes) }
}
