import CardData
import Lifecycle
import Registry

/// What was done in a stretch of days, as a supervisor looks at it.
///
/// Plain counting without clock, disk or rule; it names officers and cards, and of persons nothing.
struct OfficeReport {
    /// How often an officer did a kind of act.
    struct ActCount: Hashable {
        let kind: ActKind
        let officer: UInt64
        let count: Int
    }

    /// By kind and officer.
    let acts: [ActCount]
    /// 废卡.
    let spoiled: [LoggedEvent]
    /// 挂失.
    let losses: [LoggedEvent]
    /// 查而不办: look-ups of persons whom the same officer did nothing for in these days.
    let lookUpsWithoutAct: [LoggedEvent]
    /// What was done outside the hours of the office.
    let outsideHours: [LoggedEvent]

    /// - Parameters:
    ///   - events: those of the days, the oldest first.
    ///   - hours: when the office is open.
    ///   - person: whom an event is about, as far as that can be told.
    init(_ events: [LoggedEvent], hours: OfficeHours, person: (LoggedEvent) -> PersonReference?) {
        acts = Self.counts(of: events)
        spoiled = events.filter { $0.body.act.kind == .spoiled }
        losses = events.filter { $0.body.act.lossReport != nil }
        outsideHours = events.filter { !hours.contains($0.event.wallMilliseconds) }
        var served: Set<Visit> = []
        for logged in events {
            if case .personLookedUp = logged.body.act { continue }
            guard let person = person(logged) else { continue }
            // Whoever confirmed an act has looked for it too.
            for officer in [logged.event.officer, logged.event.secondPerson] where officer > 0 {
                served.insert(Visit(officer: officer, person: person))
            }
        }
        lookUpsWithoutAct = events.filter { logged in
            guard case .personLookedUp(let person, _, _) = logged.body.act else { return false }
            return !served.contains(Visit(officer: logged.event.officer, person: person))
        }
    }

    private struct Visit: Hashable {
        let officer: UInt64
        let person: PersonReference
    }

    /// Acts by kind and officer, in the order of the kinds.
    static func counts(of events: [LoggedEvent]) -> [ActCount] {
        var counts: [ActCount.Key: Int] = [:]
        for logged in events {
            counts[ActCount.Key(kind: logged.body.act.kind, officer: logged.event.officer), default: 0] += 1
        }
        return counts.map { ActCount(kind: $0.key.kind, officer: $0.key.officer, count: $0.value) }
            .sorted { ($0.kind.rawValue, $0.officer) < ($1.kind.rawValue, $1.officer) }
    }
}

extension OfficeReport.ActCount {
    fileprivate struct Key: Hashable {
        let kind: ActKind
        let officer: UInt64
    }
}

/// How long finished cards have waited.
enum WaitingAge: String, CaseIterable {
    case month
    case quarter
    case year
    case longer

    /// The age of a card that was issued so many days ago: up to 30, 90, 365 days, or more.
    init(days: Int) {
        self = days <= 30 ? .month : days <= 90 ? .quarter : days <= 365 ? .year : .longer
    }
}
