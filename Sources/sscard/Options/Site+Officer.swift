import CardData
import Lifecycle

extension Site {
    /// The same site, its keys used in the name of the officer who acts.
    func acting(_ officers: OfficerOptions) throws(Faults) -> Site { try acting(officers.officer) }

    /// The same site, its keys used in the name of the officer who acts.
    ///
    /// - Throws: `tool.officer-missing` where nobody was named and the policy is no development's: an act is booked on who did it, and the
    ///   log of keys names who used them.
    func acting(_ officer: UInt64?) throws(Faults) -> Site {
        guard officer != nil || policy.mode == .development else { throw Faults("tool.officer-missing") }
        var site = self
        site.officer = officer ?? OfficerOptions.ofDevelopment
        return site
    }
}
