import CardCryptography

/// Sessions that ran out at browsers where nobody has logged in since: by them it is known whose a form is that comes late.
struct EndedSessions: Sendable {
    private struct Ended: Sendable {
        let identifier: String
        let officer: UInt64
        let mark: String
        let formToken: String
        /// When it is forgotten, by the steady clock.
        let end: UInt64
        var form: UnsentForm?
    }

    /// How many are known, and how many of them have a form: the oldest give way.
    static let most = 256
    static let mostForms = 32
    /// How long after its end a session is known by: a form that lay open for longer is filled in again.
    private static let minutes: UInt64 = 480

    private var ended: [Ended] = []

    /// Remembers a session that has run out.
    mutating func note(_ session: Session, now: UInt64) {
        ended.append(
            Ended(
                identifier: session.identifier, officer: session.operatorNumber, mark: session.sessionMark,
                formToken: session.formToken, end: now + Self.minutes * 60_000))
        if ended.count > Self.most { ended.removeFirst() }
    }

    /// Whether this is the cookie of one of them.
    func holds(_ identifier: String) -> Bool { ended.contains { $0.identifier == identifier } }

    /// Keeps what was typed at a browser; false where the form does not carry its session's token.
    mutating func keep(_ form: UnsentForm, token: String, of identifier: String) -> Bool {
        guard let place = ended.firstIndex(where: { $0.identifier == identifier }),
            constantTimeEqual(Array(token.utf8), Array(ended[place].formToken.utf8))
        else { return false }
        ended[place].form = form
        if ended.count(where: { $0.form != nil }) > Self.mostForms,
            let oldest = ended.filter({ $0.form != nil }).min(by: { ($0.form?.end ?? 0) < ($1.form?.end ?? 0) })
        {
            ended.removeAll { $0.identifier == oldest.identifier }
        }
        return true
    }

    /// What waits for whoever logs in at the browser of an ended session: its own officer's alone, and for nobody after that.
    mutating func take(_ identifier: String, for session: Session, now: UInt64) -> UnsentForm? {
        guard let place = ended.firstIndex(where: { $0.identifier == identifier }) else { return nil }
        let known = ended.remove(at: place)
        guard known.officer == session.operatorNumber, known.mark == session.sessionMark, let form = known.form,
            now < form.end
        else { return nil }
        return form
    }

    /// Forgets what is over.
    mutating func forget(now: UInt64) {
        ended.removeAll { now >= $0.end }
        for place in ended.indices where (ended[place].form?.end ?? .max) <= now { ended[place].form = nil }
    }
}
