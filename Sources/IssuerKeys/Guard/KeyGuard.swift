import ByteText
import CardCryptography
import CardData
import ISO7816
import Synchronization

/// Stands in front of every key service: judges each use by the policy, and has it written into the key log before the key is
/// touched.
///
/// One guard serves all operators of a program; what they have used today comes from the key log, so it outlives a restart and holds
/// across programs.
public final class KeyGuard: Sendable {
    let hierarchy: KeyHierarchy
    let policy: UsePolicy
    let log: KeyLog
    /// Whether the mere name of a second person is enough.
    private let acceptsNamedSecond: Bool
    private let challenges = Mutex(ChallengeMemory())

    /// A guard.
    ///
    /// - Parameter acceptsNamedSecond: true in development, where second persons have no keys; production asks for signatures.
    public init(policy: UsePolicy, hierarchy: KeyHierarchy, log: KeyLog, acceptsNamedSecond: Bool = false) {
        self.policy = policy
        self.hierarchy = hierarchy
        self.log = log
        self.acceptsNamedSecond = acceptsNamedSecond
    }

    /// One use of a key, as the guard judges it.
    struct Use {
        let operation: KeyOperation
        let key: KeyName
        let card: CardKeyContext?
        var challenge: [UInt8] = []
        var command: CommandAPDU?
        var more: [KeyLogEntry.Field] = []
    }

    /// Judges a use and has it written down; the entry's place comes back.
    ///
    /// - Throws: `notPermitted` with the reason; nothing was used.
    func permit(_ use: Use, in session: Session) throws(CardKeyError) -> UInt64 {
        do throws(Faults) {
            let rule = try judge(use, in: session)
            // an approval serves once: it is not spent on what the day's limit refuses
            if rule.persons > 1 { try checkQuota(use.operation, times: 1, rule, session) }
            try takeSecondPerson(use, rule, session)
            if !use.challenge.isEmpty {
                let card = use.card?.cardFactor ?? []
                let isNew = challenges.withLock { $0.admit(use.challenge, of: card, for: use.key) }
                guard isNew else { throw Faults("key-use.challenge-again", ["key": use.key.rawValue]) }
            }
            return try writing { () throws(KeyLogError) in
                try log.use(session.log, quota: use.operation.rawValue, limit: rule.perDay, fields(of: use))
            }
        } catch {
            try refuse(use, error, session)
        }
    }

    /// Refuses what the policy would refuse, before anything is used or written down: uses that are not allowed, and more uses than
    /// the day's limits leave.
    func foresee(_ uses: [Use], in session: Session) throws(CardKeyError) {
        do throws(Faults) {
            var wanted: [KeyOperation: (times: Int, rule: UsePolicy.Rule)] = [:]
            var withSecondPerson: [KeyName: Int] = [:]
            for use in uses {
                let rule = try judge(use, in: session)
                wanted[use.operation, default: (0, rule)].times += 1
                if rule.persons > 1 { withSecondPerson[use.key, default: 0] += 1 }
            }
            for operation in KeyOperation.allCases {
                guard let (times, rule) = wanted[operation] else { continue }
                try checkQuota(operation, times: times, rule, session)
            }
            session.expect(withSecondPerson)
        } catch {
            throw .notPermitted(error)
        }
    }

    /// Refuses the answer to a command that was never protected for this challenge.
    func checkAnswer(_ challenge: [UInt8], to card: CardKeyContext, under key: KeyName) throws(CardKeyError) {
        guard challenges.withLock({ $0.hasServed(challenge, of: card.cardFactor, for: key) }) else {
            throw .notPermitted(Faults("key-use.answer-without-command", ["key": key.rawValue]))
        }
    }

    /// Writes down what became of a permitted use.
    func note(
        _ kind: KeyLogEntry.Kind, of place: UInt64, _ text: String, in session: Session
    ) throws(CardKeyError) {
        do throws(Faults) {
            try writing { () throws(KeyLogError) in
                try log.note(
                    kind, session.log,
                    [
                        KeyLogEntry.Field("of", String(place)),
                        KeyLogEntry.Field(kind == .failed ? "reason" : "result", text),
                    ])
            }
        } catch {
            throw .notPermitted(error)
        }
    }

    // MARK: -

    private func judge(_ use: Use, in session: Session) throws(Faults) -> UsePolicy.Rule {
        let user = session.log.user
        guard let rule = policy[use.operation], rule.roles.contains(user.role) else {
            throw Faults(
                "key-use.role", ["operator": user.name, "role": user.role, "operation": use.operation.rawValue])
        }
        if let key = hierarchy[use.key], !rule.groups.isEmpty, !rule.groups.contains(key.group) {
            throw Faults("key-use.group", ["key": use.key.rawValue, "operation": use.operation.rawValue])
        }
        guard !rule.needsTicket || session.log.ticket != nil else {
            throw Faults("key-use.no-ticket", ["operation": use.operation.rawValue])
        }
        if let command = use.command, [.commandMAC, .commandEncipherment].contains(use.operation) {
            try policy.check(command, under: use.key)
        }
        return rule
    }

    private func checkQuota(
        _ operation: KeyOperation, times: Int, _ rule: UsePolicy.Rule, _ session: Session
    ) throws(Faults) {
        guard let limit = rule.perDay else { return }
        let (user, quota) = (session.log.user, operation.rawValue)
        try writing { () throws(KeyLogError) in
            guard try log.count(of: user, quota: quota) + times <= limit else {
                throw KeyLogError.quota(operator: user.name, what: quota, limit: limit)
            }
        }
    }

    private func takeSecondPerson(_ use: Use, _ rule: UsePolicy.Rule, _ session: Session) throws(Faults) {
        guard rule.persons > 1 else { return }
        let operation = use.operation.rawValue
        switch session.second {
        case .approved(let approved):
            guard let card = use.card else { throw Faults("key-use.no-second", ["operation": operation]) }
            let details = KeyUseSession.approvalDetails(card: card, ticket: session.log.ticket)
            try PINApproval.check(approved.request)
            do throws(ApprovalError) {
                // who asked is the one who serves
                guard approved.request.requester == session.log.user.name else { throw .otherRequest }
                try approved.check(for: operation, details, at: log.now)
            } catch {
                throw Faults(error.faults) ?? Faults("key-use.no-second", ["operation": operation])
            }
            // a card with a PIN in each of its applications is served in one session, each application's key once; applications
            // may share a key
            switch session.turn(of: approved, for: use.key) {
            case .first:
                try writing { () throws(KeyLogError) in try log.spend(approved, session.log, about: details) }
                session.note(approved, for: use.key)
            case .further: session.note(approved, for: use.key)
            case .again: throw Faults(ApprovalError.spent.faults) ?? Faults("approval.spent")
            }
        case .named(let name) where acceptsNamedSecond && name != session.log.user.name && !name.isEmpty: return
        case .named, nil: throw Faults("key-use.no-second", ["operation": operation])
        }
    }

    private func fields(of use: Use) -> [KeyLogEntry.Field] {
        var fields = [
            KeyLogEntry.Field("op", use.operation.rawValue), KeyLogEntry.Field("key", use.key.rawValue),
        ]
        if let card = use.card {
            if let version = try? hierarchy.version(of: use.key, for: card) {
                fields.append(KeyLogEntry.Field("version", version.description))
            }
            fields.append(KeyLogEntry.Field("algorithm", card.algorithm.description))
            fields.append(KeyLogEntry.Field("area", card.area))
            fields.append(KeyLogEntry.Field("card", card.cardFactor.hexadecimal))
        }
        if let command = use.command {
            let header = [command.cla, command.ins, command.p1, command.p2]
            fields.append(KeyLogEntry.Field("command", header.hexadecimal))
        }
        if !use.challenge.isEmpty { fields.append(KeyLogEntry.Field("challenge", use.challenge.hexadecimal)) }
        return fields + use.more
    }

    private func refuse(_ use: Use, _ error: Faults, _ session: Session) throws(CardKeyError) -> Never {
        let code = error.faults.first?.code.rawValue ?? ""
        // a log that takes no entry has said so already
        try? log.note(.refused, session.log, fields(of: use) + [KeyLogEntry.Field("reason", code)])
        throw .notPermitted(error)
    }

    private func writing<Value>(_ body: () throws(KeyLogError) -> Value) throws(Faults) -> Value {
        do throws(KeyLogError) {
            return try body()
        } catch {
            throw Faults(error.faults) ?? Faults("key-log.closed")
        }
    }
}

extension KeyGuard {
    /// A session with the guard.
    final class Session: Sendable {
        let log: KeyLogSession
        let second: KeyUseSession.SecondPerson?
        private let approvals = Mutex(Approvals())

        private struct Approvals {
            var served: [[UInt8]: [KeyName: Int]] = [:]
            var expected: [KeyName: Int] = [:]
        }

        /// What a use is to its approval.
        enum Turn {
            /// The approval is spent with it.
            case first
            /// It belongs to the same service, with the key of another application.
            case further
            /// The key has served under this approval as often as the service was foreseen to need it.
            case again
        }

        /// So often the service that was foreseen needs each of these keys.
        func expect(_ uses: [KeyName: Int]) { approvals.withLock { $0.expected = uses } }

        func turn(of approved: ApprovedRequest, for key: KeyName) -> Turn {
            approvals.withLock { approvals in
                guard let keys = approvals.served[approved.digest] else { return .first }
                return keys[key, default: 0] < approvals.expected[key, default: 1] ? .further : .again
            }
        }

        func note(_ approved: ApprovedRequest, for key: KeyName) {
            approvals.withLock { $0.served[approved.digest, default: [:]][key, default: 0] += 1 }
        }

        init(_ session: KeyUseSession, log: KeyLog) throws(KeyLogError) {
            self.log = try log.session(of: session.user, ticket: session.ticket, second: session.second?.name)
            second = session.second
        }
    }
}

extension KeyUseSession.SecondPerson {
    /// How the key log names the second person.
    var name: String {
        switch self {
        case .approved(let approved): approved.officers.joined(separator: ",")
        case .named(let name): "\(name)?"
        }
    }
}
