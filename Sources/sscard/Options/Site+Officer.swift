import CardData

extension Site {
    /// The same site, its keys used in the name of the officer who acts.
    func acting(_ officers: OfficerOptions) -> Site {
        var site = self
        site.officer = officers.officer
        return site
    }
}
