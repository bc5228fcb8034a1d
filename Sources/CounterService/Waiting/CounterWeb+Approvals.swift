import CardData
import Hummingbird
import Issuing
import Lifecycle
import Logging
import Registry

/// 待复核、待审批: everything that waits for a second person in one list, and each on one screen where it is confirmed or sent back.
extension CounterWeb {
    func addApprovals(to router: Router<CounterContext>) {
        page(router, "/approvals") { visitor in try await approvalsPage(visitor) }
        page(router, "/approvals/:waiting") { visitor in try await approvalPage(try await waitingAct(visitor), visitor)
        }
        page(router, "/approvals/:waiting/withdraw") { visitor in
            try await approvalPage(try await waitingAct(visitor), visitor, isWithdrawing: true)
        }
        form(router, "/approvals/:waiting") { visitor in
            do {
                return goOn(to: try await onceLeading(visitor) { try await decide(visitor) })
            } catch let error as any FaultReporting {
                return try await approvalPage(try await waitingAct(visitor), visitor, error.faults)
            }
        }
        page(router, "/approvals/applications/:application") { visitor in
            try await applicationApprovalPage(try await application(visitor), visitor)
        }
        form(router, "/approvals/applications/:application/:step") { visitor in
            let (form, application) = try await step(visitor)
            do {
                let event = try await once(visitor) { try await take(form, application, visitor) }
                return goOn(to: "/events/\(event.sequence)")
            } catch let error as any FaultReporting {
                return try await applicationApprovalPage(
                    try await self.application(visitor), visitor, error.faults)
            }
        }
    }

    /// What the address names.
    ///
    /// Throws as ``Visitor/demandOffice()``, and as ``WaitingActs/act(_:)``.
    func waitingAct(_ visitor: Visitor) async throws -> WaitingAct {
        try visitor.demandOffice()
        let (waiting, name) = (desk.waiting, visitor.parameter("waiting"))
        return try await desk.threads.run { try waiting.act(name) }
    }

    // MARK: - Deciding

    /// Does what the screen of a waiting act asks for; gives the address that it leads to.
    private func decide(_ visitor: Visitor) async throws -> String {
        let name = visitor.parameter("waiting")
        return try await desk.waiting.withAct(name) { waiting in
            switch visitor.fields["decision"] {
            case "confirm": return try await confirm(waiting, visitor)
            case "send-back": return try await sendBack(waiting, visitor)
            case "withdraw": return try await withdraw(waiting, visitor)
            case "close": return try await close(waiting, visitor)
            default: throw Faults("counter.choice", ["field": "decision", "known": "confirm send-back withdraw close"])
            }
        }
    }

    private func confirm(_ waiting: WaitingAct, _ visitor: Visitor) async throws -> String {
        try checkWaits(waiting)
        let card = try await card(of: waiting)
        let second = try await confirming(waiting, card, visitor)
        guard waiting.policyVersion == desk.policy.version else {
            throw Faults("waiting.policy-changed", ["version": waiting.policyVersion])
        }
        if let card, card.lastSequence != waiting.seen { throw Faults("waiting.changed") }
        if let card { try await room.openIssues.check(waiting.act, on: card) }
        let path = try await perform(waiting, card, confirmedBy: second)
        let store = desk.waiting
        try await desk.threads.run {
            try store.settle(waiting, .confirmed(by: second, path: path), isOver: !waiting.isDoneAtReader)
        }
        tell("act confirmed", waiting, visitor)
        return waiting.isDoneAtReader ? "/approvals/\(waiting.identifier)" : path
    }

    /// Does a confirmed act, or judges one that is done at the reader afterwards; gives the address that it leads to.
    private func perform(
        _ waiting: WaitingAct, _ card: RegisteredCard?, confirmedBy second: Officer
    ) async throws -> String {
        let entry = waiting.entry(confirmedBy: second)
        if let layout = waiting.layout, case .replaced(_, let reason) = waiting.act, let facts = card?.facts {
            let issue = try await room.beginIssue(
                layoutName: layout, officer: waiting.officer.number,
                replacing: IssuingRequest.Replacement(
                    number: facts.number, reason: reason, handling: entry.handling, expecting: waiting.seen),
                for: facts.person)
            return "/issues/\(issue.identifier)"
        }
        if case .pinServed(let service, _) = waiting.act {
            try await desk.registry { try $0.check([entry]) }
            return "/cards/\(card?.facts?.number.text ?? "")/pin/\(service.name)?confirmed=\(waiting.identifier)"
        }
        guard let recorded = try await desk.registry.record([entry]).first else {
            throw RegistryError.inconsistent("no event")
        }
        desk.metrics.count(act: waiting.act.kind)
        return "/events/\(recorded.identifier.sequence)"
    }

    private func sendBack(_ waiting: WaitingAct, _ visitor: Visitor) async throws -> String {
        guard waiting.outcome == nil else { throw Faults("waiting.over") }
        _ = try await confirming(waiting, try await card(of: waiting), visitor)
        let reason = visitor.fields["reason"]
        guard (1...200).contains(reason.count), reason.utf8.count <= 800 else {
            throw Faults("waiting.reason", ["most": "200"])
        }
        let (store, number) = (desk.waiting, visitor.person.number)
        try await desk.threads.run { try store.settle(waiting, .sentBack(by: number, reason: reason), isOver: false) }
        tell("act sent back", waiting, visitor)
        return "/approvals"
    }

    /// Whoever asked for it takes it back while nobody has ruled on it.
    private func withdraw(_ waiting: WaitingAct, _ visitor: Visitor) async throws -> String {
        guard waiting.officer.number == visitor.person.number else { throw Faults("waiting.not-yours") }
        try checkWaits(waiting)
        let (store, number) = (desk.waiting, visitor.person.number)
        try await desk.threads.run { try store.settle(waiting, .withdrawn(by: number), isOver: true) }
        tell("act withdrawn", waiting, visitor)
        return "/approvals"
    }

    /// Whoever asked for it, or could have confirmed it, has read what became of it; what still waits is withdrawn instead.
    private func close(_ waiting: WaitingAct, _ visitor: Visitor) async throws -> String {
        let isMine = waiting.officer.number == visitor.person.number
        if !isMine {
            let card = try await card(of: waiting)
            guard waiting.role(of: visitor.person, on: card?.state, under: desk.policy) != nil else {
                throw Faults("waiting.not-yours")
            }
        }
        switch waiting.state(at: desk.clocks.wall()) {
        case .waiting: throw Faults(isMine ? "waiting.withdraw-instead" : "waiting.not-yours")
        case .closed, .withdrawn: throw Faults("waiting.over")
        case .confirmed: if !waiting.isDoneAtReader { throw Faults("waiting.over") }
        case .expired, .sentBack: break
        }
        let (store, number) = (desk.waiting, visitor.person.number)
        try await desk.threads.run { try store.settle(waiting, .closed(by: number), isOver: true) }
        tell("act closed", waiting, visitor)
        return "/approvals"
    }

    private func checkWaits(_ waiting: WaitingAct) throws(Faults) {
        switch waiting.state(at: desk.clocks.wall()) {
        case .waiting: break
        case .expired: throw Faults("waiting.expired", ["at": Moment.text(waiting.expiresAt)])
        case .confirmed, .sentBack, .closed, .withdrawn: throw Faults("waiting.over")
        }
    }

    /// The visitor as the act's second person.
    ///
    /// - Throws: `waiting.own` for who asked for it, `counter.no-role`, `waiting.officer-gone` where who asked may do it no more.
    private func confirming(
        _ waiting: WaitingAct, _ card: RegisteredCard?, _ visitor: Visitor
    ) async throws -> Officer {
        guard waiting.officer.number != visitor.person.number else { throw Faults("waiting.own") }
        if waiting.signers.contains(visitor.person.number), case .cancellationConfirmed(let reported) = waiting.act,
            let refusal = LifecycleRefusal(.confirmCancellation, [.confirmsOwn(reported)])
        {
            throw refusal
        }
        guard let role = waiting.role(of: visitor.person, on: card?.state, under: desk.policy) else {
            throw Faults("counter.no-role")
        }
        let asking = try desk.operators.operation(waiting.officer.number)
        guard let asking, asking.role(among: [waiting.officer.role], under: desk.policy) == waiting.officer.role else {
            throw Faults("waiting.officer-gone", ["officer": String(waiting.officer.number)])
        }
        return Officer(number: visitor.person.number, role: role)
    }

    func card(of waiting: WaitingAct) async throws -> RegisteredCard? {
        guard let reference = waiting.card else { return nil }
        return try await desk.registry { try $0.card(reference) }
    }

    private func tell(_ message: String, _ waiting: WaitingAct, _ visitor: Visitor) {
        logger.notice(
            "\(message)",
            metadata: [
                "waiting": "\(waiting.identifier)", "act": "\(waiting.act.kind.name)",
                "operator": "\(visitor.person.number)",
            ])
    }

    // MARK: - Applications

    /// A step of an application, if it is still as the form showed it.
    func take(
        _ form: ApplicationForm, _ application: Lifecycle.Application, _ visitor: Visitor
    ) async throws -> EventIdentifier {
        let step = try form.step(visitor.fields)
        let shown = UInt64(visitor.fields["seen"])
        return try await desk.record(
            .application(application.identifier, step), on: nil, by: visitor.person, visitor.fields, expecting: shown)
    }
}
