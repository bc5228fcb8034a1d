public import CardData

/// Rules that count days: which day it is they are told, for no rule reads a clock.
extension LifecyclePolicy {
    /// What stands against ending, renewing or holding a card on this day.
    public func reasonsAgainst(
        _ act: Act, on facts: CardFacts?, at today: CardDate, handledBy handling: Handling
    ) -> [LifecycleRefusal.Reason] {
        if case .held(_, let until?) = act {
            if until < today { return [.lastDayIsOver(until)] }
            let days = until.dayNumber - today.dayNumber
            return days > holdDays ? [.holdTooLong(until, days: holdDays)] : []
        }
        guard let facts else { return [] }
        switch act {
        case .unclaimed:
            let isTime = facts.issued.adding(months: unclaimedMonths) <= today
            return isTime ? [] : [.notYetUnclaimed(facts.issued, months: unclaimedMonths)]
        // Expiry has no code of its own among the reasons in use; a paper says that it is something else.
        case .replaced(_, .other):
            let isTime = today.dayNumber >= facts.expires.dayNumber - renewalDays
            return isTime || handling.proofs.contains(.paper) ? [] : [.notExpiring(facts.expires, days: renewalDays)]
        default: return []
        }
    }
}
