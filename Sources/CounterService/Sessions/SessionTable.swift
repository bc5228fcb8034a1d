import ByteText
import CardCryptography
import Hummingbird
import Lifecycle
import Synchronization

/// The sessions that are open; they live in memory only, so that a restart ends them all.
final class SessionTable: Sendable {
    private let sessions = Mutex<[String: Session]>([:])
    private let ended = Mutex(EndedSessions())
    private let idleMilliseconds: UInt64
    private let clock: @Sendable () -> UInt64

    init(idleMinutes: Int, clock: @escaping @Sendable () -> UInt64) {
        idleMilliseconds = UInt64(idleMinutes) * 60_000
        self.clock = clock
    }

    /// A new session of an operator, which a new password of theirs ends.
    func open(for person: Operator) throws(CryptographyError) -> Session {
        let session = Session(
            identifier: try SecureRandom.bytes(32).hexadecimal, operatorNumber: person.number,
            sessionMark: person.sessionMark, formToken: try SecureRandom.bytes(32).hexadecimal, lastRequest: clock())
        sessions.withLock { $0[session.identifier] = session }
        return session
    }

    /// The session of a cookie, if it has not been idle too long; this request counts.
    func touch(_ identifier: String) -> Session? {
        let now = clock()
        let (session, over) = sessions.withLock { sessions in
            let over = sessions.values.filter { now >= $0.lastRequest + idleMilliseconds }
            for session in over { sessions[session.identifier] = nil }
            sessions[identifier]?.lastRequest = now
            if let form = sessions[identifier]?.unsent, now >= form.end { sessions[identifier]?.unsent = nil }
            return (sessions[identifier], over)
        }
        ended.withLock { ended in
            ended.forget(now: now)
            for session in over { ended.note(session, now: now) }
        }
        return session
    }

    /// The session of a cookie, if it has not been idle too long; this request is the page's own and no doing of the operator's.
    func look(_ identifier: String) -> Session? {
        let now = clock()
        return sessions.withLock { sessions in
            sessions[identifier].flatMap { now < $0.lastRequest + idleMilliseconds ? $0 : nil }
        }
    }

    /// Whether the session of a cookie is open; asking is no request of the operator's, and keeps it no longer.
    func isOpen(_ identifier: String) -> Bool {
        let now = clock()
        return sessions.withLock { sessions in
            sessions[identifier].map { now < $0.lastRequest + idleMilliseconds } ?? false
        }
    }

    /// Remembers a person that the session has looked up.
    func note(_ person: SeenPerson, as reference: PersonReference, in identifier: String) {
        sessions.withLock { $0[identifier]?.seen[reference] = person }
    }

    /// Remembers what the chip of a card has shown.
    func note(_ chip: ReadChip, of card: CardReference, in identifier: String) {
        sessions.withLock { $0[identifier]?.read[card] = chip }
    }

    /// Forgets what the chip of a card has shown, at every window: it was written since.
    func forgetRead(of card: CardReference) {
        sessions.withLock { sessions in
            for identifier in sessions.keys { sessions[identifier]?.read[card] = nil }
        }
    }

    /// Whom a session has looked up by now; nil for nobody.
    func seen(_ reference: PersonReference, in identifier: String) -> SeenPerson? {
        sessions.withLock { $0[identifier]?.seen[reference] }
    }

    /// Remembers what became of a registration.
    func note(_ registered: Registered, of reference: PersonReference, in identifier: String) {
        sessions.withLock { $0[identifier]?.registered[reference] = registered }
    }

    /// Remembers the reader that was chosen for an issue.
    func note(reader: String, of issue: String, in identifier: String) {
        sessions.withLock { $0[identifier]?.readers[issue] = reader }
    }

    /// Remembers what a change of a card's data would write; forgets it for nil.
    func note(_ compared: ComparedCard?, of card: CardReference, in identifier: String) {
        sessions.withLock { $0[identifier]?.compared[card] = compared }
    }

    /// Remembers chips that were read.
    func note(chips: Set<[UInt8]>, in identifier: String) {
        sessions.withLock { $0[identifier]?.chips.formUnion(chips) }
    }

    /// Forgets the chips that were read.
    func forgetChips(in identifier: String) { sessions.withLock { $0[identifier]?.chips = [] } }

    /// Keeps the answer to the form of a path; gives its name, nil where the session is over.
    func keep(_ response: Response, at path: String, in identifier: String) throws(CryptographyError) -> String? {
        try sessions.withLock { sessions throws(CryptographyError) in
            try sessions[identifier]?.answers.keep(response, at: path)
        }
    }

    /// Whether this is the cookie of a session that has run out, and after which nobody has logged in at its browser.
    func hasEnded(_ identifier: String) -> Bool { ended.withLock { $0.holds(identifier) } }

    /// Keeps what was typed into the form of a page, for the officer of a session that has run out; false where the token is not its own.
    func keep(
        _ values: [String: String], key: String, at path: String, token: String, of identifier: String
    ) -> Bool {
        let form = UnsentForm(path: path, values: values, key: key, end: clock() + UnsentForm.minutes * 60_000)
        return ended.withLock { $0.keep(form, token: token, of: identifier) }
    }

    /// Gives a new session what was typed at the same browser before.
    func bringBack(from identifier: String, to session: Session) {
        let now = clock()
        guard let form = ended.withLock({ $0.take(identifier, for: session, now: now) }) else { return }
        sessions.withLock { $0[session.identifier]?.unsent = form }
    }

    /// Forgets what came back to a page: it was sent.
    func forgetUnsent(at path: String, in identifier: String) {
        sessions.withLock { if $0[identifier]?.unsent?.path == path { $0[identifier]?.unsent = nil } }
    }

    /// Forgets what came back to another page than this one: whoever goes on has left it, and the next holder may stand at the window.
    func leaveUnsent(for path: String, in identifier: String) {
        sessions.withLock { if $0[identifier]?.unsent?.path != path { $0[identifier]?.unsent = nil } }
    }

    func close(_ identifier: String) { _ = sessions.withLock { $0.removeValue(forKey: identifier) } }

    /// How many are open.
    var count: Int {
        let now = clock()
        return sessions.withLock { $0.values.count { now < $0.lastRequest + idleMilliseconds } }
    }
}
