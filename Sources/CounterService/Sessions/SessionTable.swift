import ByteText
import CardCryptography
import Hummingbird
import Lifecycle
import Synchronization

/// The sessions that are open; they live in memory only, so that a restart ends them all.
final class SessionTable: Sendable {
    private let sessions = Mutex<[String: Session]>([:])
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
        return sessions.withLock { sessions in
            sessions = sessions.filter { now < $0.value.lastRequest + idleMilliseconds }
            sessions[identifier]?.lastRequest = now
            return sessions[identifier]
        }
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

    func close(_ identifier: String) { _ = sessions.withLock { $0.removeValue(forKey: identifier) } }

    /// How many are open.
    var count: Int {
        let now = clock()
        return sessions.withLock { $0.values.count { now < $0.lastRequest + idleMilliseconds } }
    }
}
