import CardData
public import Lifecycle

/// Judging by what one officer may do in a day.
extension Transcript {
    /// Whoever has looked at as many persons today as the policy lets one officer looks at no further one without a supervisor beside
    /// them; whom they have looked at today they may look at again.
    func checkLookUps(_ act: Act, handledBy handling: Handling) throws {
        guard case .personLookedUp(let person, _, _) = act, countsLookUps else { return }
        let officer = handling.officer.number
        let allowed = TransitionTable.row(.lookUpPerson).secondPersons
        if let second = handling.second, second.number != officer, allowed.contains(second.role) { return }
        let day = DayTally.day(of: wallMilliseconds)
        try tally.follow(day, in: database)
        guard !tally.hasLooked(officer, at: person) else { return }
        let here = Set(entries.compactMap { $0.event.officer == officer ? $0.act.personLookedAt : nil })
        guard !here.contains(person) else { return }
        let others = here.count { !tally.hasLooked(officer, at: $0) }
        guard tally.personsLookedAt(by: officer, on: day) + others >= policy.lookUpsPerDay else { return }
        try refuse(act, [.lookUpsUsedUp(policy.lookUpsPerDay)])
    }

    /// What an officer has done today as often as the policy lets one officer is done by another, or tomorrow.
    ///
    /// What stands on a chip already is written down all the same: it was judged before.
    func checkActsOfTheDay(_ act: Act, standing: RegisteredCard?, handledBy handling: Handling) throws {
        guard let limited = LimitedAct(act), let most = policy.actsPerDay[limited],
            isForeseeing || !isDoneByChip(act, standing: standing)
        else { return }
        let officer = handling.officer.number
        try tally.follow(DayTally.day(of: wallMilliseconds), in: database)
        let here = entries.count { $0.event.officer == officer && LimitedAct($0.act) == limited }
        guard tally.count(limited, by: officer) + here >= most else { return }
        try refuse(act, [.actsUsedUp(limited, most)])
    }

    /// Whether an act stands on a chip before it is recorded: PINs, a card that takes the place of another, an unlocking.
    private func isDoneByChip(_ act: Act, standing: RegisteredCard?) -> Bool {
        switch act {
        case .pinServed, .replaced: true
        case .released(let named):
            standing?.state.restrictions.contains { named.contains($0.openedBy) && $0.kind == .pinLock } == true
        default: false
        }
    }
}

extension Act {
    fileprivate var personLookedAt: PersonReference? {
        if case .personLookedUp(let person, _, _) = self { person } else { nil }
    }
}

extension Registry {
    /// Whether an officer wants a supervisor beside them to look at a person: as far as is known without reading the log, which
    /// judging the look-up does.
    ///
    /// - Parameter person: whom they would look at; somebody new when nil.
    public func hasUsedUpLookUps(_ officer: UInt64, at person: PersonReference? = nil) -> Bool {
        if let person, tally.hasLooked(officer, at: person) { return false }
        return tally.personsLookedAt(by: officer, on: DayTally.day(of: clock())) >= policy.lookUpsPerDay
    }
}
