import ByteText
import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// Cards as pages show them: the card itself, a row of a list, the form of an act.
extension CounterWeb {
    func cardView(
        _ card: RegisteredCard, _ events: [LoggedEvent], besides open: IssueListing, _ visitor: Visitor
    ) -> View {
        let language = visitor.language
        let hindrance = open.hindrance(of: card)
        let answers = CardActForm.allCases.compactMap {
            CardActAnswer($0, on: card, events, by: visitor.person, under: desk.policy, besides: open)
        }
        var view = cardHead(card, visitor)
        let acts: [View] =
            answers.filter(\.isPossible).map { answer in
                [
                    "name": name(of: answer, language), "path": path(card) + "/" + answer.form.rawValue,
                    "about": pages.words.text("about-\(answer.form.rawValue)", language),
                    "wantsSecond": answer.wantsSecond,
                ] as View
            } + pinActs(card, hindrance, visitor) + replacingAct(card, visitor) + dataChangeAct(card, visitor)
        // Why and until when, of what was reported here.
        view["restrictions"] = card.state.openRestrictions.map { restriction in
            var row = restrictionView(restriction, language)
            if let opened = events.first(where: { $0.event.identifier == restriction.openedBy }) {
                let told = details(of: opened, among: events, language).map { "\($0.label) \($0.value)" }
                if !told.isEmpty { row["told"] = told.joined(separator: language == .chinese ? "；" : "; ") }
            }
            return row
        }
        view.merge(photoView(card, visitor)) { $1 }
        view["openIssue"] = answers.compactMap(\.openIssue).first
        view["acts"] = acts
        view["hasActs"] = !acts.isEmpty
        view["refusals"] =
            answers.filter { !$0.isPossible }.map { answer in
                let first = answer.faults.first.map {
                    PageRenderer.text(for: $0, language).what
                }
                return [
                    "name": name(of: answer, language),
                    "why": first ?? pages.words.text("anotherRole", language),
                ] as View
            } + pinRefusals(card, hindrance, visitor)
            + [replacingRefusal(card, visitor), dataChangeRefusal(card, visitor)].compactMap(\.self)
        view["history"] = events.reversed().map { logged in
            var row = eventRow(logged, language)
            let told = detailLine(details(of: logged, among: events, language), language)
            if !told.isEmpty { row["told"] = told }
            return row
        }
        return view
    }

    /// An act that is not offered, and why.
    func refusal(_ word: String, _ faults: [Fault], _ language: MessageLanguage) -> View {
        let why = faults.first.map { PageRenderer.text(for: $0, language).what }
        return ["name": pages.words.text(word, language), "why": why ?? pages.words.text("anotherRole", language)]
    }

    /// What stands above every screen of a card.
    func cardHead(_ card: RegisteredCard, _ visitor: Visitor) -> View {
        let language = visitor.language
        let state = card.state
        var view: View = [
            "cardNumber": card.facts?.number.printed ?? "–", "cardPath": path(card),
            "identificationCode": card.reference.text, "state": language.word(state.shown),
            "stateCode": state.shown.rawValue, "why": why(card, language),
            "isExpired": isExpired(card),
            "physical": language.word(state.physical),
            "layout": card.facts.map { self.shown(layout: $0.layout, language) } ?? "–",
            "issued": card.facts.map { dashed($0.issued) } ?? "–",
            "expires": card.facts.map { dashed($0.expires) } ?? "–", "seen": String(card.lastSequence),
            "restrictions": state.openRestrictions.map { restrictionView($0, language) },
            "hasRestrictions": !state.restrictions.isEmpty,
        ]
        if let successor = card.successor { view["successor"] = successor.text }
        if let person = card.facts?.person {
            view["hasHolder"] = true
            if let seen = visitor.session.seen[person] {
                view["holder"] =
                    ["name": seen.name, "number": seen.number, "path": "/people/\(person.bytes.hexadecimal)"] as View
            }
            view.merge(searchView(visitor)) { old, _ in old }
        }
        return view
    }

    /// Why the card is in this state, as a till or a holder would ask.
    private func why(_ card: RegisteredCard, _ language: MessageLanguage) -> String {
        let state = card.state
        if let reason = state.social.endReason {
            return pages.words.text("whyEnded", language) + language.word(reason)
        }
        // The rules read no clock: a card that nobody ended for its age is in force, and no till takes it.
        if state.shown == .normal, isExpired(card) { return pages.words.text("why-expired", language) }
        return pages.words.text("why-\(state.shown.rawValue)", language)
    }

    /// Whether the card's last day is over; an ended one is past caring.
    func isExpired(_ card: RegisteredCard) -> Bool {
        guard !card.state.social.isEnded, let facts = card.facts, let today = try? room.today else { return false }
        return facts.expires < today
    }

    private func restrictionView(_ restriction: Restriction, _ language: MessageLanguage) -> View {
        [
            "kind": language.word(restriction.kind), "event": restriction.openedBy.description,
            "word": restriction.openedBy.word, "sequence": String(restriction.openedBy.sequence),
        ]
    }

    private func name(of answer: CardActAnswer, _ language: MessageLanguage) -> String {
        pages.words.text("act-\(answer.form.rawValue)", language)
    }

    func path(_ card: RegisteredCard) -> String { "/cards/\(card.facts?.number.text ?? "")" }

    func dashed(_ date: CardDate) -> String {
        let text = date.text
        return "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))"
    }

    func cardRow(_ card: RegisteredCard, _ language: MessageLanguage) -> View {
        [
            "number": card.facts?.number.printed ?? "–", "path": path(card), "state": language.word(card.state.shown),
            "stateCode": card.state.shown.rawValue, "why": why(card, language),
            "isExpired": isExpired(card), "physical": language.word(card.state.physical),
            "isInForce": !card.state.social.isEnded,
            "isUsable": card.state.shown == .normal && !isExpired(card),
        ]
    }

    /// What a report of a loss asks for beside who reports.
    private func lossView(isFormal: Bool, _ visitor: Visitor) -> View {
        // The person's page asks for all of the person's cards.
        let asked = visitor.request.uri.queryParameters["subject"].map(String.init) ?? LossForm.subjects[0].word
        var view: View = [
            "subjects": choiceView("subject", LossForm.subjects.map(\.word), visitor, unless: asked),
            "lostSince": visitor.fields["lostSince"],
        ]
        if !isFormal {
            view["channels"] = choiceView(
                "channel", LossForm.channels.map(\.word), visitor, unless: LossForm.channels[0].word)
        }
        return view
    }

    /// Whom a form names as come in the holder's place.
    func agentView(_ visitor: Visitor) -> View {
        let (name, document) = (visitor.fields["agentName"], visitor.fields["agentDocument"])
        let isChosen = visitor.fields["reporter"] == "\(LossReport.Reporter.agent)"
        return ["agentName": name, "agentDocument": document, "isTyped": isChosen || !(name + document).isEmpty]
    }

    /// The screen of one act: what it does, what must have been shown, who confirms; what was filled in stays.
    func actPage(
        _ form: CardActForm, _ card: RegisteredCard, _ events: [LoggedEvent], _ visitor: Visitor,
        _ faults: [Fault] = []
    ) async throws -> Response {
        let language = visitor.language
        let open = try await room.openIssues
        let found = CardActAnswer(form, on: card, events, by: visitor.person, under: desk.policy, besides: open)
        // Whoever goes back to a form, or has a second one of it open, is told that the act is done; of a loss the rules tell that and more.
        let isKnownLoss = found?.faults.first?.code == "counter.loss-known"
        if found?.isPossible != true, !isKnownLoss, let done = form.done(events, by: visitor.person.number) {
            return show(
                "act", visitor, title: pages.words.text("act-\(form.rawValue)", language), faults: [done],
                cardHead(card, visitor))
        }
        guard let answer = found else { throw Faults("counter.act-not-offered") }
        // A card that the act does not start from has no form to fill in: the reasons stand in its place.
        var all = faults
        if all.isEmpty, !answer.isPossible {
            all = answer.faults.isEmpty ? [Fault("counter.no-role")] : answer.faults
        }
        var view = cardHead(card, visitor)
        view["actName"] = name(of: answer, language)
        view["confirmName"] = confirming(name(of: answer, language), language)
        view["about"] = pages.words.text("about-\(form.rawValue)", language)
        view["isPossible"] = answer.isPossible
        view["openIssue"] = answer.openIssue
        var proofs = proofGroups(answer.rows, visitor)
        // Others may report a loss for their holder, and collect the card.
        if [.formalLoss, .handOver, .giveBack].contains(form) { proofs.append(proofGroup(.agentDocument, visitor)) }
        if [.temporaryLoss, .formalLoss, .handOver, .giveBack].contains(form) {
            if form == .temporaryLoss { proofs.append(proofGroup(.agentDocument, visitor)) }
            view["agent"] = agentView(visitor)
        }
        view["proofs"] = proofs
        view["hasProofs"] = !proofs.isEmpty
        view["chip"] = chipView(ChipDemand(of: form, answer.rows), visitor)
        view["second"] = secondView(answer.rows, answer.wantsSecond, visitor)
        if let choices = form.choices {
            view["choice"] = choiceView(choices.field, choices.words, visitor)
        }
        if form == .duplicate { view["first"] = ["typed": visitor.fields["first"]] as View }
        if form == .release {
            view["hasReleases"] = true
            let open = CardActForm.releasable(on: card)
            view["releases"] = open.map { restriction in
                var row = restrictionView(restriction, language)
                row["isOn"] = visitor.fields.isOn("restriction-\(restriction.openedBy.word)") || open.count == 1
                return row
            }
        }
        if form == .correct {
            view["hasCorrections"] = true
            view["corrections"] = CardActForm.correctable(events, on: card).reversed().map { logged in
                var row = eventRow(logged, language)
                row["isOn"] = visitor.fields["event"] == logged.event.identifier.word
                return row
            }
        }
        if form == .hold {
            view["hold"] = ["until": visitor.fields["until"], "most": String(desk.policy.holdDays)] as View
        }
        if form == .handOver || form == .giveBack { view["collection"] = collectionView(card) }
        if form == .temporaryLoss || form == .formalLoss {
            view["isLoss"] = true
            view["loss"] = lossView(isFormal: form == .formalLoss, visitor)
        }
        return show("act", visitor, title: name(of: answer, language), faults: all, view)
    }
}
