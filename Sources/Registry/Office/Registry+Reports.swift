public import CardData
import Foundation
import GRDB
public import Lifecycle

/// Finished cards that nobody has collected.
public struct UncollectedCards: Sendable {
    /// How many were issued on each day, the oldest first.
    public let byIssueDate: [(issued: CardDate, count: Int)]
    /// The oldest of them.
    public let oldest: [RegisteredCard]

    /// All of them.
    public var count: Int { byIssueDate.reduce(0) { $0 + $1.count } }
}

/// What reports are made of.
extension Registry {
    /// Goes through the events of a stretch of time by the counter's own clock, the newest first, and holds none of them.
    ///
    /// The log is in the order of what was done; it is read from its end to where its latest time lies before the stretch, so that a clock
    /// that was set back, however far, hides nothing.
    ///
    /// - Parameters:
    ///   - start: the first millisecond of Unix time.
    ///   - end: the first one that does not belong any more.
    ///   - last: the place in the log after which no event is looked at, so that two goes see the same.
    ///   - kind: events of this kind alone; of every kind when nil.
    ///   - body: is given each event and whom it is about, as far as that can be told; false ends it.
    /// - Throws: `damaged` for an event that cannot be read, or the store's errors.
    public func forEachEvent(
        from start: UInt64, to end: UInt64, upTo last: UInt64 = .max, of kind: ActKind? = nil,
        _ body: (LoggedEvent, PersonReference?) -> Bool
    ) throws(RegistryError) {
        try reading { database in
            let ofKind = kind.map { " AND kind = \($0.rawValue)" } ?? ""
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT sequence, event FROM log WHERE sequence <= ?\(ofKind) ORDER BY sequence DESC"),
                arguments: [Int64(clamping: last)])
            var persons = PersonsOfEvents()
            while let row = try rows.next() {
                let bytes = Array(row[1] as Data)
                guard let event = try? Event(encoded: bytes) else {
                    throw RegistryError.damaged(sequence: UInt64(bitPattern: row[0] as Int64))
                }
                if event.latestWallMilliseconds < start { break }
                guard (start..<end).contains(event.wallMilliseconds) else { continue }
                guard let content = try? event.readBody() else {
                    throw RegistryError.damaged(sequence: UInt64(bitPattern: row[0] as Int64))
                }
                let logged = LoggedEvent(event: event, body: content, bytes: bytes)
                guard body(logged, try persons.person(of: logged, in: database)) else { break }
            }
        }
    }

    /// The cards that are made and wait to be handed over, and the oldest of them.
    public func uncollectedCards(_ limit: Int) throws(RegistryError) -> UncollectedCards {
        try reading { try CardTable.uncollected(limit, in: $0) }
    }
}

/// Whom events are about: of cards and applications looked up once, as long as they are not too many to remember.
private struct PersonsOfEvents {
    private var ofCards: [CardReference: PersonReference?] = [:]
    private var ofApplications: [EventIdentifier: PersonReference?] = [:]
    /// Some megabytes; beyond it they are asked for anew.
    private static let most = 50_000

    mutating func person(of logged: LoggedEvent, in database: Database) throws -> PersonReference? {
        switch logged.body.act {
        case .personRegistered(let sealed): return sealed.person
        case .personLookedUp(let person, _, _): return person
        case .submitted(let facts): return facts.person
        case .application(let application, _):
            if let known = ofApplications[application] { return known }
            let found = try ApplicationTable.find(application, in: database)?.facts.person
            if ofApplications.count >= Self.most { ofApplications = [:] }
            ofApplications[application] = .some(found)
            return found
        default:
            guard let card = logged.event.card else { return nil }
            if let known = ofCards[card] { return known }
            let found = try CardTable.find(card, in: database)?.facts?.person
            if ofCards.count >= Self.most { ofCards = [:] }
            ofCards[card] = .some(found)
            return found
        }
    }
}
