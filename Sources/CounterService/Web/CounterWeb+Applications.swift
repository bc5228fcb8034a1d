import ByteText
import CardData
import Hummingbird
import Lifecycle
import Registry

extension Lifecycle.Application {
    /// Whether its newest step may say why it stands where it does.
    fileprivate var mayHaveReason: Bool {
        [.supplement, .rejected].contains(state) || (state == .approved && facts.way == .factory)
    }
}

/// Applications: handing in, the list by state, and one screen for each step.
extension CounterWeb {
    func addApplications(to router: Router<CounterContext>) {
        page(router, "/applications") { visitor in
            try visitor.demandOffice()
            return try await applicationsPage(visitor)
        }
        page(router, "/people/:person/apply") { visitor in try applyPage(visitor) }
        form(router, "/people/:person/apply") { visitor in
            let (reference, _) = try seenPerson(visitor)
            do {
                let event = try await handIn(for: reference, visitor)
                return goOn(to: "/events/\(event.sequence)")
            } catch let error as any FaultReporting {
                return try applyPage(visitor, error.faults)
            }
        }
        page(router, "/applications/:application") { visitor in
            let application = try await application(visitor)
            let made = application.card
            let (card, events) = try await desk.registry { registry in
                (
                    try made.flatMap { try registry.card($0) },
                    try registry.events(ofApplication: application.identifier)
                )
            }
            var view = applicationView(application, card, visitor)
            view["history"] =
                events.reversed().map { logged in
                    var row = eventRow(logged, visitor.language)
                    let told = details(of: logged, among: [], visitor.language).filter {
                        $0.value != application.identifier.description
                    }
                    if !told.isEmpty { row["told"] = detailLine(told, visitor.language) }
                    return row
                } as [View]
            if let card { view["card"] = cardRow(card, visitor.language) }
            if application.mayHaveReason { view.merge(reasonView(events.last, visitor.language)) { $1 } }
            view.merge(try await leads(from: application, card, visitor)) { $1 }
            return show(
                "application", visitor, title: pages.words.text("application", visitor.language), view)
        }
        // Whose card is made is looked at first, which is an event.
        form(router, "/applications/:application/applicant") { visitor in
            let application = try await application(visitor)
            let purpose = Self.purpose(of: application.facts.kind)
            _ = try await lookUp(application.facts.person, for: purpose, by: visitor)
            return goOn(to: "/applications/\(application.identifier.word)")
        }
        page(router, "/applications/:application/:step") { visitor in
            let (form, application) = try await step(visitor)
            return try await stepPage(form, application, visitor)
        }
        form(router, "/applications/:application/:step") { visitor in
            let (form, application) = try await step(visitor)
            do {
                let event = try await once(visitor) { try await take(form, application, visitor) }
                return goOn(to: "/events/\(event.sequence)")
            } catch let error as any FaultReporting {
                return try await stepPage(form, try await self.application(visitor), visitor, error.faults)
            }
        }
    }

    /// Hands in what a person applies for, once for each form.
    ///
    /// - Throws: `counter.nothing-to-replace` where the person has no card, ``IssueFlowError/replacementOpen(_:_:)`` where it is being
    ///   replaced already, and what the form and the registry have against it.
    func handIn(for person: PersonReference, _ visitor: Visitor) async throws -> EventIdentifier {
        try await once(visitor) {
            let facts = try ApplicationForm.facts(of: person, visitor.fields)
            if facts.kind != .first {
                guard let card = try await desk.registry({ try $0.activeCard(of: person) }) else {
                    throw Faults(
                        "counter.nothing-to-replace", ["kind": facts.kind.name, "kindZh": facts.kind.chinese])
                }
                if let hindrance = try await room.hindrance(ofReplacing: card) { throw hindrance }
            }
            return try await desk.record(.submitted(facts), on: nil, by: visitor.person, visitor.fields)
        }
    }

    /// The application of the address.
    ///
    /// Throws as ``Visitor/demandOffice()``.
    func application(_ visitor: Visitor) async throws -> Lifecycle.Application {
        try visitor.demandOffice()
        guard let identifier = EventIdentifier(word: visitor.parameter("application")),
            let found = try await desk.registry({ try $0.application(identifier) })
        else { throw Faults("counter.not-found") }
        return found
    }

    func step(_ visitor: Visitor) async throws -> (ApplicationForm, Lifecycle.Application) {
        guard let form = ApplicationForm(rawValue: visitor.parameter("step")) else { throw Faults("counter.not-found") }
        return (form, try await application(visitor))
    }

    // MARK: - Views

    func applicationRow(_ application: Lifecycle.Application, _ language: MessageLanguage) -> View {
        var row: View = [
            "application": application.identifier.description,
            "path": "/applications/\(application.identifier.word)",
            "kind": pages.words.text("kind-\(application.facts.kind.name)", language),
            "way": pages.words.text("way-\(application.facts.way)", language),
            "state": language.word(application.state), "stateCode": application.state.rawValue,
            "enteredBy": String(application.enteredBy),
        ]
        if !application.facts.batch.isEmpty { row["batch"] = application.facts.batch }
        return row
    }

    /// Rows of a list: also whose they are, masked, as far as this session has looked them up, and of when.
    func listed(_ applications: [Lifecycle.Application], _ rows: [View], for visitor: Visitor) async throws -> [View] {
        let counter = configuration.counter
        let (times, newest) = try await desk.registry { registry in
            (
                try applications.map { application in
                    application.identifier.counter == counter
                        ? try registry.event(at: application.identifier.sequence)?.event.wallMilliseconds : nil
                },
                try applications.map { application in
                    guard application.mayHaveReason else { return nil as LoggedEvent? }
                    return try registry.newestEvent(ofApplication: application.identifier).flatMap {
                        try registry.event(at: $0)
                    }
                }
            )
        }
        return applications.indices.map { index in
            var row = rows[index]
            let person = applications[index].facts.person
            row["name"] = visitor.session.seen[person]?.name ?? "–"
            row["day"] = times[index].map { String(Moment.text($0).prefix(10)) } ?? "–"
            row.merge(reasonView(newest[index], visitor.language)) { $1 }
            return row
        }
    }

    /// Why an application stands where it does, as its newest step says: sent back, rejected, or to be made once more.
    private func reasonView(_ newest: LoggedEvent?, _ language: MessageLanguage) -> View {
        guard let newest, case .application(let identifier, let step) = newest.body.act else { return [:] }
        var view: View = [:]
        if case .productionFailed = step { view["isFailed"] = true }
        let told = details(of: newest, among: [], language).filter { $0.value != identifier.description }
        if !told.isEmpty { view["whyNow"] = detailLine(told, language) }
        return view
    }

    /// Where an application leads now: to the making of its card, or to the card that lies ready.
    private func leads(
        from application: Lifecycle.Application, _ card: RegisteredCard?, _ visitor: Visitor
    ) async throws -> View {
        let (person, language) = (application.facts.person, visitor.language)
        switch application.state {
        case .ready:
            guard let card, card.facts != nil else { return [:] }
            let form = CardActForm.handOver
            return [
                "lead": [
                    "name": pages.words.text("act-\(form.rawValue)", language),
                    "about": pages.words.text("about-\(form.rawValue)", language),
                    "path": "\(path(card))/\(form.rawValue)",
                ] as View
            ]
        case .approved where application.facts.way == .instant:
            guard visitor.session.seen[person] != nil else {
                var view: View = ["path": "/applications/\(application.identifier.word)/applicant"]
                view["lookUpSecond"] = lookUpSecond(visitor)
                return ["applicant": view]
            }
            var view: View = [:]
            view["issueNote"] = issueNote(visitor)
            let layouts = try issueLayouts(visitor)
            guard !layouts.isEmpty else { return view }
            // A replacement whose card was spoiled has no old card any more: what is made next is a first one.
            let old = try await desk.registry { try $0.activeCard(of: person) }
            if application.facts.kind == .first || old == nil {
                view["making"] = ["person": person.bytes.hexadecimal, "layouts": layouts] as View
            } else if let old, old.facts != nil {
                view["lead"] =
                    [
                        "name": pages.words.text("act-replace", language),
                        "about": pages.words.text("about-replace", language), "path": path(old) + "/replace",
                    ] as View
            }
            return view
        default: return [:]
        }
    }

    private func applicationView(
        _ application: Lifecycle.Application, _ card: RegisteredCard?, _ visitor: Visitor
    ) -> View {
        let language = visitor.language
        var view = applicationRow(application, language)
        let possible = ApplicationForm.allCases.filter {
            $0.isPossible(application, card: card?.state, by: visitor.person, under: desk.policy)
        }
        view["steps"] = possible.map { form in
            [
                "name": pages.words.text("step-\(form.rawValue)", language),
                "about": pages.words.text("about-step-\(form.rawValue)", language),
                "path": "/applications/\(application.identifier.word)/\(form.rawValue)",
            ] as View
        }
        view["hasSteps"] = !possible.isEmpty
        view["isOwn"] = application.enteredBy == visitor.person.number && application.state == .submitted
        if let seen = visitor.session.seen[application.facts.person] {
            view["holder"] = ["name": seen.name, "number": seen.number] as View
        }
        return view
    }

    /// The field in which whoever sends an application back or rejects it says why; nil for another step.
    func noteView(_ form: ApplicationForm, _ visitor: Visitor) -> View? {
        form.takesNote ? ["typed": visitor.fields["note"], "identifier": "note-\(form.rawValue)"] : nil
    }

    private func stepPage(
        _ form: ApplicationForm, _ application: Lifecycle.Application, _ visitor: Visitor, _ faults: [Fault] = []
    ) async throws -> Response {
        let identifier = application.identifier
        let newest = try await desk.registry { try $0.newestEvent(ofApplication: identifier) }
        var view = applicationView(application, nil, visitor)
        view["seen"] = String(newest ?? 0)
        let rows = [form.row]
        view["stepName"] = pages.words.text("step-\(form.rawValue)", visitor.language)
        view["about"] = pages.words.text("about-step-\(form.rawValue)", visitor.language)
        view["action"] = "/applications/\(application.identifier.word)/\(form.rawValue)"
        view["proofs"] = proofGroups(rows, visitor)
        view["hasProofs"] = !form.row.needs.isEmpty
        view["second"] = secondView(rows, desk.policy.wantsTwo(form.row.transition), visitor)
        if form == .reject { view["choice"] = choiceView("reason", ApplicationForm.reasons, visitor) }
        view["note"] = noteView(form, visitor)
        return show(
            "step", visitor, title: pages.words.text("step-\(form.rawValue)", visitor.language), faults: faults, view)
    }

    private func applyPage(_ visitor: Visitor, _ faults: [Fault] = []) throws -> Response {
        let (reference, seen) = try seenPerson(visitor)
        let rows = [TransitionTable.row(.submit)]
        // What the end of the old card wants, where a factory makes the new one.
        let ended: [Proofs] = (desk.policy.replacementFee > 0 ? [.feeSettled] : []) + [.oldCardTaken, .paper]
        var view: View = [
            "person": reference.bytes.hexadecimal, "name": seen.name, "number": seen.number,
            "batch": visitor.fields["batch"],
            "kinds": choiceView("kind", ApplicationFacts.Kind.allCases.map(\.name), visitor),
            "ways": choiceView("way", ["instant", "factory"], visitor), "proofs": proofGroups(rows, visitor),
            "renewals": choiceView("replacement", ApplicationForm.renewals.map { "\($0)" }, visitor),
            "orderProofs": ended.map { proofGroup($0, visitor) },
            "isOrder": ["replacement", "renewal"].contains(visitor.fields["kind"]),
            "hasProofs": true,
        ]
        view["second"] = secondView(rows, desk.policy.wantsTwo(.submit), visitor)
        return show("apply", visitor, title: pages.words.text("apply", visitor.language), faults: faults, view)
    }
}
