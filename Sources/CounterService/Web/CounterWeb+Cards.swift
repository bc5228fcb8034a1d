import ByteText
import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// A card: its state in words, what may be done with it and why the rest may not, its history; and one screen for each act.
extension CounterWeb {
    func addCards(to router: Router<CounterContext>) {
        page(router, "/cards/:card") { visitor in
            let (card, events) = try await card(visitor)
            var view = cardView(card, events, besides: try await room.openIssues, visitor)
            view["waitingActs"] = try await waitingViews(of: card, visitor.language)
            view["kept"] = try await keptView(card)
            view.merge(try await relatives(of: card)) { $1 }
            return show("card", visitor, title: pages.words.text("card", visitor.language), view)
        }
        form(router, "/cards/:card/holder") { visitor in
            let (card, _) = try await card(visitor)
            guard let person = card.facts?.person,
                let purpose = LookUpPurpose.offered.first(where: { "\($0)" == visitor.fields["purpose"] })
            else { throw Faults("counter.choice", ["field": "purpose", "known": "inquiry"]) }
            _ = try await lookUp(person, for: purpose, by: visitor)
            return goOn(to: "/cards/\(visitor.parameter("card"))")
        }
        page(router, "/cards/:card/:act") { visitor in
            let (form, card, events) = try await act(visitor)
            return try await actPage(form, card, events, visitor)
        }
        form(router, "/cards/:card/:act") { visitor in
            let (form, card, events) = try await act(visitor)
            do {
                // A chip is not blocked behind the back of whoever asked for it.
                if isToWait(visitor), form != .endChip {
                    return goOn(
                        to: try await onceLeading(visitor) {
                            let ready = try await prepare(form, on: card, events, visitor)
                            return try await putToWait(
                                ready.act, on: card, visitor, seen: ready.seen, expecting: ready.shown)
                        })
                }
                let event = try await once(visitor) { try await perform(form, on: card, events, visitor) }
                return goOn(to: "/events/\(event.sequence)")
            } catch let error as any FaultReporting {
                return try await actPage(form, card, events, visitor, error.faults)
            }
        }
    }

    /// Records the act that a form asks for, if the card is still as the form showed it.
    func perform(
        _ form: CardActForm, on card: RegisteredCard, _ events: [LoggedEvent], _ visitor: Visitor
    ) async throws -> EventIdentifier {
        if form == .endChip, try form.act(on: card, events, visitor.fields) == .chipEnded(.blocked) {
            return try await blockChip(of: card, visitor)
        }
        if form == .destroy, let event = try await destroyReading(card, events, visitor) { return event }
        let ready = try await prepare(form, on: card, events, visitor)
        return try await desk.record(
            ready.act, on: card, by: visitor.person, visitor.fields, seen: ready.seen, expecting: ready.shown)
    }

    /// Blocks the chip of a card that has ended and was taken back, with the card in the reader, and records it; done already, nothing is
    /// done again.
    private func blockChip(of card: RegisteredCard, _ visitor: Visitor) async throws -> EventIdentifier {
        let shown = try seen(of: card, visitor)
        let rule = RuleAnswer(.chipEnded(.blocked), on: card, by: visitor.person, under: desk.policy)
        guard rule.isPossible else { throw Faults(rule.faults) ?? Faults("counter.no-role") }
        let handling = try await desk.handling(for: [.endChip], by: visitor.person, visitor.fields)
        let event = try await room.blockChip(
            of: card, handledBy: handling, expecting: shown, in: visitor.fields["reader"])
        guard let event else { throw RegistryError.inconsistent("no event") }
        desk.metrics.count(act: .chipEnded)
        return event
    }

    /// Blocks the chip of the card in the reader and books its destruction; nil where a paper stands in place of the card's reading.
    private func destroyReading(
        _ card: RegisteredCard, _ events: [LoggedEvent], _ visitor: Visitor
    ) async throws -> EventIdentifier? {
        let rows = Act.destroyed.transitions(on: card.state).map(TransitionTable.row)
        guard ChipDemand(of: .destroy, rows).isOpen(rows, proofs: visitor.fields.proofs, hasReader: true) else {
            return nil
        }
        let (_, shown) = try await judged(.destroy, on: card, events, visitor)
        let handling = try await desk.handling(for: [.destroy], by: visitor.person, visitor.fields, seen: .cardRead)
        let event = try await room.destroy(
            card, handledBy: handling, expecting: shown, in: visitor.fields["reader"])
        desk.metrics.count(act: .destroyed)
        return event
    }

    /// The act that a form asks for, what the service has seen for it, and what the form had shown; whatever stands against it before
    /// anybody signs is told.
    private func prepare(
        _ form: CardActForm, on card: RegisteredCard, _ events: [LoggedEvent], _ visitor: Visitor
    ) async throws -> (act: Act, seen: Proofs, shown: UInt64?) {
        let (act, shown) = try await judged(form, on: card, events, visitor)
        let seen = try await proofFromChip(form, act, on: card, visitor).union(proofFromLog(form, events))
        return (act, seen, shown)
    }

    /// The act that a form asks for and what the form had shown, before the card is asked for anything.
    private func judged(
        _ form: CardActForm, on card: RegisteredCard, _ events: [LoggedEvent], _ visitor: Visitor
    ) async throws -> (act: Act, shown: UInt64?) {
        let shown = try seen(of: card, visitor)
        let act = try form.act(
            on: card, events, form == .duplicate ? try await namingFirst(before: card, visitor.fields) : visitor.fields)
        if let report = act.lossReport {
            try LossForm.check(report, visitor.fields["lostSince"], of: card, now: desk.clocks.wall())
            try LossForm.checkAgent(act, visitor.fields)
        }
        // Nobody is asked for a card that the act does not start from.
        let open = try await room.openIssues
        if let answer = CardActAnswer(
            form, on: card, events, by: visitor.person, under: desk.policy, besides: open),
            !answer.isPossible
        {
            throw Faults(answer.faults) ?? Faults("counter.no-role")
        }
        return (act, shown)
    }

    /// The fields with the card that came first by its identification code, which people know by its number where it was made here.
    private func namingFirst(before card: RegisteredCard, _ fields: Fields) async throws -> Fields {
        let word = fields.number("first")
        guard !word.isEmpty else { throw Faults("counter.first-card") }
        let first = try await desk.registry { try TierDesk(registry: $0).reference(word, before: card.reference) }
        return fields.saying(fields.values.merging(["first": first.text]) { $1 })
    }

    /// The newest event of the card that the form had shown, which the registry holds against its own when the act is judged; nil for
    /// a program that does not say.
    ///
    /// - Throws: `registry.card-changed` at once, before anybody is asked for a card, when it is not the newest.
    func seen(of card: RegisteredCard, _ visitor: Visitor) throws(RegistryError) -> UInt64? {
        let text = visitor.fields["seen"]
        guard !text.isEmpty else { return nil }
        guard UInt64(text) == card.lastSequence else { throw .cardChanged(card.reference) }
        return card.lastSequence
    }

    /// The card of the address with its events; throws `counter.no-such-card`, and as ``Visitor/demandOffice()``.
    func card(_ visitor: Visitor) async throws -> (RegisteredCard, [LoggedEvent]) {
        try visitor.demandOffice()
        let number = try CardNumber(visitor.parameter("card"))
        let found = try await desk.registry { registry in
            try registry.card(number: number).map { ($0, try registry.events(of: $0.reference)) }
        }
        guard let found else { throw Faults("counter.no-such-card", ["number": number.printed]) }
        room.names.note(number, found.0.reference)
        return found
    }

    func act(_ visitor: Visitor) async throws -> (CardActForm, RegisteredCard, [LoggedEvent]) {
        guard let form = CardActForm(rawValue: visitor.parameter("act")) else { throw Faults("counter.not-found") }
        let (card, events) = try await card(visitor)
        return (form, card, events)
    }
}
