import CardData
import Lifecycle

extension Site {
    /// The same site, its keys used in the name of the officer who acts.
    ///
    /// - Throws: `tool.officer-missing` where nobody was named and the policy is no development's: an act is booked on who did it.
    func acting(_ officers: OfficerOptions) throws(Faults) -> Site {
        guard officers.officer != nil || policy.mode == .development else { throw Faults("tool.officer-missing") }
        var site = self
        site.officer = officers.number
        return site
    }
}
