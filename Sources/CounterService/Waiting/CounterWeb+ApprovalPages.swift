import CardData
import Hummingbird
import Lifecycle
import Registry

/// The pages of what waits for a second person.
extension CounterWeb {
    /// How many acts wait that this operator may confirm.
    func waitingCount(for person: Operator) async throws -> Int {
        let now = desk.clocks.wall()
        var count = 0
        for waiting in try await waitingListing().acts where waiting.state(at: now) == .waiting {
            let state = try await card(of: waiting)?.state
            if waiting.role(of: person, on: state, under: desk.policy) != nil { count += 1 }
        }
        return count
    }

    /// How much waits for this operator's word: applications, where their role approves any, acts that wait for a second person, and
    /// cancellations that they may make final.
    func toApprove(_ numbers: DeskNumbers, by person: Operator) async throws -> Int {
        let approving = TransitionTable.row(.approve).officers
        let approves = person.role(among: approving, under: desk.policy).map(approving.contains) ?? false
        let cancellations = try await pendingCancellations(for: person).count
        return (approves ? numbers.toApprove : 0) + (try await waitingCount(for: person)) + cancellations
    }

    /// The cancellations that this operator may make final or lift; none where the upper tier's acts are not this counter's.
    func pendingCancellations(for person: Operator) async throws -> [PendingCancellation] {
        let allowed = TransitionTable.row(.confirmCancellation).officers
        guard let role = person.role(among: allowed, under: desk.policy), allowed.contains(role) else { return [] }
        return try await desk.registry { try $0.pendingCancellations(Self.mostCancellations) }
            .filter { !$0.signers.contains(person.number) }
    }

    /// No list shows more of them.
    private static let mostCancellations = 200

    /// This operator's own acts that lie open: how many there are, and how many of them wait for the operator: sent back, expired, or
    /// confirmed and to be done at the reader.
    func ownWaiting(of person: Operator) async throws -> (all: Int, toDo: Int) {
        let now = desk.clocks.wall()
        let own = try await waitingListing().acts.filter { $0.officer.number == person.number }
        return (own.count, own.count { $0.state(at: now) != .waiting })
    }

    /// What waits for a card, for its page.
    func waitingViews(of card: RegisteredCard, _ language: MessageLanguage) async throws -> [View] {
        let now = desk.clocks.wall()
        return try await waitingListing().acts.filter { $0.card == card.reference }.map { waiting in
            [
                "act": language.word(waiting.act.kind), "path": "/approvals/\(waiting.identifier)",
                "state": pages.words.text("waiting-\(waiting.state(at: now).rawValue)", language),
            ]
        }
    }

    /// The replacement of a card that somebody has asked for already, and that still waits; nil when none does.
    func waitingReplacement(of card: RegisteredCard) async throws -> WaitingAct? {
        let now = desk.clocks.wall()
        return try await waitingListing().acts.first {
            $0.card == card.reference && $0.act.kind == .replaced && $0.state(at: now) == .waiting
        }
    }

    private func waitingListing() async throws -> WaitingActs.Listing {
        let waiting = desk.waiting
        return try await desk.threads.run { waiting.listing() }
    }

    /// What waits: everybody's, page by page, or one's own acts alone, those first that wait for oneself.
    func approvalsPage(_ visitor: Visitor) async throws -> Response {
        try visitor.demandOffice()
        let language = visitor.language
        let isMine = visitor.request.uri.queryParameters["mine"] == "1"
        let listing = try await waitingListing()
        let (now, number) = (desk.clocks.wall(), visitor.person.number)
        let own = listing.acts.filter { $0.officer.number == number }
        let acts =
            isMine
            ? own.filter { $0.state(at: now) != .waiting } + own.filter { $0.state(at: now) == .waiting }
            : listing.acts
        var rows: [View] = []
        for waiting in acts {
            rows.append(waitingRow(waiting, try await card(of: waiting), visitor))
        }
        var view: View = [
            "acts": rows, "hasActs": !rows.isEmpty, "isMine": isMine,
            "damaged": listing.damaged.map { ["name": $0] as View }, "hasDamaged": !listing.damaged.isEmpty,
        ]
        if !isMine {
            view.merge(try await applicationsToApprove(visitor)) { $1 }
            let cancellations = try await pendingCancellations(for: visitor.person)
            view["cancellations"] = cancellations.map { pending in
                var row = cardRow(pending.card, language)
                row["path"] = path(pending.card) + "/" + CardActForm.confirmCancellation.rawValue
                row["event"] = pending.reported.description
                row["at"] = pending.at.map(Moment.text) ?? "–"
                return row
            }
            view["hasCancellations"] = !cancellations.isEmpty
        }
        return show("approvals", visitor, title: pages.words.text("approvals", language), view)
    }

    private func waitingRow(_ waiting: WaitingAct, _ card: RegisteredCard?, _ visitor: Visitor) -> View {
        let language = visitor.language
        let state = waiting.state(at: desk.clocks.wall())
        let name = (try? desk.operators.operation(waiting.officer.number))?.name
        var row: View = [
            "waiting": waiting.identifier, "path": "/approvals/\(waiting.identifier)",
            "act": language.word(waiting.act.kind),
            "told": detailLine(details(of: waiting.act, among: [], language), language),
            "officer": [String(waiting.officer.number), name].compactMap(\.self).joined(separator: " "),
            "madeAt": Moment.text(waiting.madeAt), "expiresAt": Moment.text(waiting.expiresAt),
            "state": pages.words.text("waiting-\(state.rawValue)", language), "stateCode": state.rawValue,
            "isMine": waiting.officer.number == visitor.person.number,
            "mayWithdraw": state == .waiting && waiting.officer.number == visitor.person.number,
            "mayConfirm": state == .waiting
                && waiting.role(of: visitor.person, on: card?.state, under: desk.policy) != nil,
            "isChanged": card != nil && card?.lastSequence != waiting.seen && waiting.outcome == nil,
        ]
        if let card { row["card"] = cardRow(card, language) }
        return row
    }

    /// One waiting act: the card as it is, what is asked for and on what proof, and the two answers.
    ///
    /// - Parameter isWithdrawing: whether whoever asked for it is asked whether they take it back.
    func approvalPage(
        _ waiting: WaitingAct, _ visitor: Visitor, _ faults: [Fault] = [], isWithdrawing: Bool = false
    ) async throws -> Response {
        let language = visitor.language
        let card = try await card(of: waiting)
        let isMine = waiting.officer.number == visitor.person.number
        let maySign = waiting.role(of: visitor.person, on: card?.state, under: desk.policy) != nil
        // Nobody rules on an act without having seen whose it is.
        let isSeen = isToSee(waiting, on: card, visitor)
        let visitor = try await looking(
            at: isSeen ? card?.facts?.person : nil, for: purpose(of: waiting, visitor), visitor)
        let reference = waiting.card
        let events = try await desk.registry { registry in
            try reference.map { card throws(RegistryError) in try registry.events(of: card) } ?? []
        }
        var view = waitingRow(waiting, card, visitor)
        let state = waiting.state(at: desk.clocks.wall())
        if let card {
            view["hasCard"] = true
            let head = cardHead(card, visitor)
            view["head"] = head
            view["cardPath"] = head["cardPath"]
            view["looking"] = lookingView(
                at: isSeen ? card.facts?.person : nil, "/approvals/\(waiting.identifier)/applicant", visitor)
        }
        var told = details(of: waiting.act, among: events, language)
        if let layout = waiting.layout {
            told.append((pages.words.text("layout", language), try title(ofLayout: layout, language)))
        }
        view["details"] = detailViews(told)
        if let proofs = self.told(waiting.proofs, language) { view["proofsTold"] = proofs }
        view["roles"] = whoMaySign(waiting.confirmingRoles(on: card?.state), language)
        view["maySendBack"] = maySign && waiting.outcome == nil
        view["mayConfirm"] = maySign && state == .waiting && view["isChanged"] as? Bool != true
        view["mayClose"] =
            (isMine || maySign) && ![.waiting, .closed, .withdrawn].contains(state)
            && (state != .confirmed || waiting.isDoneAtReader)
        view["isWithdrawing"] = isWithdrawing && isMine && state == .waiting
        view["reasonTyped"] = visitor.fields["reason"]
        if case .stock(let move) = waiting.act {
            view["pieces"] =
                [
                    "kind": language.word(move.pieces.kind), "count": String(move.pieces.serials.serials.count),
                    "serials": move.pieces.serials.serials.map(Self.serialView),
                ] as View
        }
        if case .dayClosed(let count) = waiting.act {
            view["counts"] = StockKind.atHand.map { kind in
                ["kind": language.word(kind), "count": String(count.counted[kind]?.serials.count ?? 0)] as View
            }
            view["typed"] = String(count.typed?.serials.count ?? 0)
        }
        switch waiting.outcome {
        case .sentBack(let person, let reason):
            view["sentBack"] = ["by": String(person), "reason": reason] as View
        case .confirmed(let person, let path):
            view["confirmed"] =
                [
                    "by": String(person.number), "path": path, "isToDo": waiting.isDoneAtReader,
                    // At the reader it is for whoever asked for it.
                    "mayFollow": isMine || !waiting.isDoneAtReader,
                ] as View
        case .closed, .withdrawn, nil: break
        }
        return show(
            "approval", visitor, title: pages.words.text("approval-title", language), faults: faults, view)
    }

    /// The application that whoever has just ruled on one may rule on next, the longest waiting first; nil where there is none.
    func nextApplication(after logged: LoggedEvent, _ visitor: Visitor) async throws -> String? {
        guard [.approved, .rejected, .supplementAsked].contains(logged.body.act.kind),
            logged.event.officer == visitor.person.number
        else { return nil }
        let (waiting, _) = try await desk.registry {
            try $0.applications(in: [.submitted], enteredBy: nil, skipping: 0, limit: 100)
        }
        let next = waiting.first { ApplicationForm.approve.isPossible($0, by: visitor.person, under: desk.policy) }
        return next.map { "/approvals/applications/\($0.identifier.word)" }
    }

    /// An application on one screen: approved, sent back or rejected.
    func applicationApprovalPage(
        _ application: Lifecycle.Application, _ visitor: Visitor, _ faults: [Fault] = []
    ) async throws -> Response {
        let language = visitor.language
        let identifier = application.identifier
        let shown = try await desk.registry { try $0.newestEvent(ofApplication: identifier) }
        let forms: [ApplicationForm] = [.approve, .sendBack, .reject]
        let possible = forms.filter { $0.isPossible(application, by: visitor.person, under: desk.policy) }
        let person = possible.isEmpty ? nil : application.facts.person
        let visitor = try await looking(at: person, for: Self.purpose(of: application.facts.kind), visitor)
        var view = applicationRow(application, language)
        view["asked"] = try await askedView(application, language)
        view["looking"] = lookingView(
            at: person, "/approvals/applications/\(identifier.word)/applicant", visitor)
        view["isOwn"] = application.enteredBy == visitor.person.number && application.state == .submitted
        if let seen = visitor.session.seen[application.facts.person] {
            view["holder"] = ["name": seen.name, "number": seen.number] as View
        }
        view["decisions"] = possible.map { form in
            var decision: View = [
                "name": pages.words.text("step-\(form.rawValue)", language),
                "about": pages.words.text("about-step-\(form.rawValue)", language),
                "action": "/approvals/applications/\(identifier.word)/\(form.rawValue)",
                "seen": String(shown ?? 0), "isSecond": form != .approve,
            ]
            if form == .reject { decision["choice"] = choiceView("reason", ApplicationForm.reasons, visitor) }
            decision["note"] = noteView(form, visitor)
            decision["second"] = secondView(
                [form.row], desk.policy.wantsTwo(form.row.transition), visitor,
                prefix: form.rawValue + "-")
            return decision
        }
        view["hasDecisions"] = !possible.isEmpty
        return show(
            "approve-application", visitor, title: pages.words.text("application", language), faults: faults, view)
    }
}
