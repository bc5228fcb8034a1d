import CardCryptography
import CardData
import Foundation
import Lifecycle
import Logging
import Registry

/// What a window does: it asks the registry and records acts, for pages and for programs alike.
///
/// It has no rule of its own; what is allowed the lifecycle says.
struct CounterDesk: Sendable {
    let registry: Registry
    let operators: OperatorRegister
    let threads: RegistryThreads
    let passwordLine: PasswordLine
    /// Whether nobody signs with a password that somebody else gave them.
    let demandsOwnPasswords: Bool
    let guardian: LoginGuard
    let ledger: OnceLedger<EventIdentifier>
    let registrations: OnceLedger<PersonReference>
    /// Issues that were begun, gone on with or given up, by their names.
    let issues: OnceLedger<String>
    let slips: SlipLedger
    /// What the policies of earlier events said.
    let terms: PolicyTerms
    /// Acts that wait for a second person.
    let waiting: WaitingActs
    /// Files that came to be taken in.
    let spool: IntakeSpool
    let intakes: Intakes
    /// Holds whose last day has passed.
    let holdsOver: HoldsOver
    /// What the nights' looks through the registry found.
    let night: NightlyVerification
    /// What has changed on record lately.
    let changes: ChangeBoard
    let queue: QueueBook
    let queueSteps: OnceLedger<Int>
    let metrics: CounterMetrics
    let areas: AreaCodeTable
    let ethnicGroups: CodeTable
    let clocks: CounterClocks
    /// Who came, who was turned away and what was printed, by operators' numbers.
    let logger: Logger

    var policy: LifecyclePolicy { registry.policy }

    /// Blocking work on one of the registry's threads.
    func registry<Value: Sendable>(_ body: @escaping @Sendable (Registry) throws -> Value) async throws -> Value {
        let registry = registry
        return try await threads.run { try body(registry) }
    }

    /// The operator with this number and password; whoever guesses has to wait.
    ///
    /// - Throws: `counter.login-wrong`, or `counter.login-wait` and `counter.login-busy` without looking at the password.
    func authenticate(_ number: UInt64, _ password: String, at place: LoginPlace) async throws -> Operator {
        let operators = operators
        let guardian = guardian
        // Who has to wait does so outside the line.
        try guardian.demandNoWait(of: number, at: place)
        // One after the other: of many tries that arrive at once none is made before the one before it was counted.
        let found = try await passwordLine.run(from: place, isSuspect: guardian.isSuspect(place)) {
            try guardian.demandNoWait(of: number, at: place)
            let found = try operators.authenticate(number, SecretBytes(copying: Array(password.utf8)))
            let isRight = found?.roles.isEmpty == false
            guardian.note(number, at: place, isRight: isRight)
            return isRight ? found : nil
        }
        guard let found else {
            metrics.count(.loginRefused)
            throw Faults("counter.login-wrong")
        }
        return found
    }

    /// As ``authenticate(_:_:at:)``; who is turned away stands in the log.
    ///
    /// - Parameters:
    ///   - place: where the password was typed.
    ///   - purpose: `login`, or `second-person`.
    func admit(
        _ number: UInt64, _ password: String, at place: LoginPlace, for purpose: String
    ) async throws -> Operator {
        do {
            return try await authenticate(number, password, at: place)
        } catch {
            // Whatever else was typed may be a person's number.
            let known = (try? operators.operation(number)) != nil ? String(number) : "unknown"
            let code = (error as? any FaultReporting)?.faults.first?.code.rawValue ?? "counter.unexpected"
            logger.notice("refused", metadata: ["purpose": "\(purpose)", "operator": "\(known)", "code": "\(code)"])
            throw error
        }
    }

    /// Records one act, judged by the rules, in the name of who is at the window and of the second person whose number and password
    /// the form carries.
    ///
    /// - Parameters:
    ///   - seen: what the service itself has seen of the card.
    ///   - shown: the card's newest event that the form had shown.
    func record(
        _ act: Act, on card: RegisteredCard?, by person: Operator, _ fields: Fields, seen: Proofs = [],
        expecting shown: UInt64? = nil
    ) async throws -> EventIdentifier {
        let handling = try await handling(
            for: act.transitions(on: card?.state ?? .beginning), by: person, fields, seen: seen)
        do {
            let entry = ActEntry(act, on: card?.reference, handledBy: handling, expecting: shown)
            guard let recorded = try await registry.record([entry]).first else {
                throw RegistryError.inconsistent("no event")
            }
            metrics.count(act: act.kind)
            return recorded.identifier
        } catch {
            metrics.count(.actRefused)
            throw error
        }
    }

    /// Who handles an act: the operator in a role that the rows allow, the second person if the form names one, the proofs
    /// that were ticked.
    func handling(
        for transitions: [Transition], by person: Operator, _ fields: Fields, seen: Proofs = []
    ) async throws -> Handling {
        let rows = transitions.map(TransitionTable.row)
        guard let row = rows.first, let role = person.role(among: row.officers, under: policy) else {
            throw Faults("counter.no-role")
        }
        var second: Officer?
        if !fields["second-number"].isEmpty || !fields["second-password"].isEmpty {
            let confirming = try await secondPerson(fields)
            let allowed = rows.dropFirst().reduce(row.secondPersons) { $0.intersection($1.secondPersons) }
            second = confirming.role(among: allowed, under: policy).map { Officer(number: confirming.number, role: $0) }
        }
        let proofs = fields.proofs.union(seen)
        return Handling(
            by: Officer(number: person.number, role: role), second: second, proofs: proofs,
            agent: try Self.agent(fields, hasShownDocument: proofs.contains(.agentDocument)))
    }

    /// Who came in the holder's place, as the form names them.
    ///
    /// - Throws: `counter.agent-missing` where a document was seen and the form does not say whose, `counter.agent-unseen` where it names
    ///   somebody whose document nobody has seen, and what is wrong with name and number.
    private static func agent(_ fields: Fields, hasShownDocument: Bool) throws(Faults) -> Agent? {
        let (name, document) = (fields["agentName"], fields.number("agentDocument"))
        guard !name.isEmpty || !document.isEmpty else {
            if hasShownDocument { throw Faults("counter.agent-missing") }
            return nil
        }
        guard hasShownDocument else { throw Faults("counter.agent-unseen") }
        return try Agent(name: name, document: document)
    }

    /// The second person shows at this window who they are, with their own number and password.
    private func secondPerson(_ fields: Fields) async throws -> Operator {
        guard let number = UInt64(fields.number("second-number")) else { throw Faults("counter.second-number") }
        do {
            let password = fields.secret("second-password")
            return try await fields.confirmation.once(number, password) {
                let person = try await admit(number, password, at: fields.place, for: "second-person")
                guard !demandsOwnPasswords || !person.isPasswordGiven else {
                    throw Faults("counter.second-password-given")
                }
                return person
            }
        } catch let faults as Faults where faults.faults.first?.code == "counter.login-wrong" {
            throw Faults("counter.second-wrong")
        }
    }
}
