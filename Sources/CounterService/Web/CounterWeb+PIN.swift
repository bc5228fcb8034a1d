import CardApplication
import CardData
import Hummingbird
import IssuerKeys
import Issuing
import Lifecycle
import Registry

/// Services for the holder's PIN, where the counter has keys. A PIN is in no address, no answer and no log, and is not shown again.
extension CounterWeb {
    func addPIN(to router: Router<CounterContext>) {
        page(router, "/cards/:card/pin/:service") { visitor in
            let (form, card) = try await pinForm(visitor)
            return try await pinPage(form, card, visitor)
        }
        form(router, "/cards/:card/pin/:service") { visitor in
            let (form, card) = try await pinForm(visitor)
            do {
                if isToWait(visitor), form != .change {
                    return goOn(to: try await onceLeading(visitor) { try await askFor(form, on: card, visitor) })
                }
                let event = try await once(visitor) { try await serve(form, on: card, visitor) }
                return goOn(to: "/events/\(event.sequence)")
            } catch let error as any FaultReporting {
                // A chip that was seen to have locked its PIN is booked as such: the form says what it shows now.
                return try await pinPage(form, try await self.card(visitor).0, visitor, error.faults)
            }
        }
    }

    /// Puts a service of the issuer down that waits for a second person; no PIN is typed for it before they have confirmed.
    private func askFor(_ form: PINForm, on card: RegisteredCard, _ visitor: Visitor) async throws -> String {
        if let hindrance = try await room.openIssues.hindrance(of: card) { throw hindrance }
        let shown = try seen(of: card, visitor)
        let ticket = visitor.fields["ticket"]
        try PINRequest.check(ticket: ticket, isNeeded: true)
        return try await putToWait(
            .pinServed(form.service, ticket: ticket), on: card, visitor, seen: .cardRead, expecting: shown)
    }

    /// The act that a second person has confirmed for this form; nil where the form names none.
    ///
    /// - Throws: `waiting.not-confirmed` for one that is not confirmed, is over, or is another's or another card's.
    private func confirmedAct(
        _ form: PINForm, on card: RegisteredCard, named name: String, _ visitor: Visitor
    ) async throws -> (waiting: WaitingAct, second: Officer)? {
        guard !name.isEmpty else { return nil }
        let store = desk.waiting
        let waiting = try await desk.threads.run { try store.act(name) }
        guard case .confirmed(let second, _) = waiting.outcome, waiting.state(at: desk.clocks.wall()) == .confirmed,
            waiting.officer.number == visitor.person.number, waiting.card == card.reference,
            waiting.seen == card.lastSequence, case .pinServed(form.service, _) = waiting.act
        else { throw Faults("waiting.not-confirmed") }
        return (waiting, second)
    }

    /// The service of the address, and its card.
    func pinForm(_ visitor: Visitor) async throws -> (PINForm, RegisteredCard) {
        guard let form = PINForm(rawValue: visitor.parameter("service")) else { throw Faults("counter.not-found") }
        return (form, try await card(visitor).0)
    }

    /// Serves the PIN of the card in the reader.
    func serve(
        _ form: PINForm, on card: RegisteredCard, _ visitor: Visitor
    ) async throws -> EventIdentifier {
        let shown = try seen(of: card, visitor)
        // The PIN that an open issue has drawn is that issue's own to change.
        if let hindrance = try await room.openIssues.hindrance(of: card) { throw hindrance }
        let rule = ruleAnswer(form, on: card, visitor)
        guard rule.isPossible else { throw Faults(rule.faults) ?? Faults("counter.no-role") }
        let confirmed = try await confirmedAct(form, on: card, named: visitor.fields["confirmed"], visitor)
        let act = try Self.checked(form, visitor.fields, wantsTicket: confirmed == nil)
        let (handling, ticket): (Handling, String)
        if let confirmed, case .pinServed(_, let asked) = confirmed.waiting.act {
            // On the terms on which it was confirmed.
            (handling, ticket) = (confirmed.waiting.entry(confirmedBy: confirmed.second).handling, asked)
        } else {
            handling = try await desk.handling(
                for: [form.service.transition], by: visitor.person, visitor.fields, seen: .cardRead)
            ticket = visitor.fields["ticket"]
        }
        let request = try PINRequest(act, ticket: ticket, handling: handling, expecting: shown)
        let outcome = try await room.serve(
            request, on: card, in: visitor.fields["reader"], approval: visitor.fields["approval"])
        if let confirmed {
            // Where that fails it is refused a second time: the card has a newer event than was confirmed.
            let (store, number) = (desk.waiting, visitor.person.number)
            try? await desk.threads.run { try store.settle(confirmed.waiting, .closed(by: number), isOver: true) }
        }
        guard let event = outcome.events.first else { throw RegistryError.inconsistent("no event") }
        desk.metrics.count(act: .pinServed)
        return event.identifier
    }

    /// The service that a form asks for; throws all that is wrong with PINs and ticket at once.
    private static func checked(
        _ form: PINForm, _ fields: Fields, wantsTicket: Bool
    ) throws(Faults) -> HolderPIN.Act {
        var faults = FaultCollector()
        let act = faults.attempt { () throws(Faults) in try form.act(fields) }
        if wantsTicket, form != .change {
            _ = faults.attempt { () throws(Faults) in try PINRequest.check(ticket: fields["ticket"], isNeeded: true) }
        }
        try faults.check()
        guard let act else { throw Faults("counter.form") }
        return act
    }

    private func ruleAnswer(_ form: PINForm, on card: RegisteredCard, _ visitor: Visitor) -> RuleAnswer {
        RuleAnswer(.pinServed(form.service, ticket: "-"), on: card, by: visitor.person, under: desk.policy)
    }

    /// What a card's page offers for its PIN; nothing where the counter has no keys, or where an issue that has made the card is open.
    func pinActs(_ card: RegisteredCard, _ hindrance: IssueFlowError?, _ visitor: Visitor) -> [View] {
        guard room.keys != nil, hindrance == nil else { return [] }
        return PINForm.allCases.compactMap { form in
            let rule = ruleAnswer(form, on: card, visitor)
            guard rule.isPossible else { return nil }
            return [
                "name": pages.words.text("pin-\(form.rawValue)", visitor.language),
                "about": pages.words.text("about-pin-\(form.rawValue)", visitor.language),
                "path": "/cards/\(card.facts?.number.text ?? "")/pin/\(form.rawValue)",
                "wantsSecond": rule.wantsSecond,
            ]
        }
    }

    /// The services that are not offered, and why.
    func pinRefusals(_ card: RegisteredCard, _ hindrance: IssueFlowError?, _ visitor: Visitor) -> [View] {
        guard room.keys != nil else { return [] }
        return PINForm.allCases.compactMap { form in
            let rule = ruleAnswer(form, on: card, visitor)
            guard !rule.isPossible || hindrance != nil else { return nil }
            let faults = rule.faults.isEmpty ? hindrance?.faults ?? [] : rule.faults
            return refusal("pin-\(form.rawValue)", faults, visitor.language)
        }
    }

    /// Whether the log has a change of the card's PIN: what a window with keys takes for the holder's own.
    ///
    func pinWasSet(_ events: [LoggedEvent]) -> Bool { events.contains(where: \.body.act.tellsOfHoldersPIN) }

    /// What the log tells of the holder's own PIN, which nobody ticks where the counter has keys.
    func proofFromLog(_ form: CardActForm, _ events: [LoggedEvent]) throws(Faults) -> Proofs {
        guard room.keys != nil, form == .enable else { return [] }
        guard pinWasSet(events) else { throw Faults("chip.pin-not-seen") }
        return .pinChanged
    }

    private func pinPage(
        _ form: PINForm, _ card: RegisteredCard, _ visitor: Visitor, _ faults: [Fault] = []
    ) async throws -> Response {
        let language = visitor.language
        let rule = ruleAnswer(form, on: card, visitor)
        let hindrance = try await room.openIssues.hindrance(of: card)
        var all = faults
        if all.isEmpty, let hindrance { all = hindrance.faults }
        if all.isEmpty, room.keys == nil { all = CardKeyError.notConfigured.faults }
        if all.isEmpty, !rule.isPossible { all = rule.faults.isEmpty ? [Fault("counter.no-role")] : rule.faults }
        let asked = visitor.request.uri.queryParameters["confirmed"].map(String.init) ?? visitor.fields["confirmed"]
        var confirmed: (waiting: WaitingAct, second: Officer)?
        do {
            confirmed = try await confirmedAct(form, on: card, named: asked, visitor)
        } catch let error as any FaultReporting {
            if all.isEmpty { all = error.faults }
        }
        let proofs = confirmed == nil ? proofGroups(rule.rows, visitor) : []
        var view = cardHead(card, visitor)
        view["isPossible"] = rule.isPossible && room.keys != nil && hindrance == nil
        if case .cardOfOpenIssue(let issue) = hindrance { view["openIssue"] = issue }
        view["about"] = pages.words.text("about-pin-\(form.rawValue)", language)
        view["actName"] = pages.words.text("pin-\(form.rawValue)", language)
        view["wantsOldPIN"] = form == .change
        view["wantsNewPIN"] = form != .unblock
        view["wantsTicket"] = form != .change && confirmed == nil
        if let confirmed {
            view["confirmed"] =
                ["waiting": confirmed.waiting.identifier, "by": String(confirmed.second.number)] as View
        }
        view["wantsApproval"] = form != .change && desk.policy.mode == .production
        view["ticket"] = visitor.fields["ticket"]
        view["approval"] = visitor.fields["approval"]
        view["chip"] = chipView(.always, visitor)
        view["proofs"] = proofs
        view["hasProofs"] = !proofs.isEmpty
        // What loosens is signed by two where the keys are used for it, whatever the rules of the card want.
        view["second"] = secondView(
            rule.rows, confirmed == nil && (rule.wantsSecond || form != .change), visitor)
        return show("pin", visitor, title: pages.words.text("pin-\(form.rawValue)", language), faults: all, view)
    }
}
