import CardData
import Foundation
import GRDB
public import Lifecycle

/// What the days of the policy have ended, and what the rules refused meanwhile.
public struct DaysEnded: Hashable, Sendable {
    /// Temporary losses whose days are over.
    public internal(set) var losses = 0
    /// Holds past their last day.
    public internal(set) var holds = 0
    /// Cards past their last day.
    public internal(set) var expired = 0
    /// Acts that were refused; the next time they are tried again.
    public internal(set) var refused = 0

    /// Nothing yet.
    public init() {}
}

/// 到期: temporary losses that have run out, holds and cards past their last day, where the city gives the counter the upper tier's acts.
///
/// The centre alone counts days wherever there is one: then nothing is done here.
extension Registry {
    /// Nobody's number: no person does what the days do.
    private static let timer = Handling(by: Officer(number: 0, role: .timer))

    /// Ends what is over at a moment, an event each, as a timer of the counter's.
    ///
    /// - Parameter now: Unix milliseconds; by a clock that went back nothing ends.
    public func endWhatIsOver(at now: UInt64) throws(RegistryError) -> DaysEnded {
        var ended = DaysEnded()
        guard policy.upperTier == .counter, try !isClockBack(at: now) else { return ended }
        let today: CardDate
        do {
            today = try CardDate(atMilliseconds: now)
        } catch {
            throw .inconsistent("date of \(now)")
        }
        let perhapsOver = try reading { database in
            let cards = try CardTable.restricted(in: database)
            let expired = try CardTable.expired(before: today, in: database)
            return cards + expired.filter { $0.state.restrictions.isEmpty }
        }
        for card in perhapsOver {
            let entries = try entries(ending: card, at: now, on: today)
            guard !entries.isEmpty else { continue }
            do throws(RegistryError) {
                // What somebody has done with the card since it was looked at comes first.
                try record(entries.expecting(card.lastSequence))
                let holds = entries.count { $0.act.endsHold(of: card) }
                ended.holds += holds
                ended.losses += entries.count { $0.act.kind == .ranOut } - holds
                ended.expired += entries.count { $0.act.kind == .expired }
            } catch {
                guard error.leavesTheOthers else { throw error }
                ended.refused += entries.count
            }
        }
        return ended
    }

    /// The cards whose hold is past its last day, wherever the days are counted.
    ///
    /// - Parameters:
    ///   - now: Unix milliseconds; by a clock that went back none is.
    ///   - most: no more are told.
    public func holdsOver(at now: UInt64, most: Int) throws(RegistryError) -> [CardReference] {
        guard try !isClockBack(at: now) else { return [] }
        let today: CardDate
        do {
            today = try CardDate(atMilliseconds: now)
        } catch {
            throw .inconsistent("date of \(now)")
        }
        var found: [CardReference] = []
        for card in try reading({ try CardTable.restricted(in: $0) }) where found.count < most {
            for restriction in card.state.openRestrictions where restriction.kind == .hold {
                if let until = try lastDay(of: restriction), until < today {
                    found.append(card.reference)
                    break
                }
            }
        }
        return found
    }

    /// Whether the log shows a later time, and not that this was a clock that was ahead.
    ///
    /// A later event counts until a day has passed since in the order of the log, as with the PINs of a day: until an event behind it
    /// bears a day before today.
    private func isClockBack(at now: UInt64) throws(RegistryError) -> Bool {
        let today = DayTally.day(of: now)
        return try reading { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(sql: "SELECT event FROM log ORDER BY sequence DESC"))
            while let row = try rows.next() {
                guard let event = try? Event(encoded: Array(row[0] as Data)) else { continue }
                // Hybrid time never falls: before it there is nothing later.
                if event.latestWallMilliseconds <= now { return false }
                if event.wallMilliseconds > now { return true }
                if DayTally.day(of: event.wallMilliseconds) < today { return false }
            }
            return false
        }
    }

    /// From when on the days of an event are counted: from the latest time that the log had then, for a clock that was behind shortens no
    /// loss; where that lies ahead of now, by a clock that was put right, from the first time behind it that does not.
    private func beginning(of event: EventIdentifier, at now: UInt64) throws(RegistryError) -> UInt64? {
        guard event.counter == counter else { return nil }
        return try reading { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(sql: "SELECT event FROM log WHERE sequence >= ? ORDER BY sequence"),
                arguments: [Int64(clamping: event.sequence)])
            while let row = try rows.next() {
                guard let found = try? Event(encoded: Array(row[0] as Data)) else { continue }
                let latest = found.latestWallMilliseconds
                if found.identifier == event, latest <= now { return latest }
                if found.wallMilliseconds <= now { return found.wallMilliseconds }
            }
            return nil
        }
    }

    /// The last day that a hold was given; nil for one without, and of another counter.
    private func lastDay(of hold: Restriction) throws(RegistryError) -> CardDate? {
        guard hold.openedBy.counter == counter, let logged = try event(at: hold.openedBy.sequence),
            case .held(_, let until) = logged.body.act
        else { return nil }
        return until
    }

    private func entries(
        ending card: RegisteredCard, at now: UInt64, on today: CardDate
    ) throws(RegistryError) -> [ActEntry] {
        var acts: [Act] = []
        // A loss that is kept has no end.
        if policy.temporaryLossEnd != .keep {
            for restriction in card.state.openRestrictions where restriction.kind == .temporaryLoss {
                guard let begun = try beginning(of: restriction.openedBy, at: now),
                    begun + UInt64(policy.temporaryLossDays) * 86_400_000 <= now
                else { continue }
                acts.append(.ranOut(restriction.openedBy, policy.temporaryLossEnd))
            }
        }
        for restriction in card.state.openRestrictions where restriction.kind == .hold {
            if let until = try lastDay(of: restriction), until < today {
                acts.append(.ranOut(restriction.openedBy, .release))
            }
        }
        if let facts = card.facts, facts.expires < today { acts.append(.expired) }
        return acts.map { ActEntry($0, on: card.reference, handledBy: Self.timer) }
    }
}

extension Act {
    /// Whether it ends a hold of the card's.
    fileprivate func endsHold(of card: RegisteredCard) -> Bool {
        guard case .ranOut(let opened, _) = self else { return false }
        return card.state.restrictions.contains(Restriction(.hold, openedBy: opened))
    }
}

extension RegistryError {
    /// Whether it is about one card, and no reason to stop.
    fileprivate var leavesTheOthers: Bool {
        switch self {
        case .refused, .cardChanged: true
        default: false
        }
    }
}

extension CardTable {
    /// The cards that are not ended and have a restriction.
    fileprivate static func restricted(in database: Database) throws -> [RegisteredCard] {
        try cards("SELECT reference FROM cards WHERE \(RegistrySchema.isRestricted)", in: database)
    }

    /// The cards that are not ended and past their last day.
    fileprivate static func expired(before today: CardDate, in database: Database) throws -> [RegisteredCard] {
        try cards(
            "SELECT reference FROM card_facts WHERE expires < ? AND end_reason IS NULL", .text(today.text), in: database
        )
    }

    private static func cards(
        _ references: String, _ values: StoredValue..., in database: Database
    ) throws -> [RegisteredCard] {
        var found: [CardReference] = []
        func note(_ row: StoredRow) -> Bool {
            if let reference = CardReference(bytes: row.bytes(0)) { found.append(reference) }
            return true
        }
        if let value = values.first {
            try database.forEachRow(references, value, body: note)
        } else {
            try database.forEachRow(references, body: note)
        }
        return try found.compactMap { try find($0, in: database) }
    }
}
