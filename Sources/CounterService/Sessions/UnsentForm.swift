/// What was typed into a form that came after its session's end, until its officer is back at the same browser.
///
/// It lives in memory alone, and without what is secret, a file, or another's: passwords, PINs, photos, the second person.
struct UnsentForm: Sendable {
    /// How long the officer has to log in again and to look at it.
    static let minutes: UInt64 = 15
    /// The forms that come back; others are filled in again.
    ///
    /// Each is shown from its fields as it is after a refusal, and needs nothing that only the ended session knew: no person who was looked
    /// up, no chips that were read.
    private static let routes: Set<String> = [
        "/people/new", "/cards/:card/:act", "/cards/:card/replace", "/cards/:card/pin/:service",
        "/applications/:application/:step", "/leases/grant", "/leases/:lease/return",
    ]

    /// The address of the page that the form stands on.
    let path: String
    /// What was typed.
    let values: [String: String]
    /// The form's own key: what was done with it in spite of all, its answer lost, is not done again.
    let key: String
    /// When it is forgotten, by the steady clock.
    let end: UInt64

    /// Whether the forms of a route come back.
    static func comesBack(_ route: String) -> Bool { routes.contains(route) }
}
