import ByteText
import CardCryptography
import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// 补换卡: a new card in the place of one that was lost, is damaged or is given back. The old one stays as it is until the new one is
/// made; then both acts stand or fall together.
extension CounterWeb {
    func addReplacing(to router: Router<CounterContext>) {
        page(router, "/cards/:card/replace") { visitor in
            let (card, _) = try await card(visitor)
            return try await replacePage(card, visitor)
        }
        form(router, "/cards/:card/replace") { visitor in
            let (card, _) = try await card(visitor)
            do {
                if isToWait(visitor) { return goOn(to: try await askForReplacement(of: card, visitor)) }
                let begun = try await beginReplacement(of: card, visitor)
                return goOn(to: "/issues/\(begun.issue)?person=\(begun.person.bytes.hexadecimal)")
            } catch let error as any FaultReporting {
                return try await replacePage(card, visitor, error.faults)
            }
        }
    }

    /// The way to it from the card, for whom it is offered.
    func replacingAct(_ card: RegisteredCard, _ visitor: Visitor) -> [View] {
        guard canReplace(card, visitor), let number = card.facts?.number.text else { return [] }
        return [
            [
                "name": pages.words.text("act-replace", visitor.language), "path": "/cards/\(number)/replace",
                "about": pages.words.text("about-replace", visitor.language),
                "wantsSecond": endings(of: card, visitor).contains { $0.answer.isPossible && $0.answer.wantsSecond },
            ]
        ]
    }

    private func canReplace(_ card: RegisteredCard, _ visitor: Visitor) -> Bool {
        guard room.keys != nil, visitor.person.roles.contains(.personalizer) else { return false }
        return endings(of: card, visitor).contains(where: \.answer.isPossible)
    }

    /// The reason that the form names; throws `counter.choice` for none of the known.
    private func replacementReason(_ visitor: Visitor) throws(Faults) -> ReplacementReason {
        guard let reason = ReplacementReason.allCases.first(where: { "\($0)" == visitor.fields["replacement"] }) else {
            let known = ReplacementReason.allCases.map { "\($0)" }.joined(separator: " ")
            throw Faults("counter.choice", ["field": "replacement", "known": known])
        }
        return reason
    }

    /// Puts the replacement down until a second person has confirmed it; gives the address of what waits.
    private func askForReplacement(of card: RegisteredCard, _ visitor: Visitor) async throws -> String {
        try checkMaker(visitor)
        let (shown, reason) = (try seen(of: card, visitor), try replacementReason(visitor))
        guard let successor = CardReference(bytes: try SecureRandom.bytes(16)) else { throw Faults("counter.form") }
        if let hindrance = try await room.hindrance(ofReplacing: card) { throw hindrance }
        if let asked = try await waitingReplacement(of: card) {
            throw Faults("waiting.asked-already", ["waiting": asked.identifier])
        }
        let layout = visitor.fields["layout"]
        _ = try room.library.entry(layout)
        // Whose age is asked after is looked at, which is an event; nobody else is.
        if reason == .cameOfAge, let facts = card.facts {
            try check(reason, of: try await lookUp(facts.person, for: .replacement, by: visitor), facts)
        }
        return try await onceLeading(visitor) {
            try await putToWait(
                .replaced(successor: successor, reason: reason), on: card, visitor, expecting: shown, layout: layout)
        }
    }

    /// A card that was made for an adult is replaced for no coming of age, nor one of a child.
    private func check(_ reason: ReplacementReason, of holder: Person?, _ facts: CardFacts) throws {
        guard reason == .cameOfAge, let birth = holder?.birthDate else { return }
        let (then, now) = (birth.wholeYears(until: facts.issued), birth.wholeYears(until: try room.today))
        guard then < Self.adultAge, now >= Self.workingAge else {
            throw Faults("counter.not-come-of-age", ["then": String(then), "now": String(now)])
        }
    }

    /// From this age on somebody is an adult (民法典 §17).
    private static let adultAge = 18
    /// From this age on who lives by their own work counts as one (民法典 §18).
    private static let workingAge = 16

    /// Begins the issue of the new card; gives its name, and whose it is.
    func beginReplacement(
        of card: RegisteredCard, _ visitor: Visitor
    ) async throws -> (issue: String, person: PersonReference) {
        try checkMaker(visitor)
        let shown = try seen(of: card, visitor)
        let reason = try replacementReason(visitor)
        guard let facts = card.facts else { throw Faults("counter.not-found") }
        let transition: Transition = reason == .lost ? .replaceLost : .renew
        let handling = try await desk.handling(for: [transition], by: visitor.person, visitor.fields)
        // A layout that nobody has costs no look-up.
        _ = try room.library.entry(visitor.fields["layout"])
        // The flow goes on with the holder, and that somebody looked at them is an event.
        let holder = try await personInHand(facts.person, for: .replacement, by: visitor)
        try check(reason, of: holder, facts)
        let issue = try await begin(
            visitor,
            replacing: IssuingRequest.Replacement(
                number: facts.number, reason: reason, handling: handling, expecting: shown), for: facts.person)
        return (issue, facts.person)
    }

    /// Where a loss is reported for good, for a card that is lost for the time being only; nil for any other, and where that would help
    /// nobody, because more stands against it.
    ///
    /// - Parameter faults: what stands against any replacement of the card.
    private func formalLossPath(_ card: RegisteredCard, besides faults: [Fault]) -> String? {
        let kinds = card.state.openRestrictions.map(\.kind)
        guard faults.isEmpty, kinds.contains(.temporaryLoss), !kinds.contains(.loss),
            let number = card.facts?.number.text
        else {
            return nil
        }
        return "/cards/\(number)/formal-loss"
    }

    /// Why it is not offered, for the list of what cannot be done; nil where it is.
    func replacingRefusal(_ card: RegisteredCard, _ visitor: Visitor) -> View? {
        guard room.keys != nil, !canReplace(card, visitor) else { return nil }
        // Of the reasons the last says what stands against any replacement.
        let faults = endings(of: card, visitor).last?.answer.faults ?? []
        return refusal(
            "act-replace",
            formalLossPath(card, besides: faults) == nil ? faults : [Fault("counter.formal-loss-wanted")],
            visitor.language)
    }

    /// What the rules say of the old card's end, reason by reason; the successor is made later.
    private func endings(of card: RegisteredCard, _ visitor: Visitor) -> [(
        reason: ReplacementReason, answer: RuleAnswer
    )] {
        guard let successor = CardReference(bytes: [UInt8](repeating: 0xFF, count: 16)) else { return [] }
        return ReplacementReason.allCases.map { reason in
            let act = Act.replaced(successor: successor, reason: reason)
            return (reason, RuleAnswer(act, on: card, by: visitor.person, under: desk.policy))
        }
    }

    private func replacePage(
        _ card: RegisteredCard, _ visitor: Visitor, _ faults: [Fault] = []
    ) async throws -> Response {
        let language = visitor.language
        let endings = endings(of: card, visitor)
        let possible = endings.filter(\.answer.isPossible)
        // A card that is being replaced has no form: its open issue is named in its place.
        let hindrance = try await room.hindrance(ofReplacing: card)
        let isPossible = canReplace(card, visitor) && hindrance == nil
        var all = faults.isEmpty ? hindrance?.faults ?? [] : faults
        if all.isEmpty, !isPossible { all = endings.last?.answer.faults ?? [] }
        if all.isEmpty, !isPossible { all = [Fault("counter.no-role")] }
        let rows = possible.flatMap(\.answer.rows)
        var view = cardHead(card, visitor)
        view["isPossible"] = isPossible
        view["about"] = pages.words.text("about-replace", language)
        view["lossPath"] = formalLossPath(card, besides: endings.last?.answer.faults ?? [])
        view["layouts"] = try issueLayouts(visitor)
        view["choice"] = choiceView("replacement", possible.map { "\($0.reason)" }, visitor)
        // Whoever renews a card long before its expiry for a reason without a code has a paper that gives it.
        view["proofs"] = proofGroups(rows, visitor, besides: [.paper])
        view["hasProofs"] = !rows.isEmpty
        let fee = desk.policy.replacementFee
        let isForLoss = possible.contains { $0.reason == .lost }
        if fee > 0, isForLoss { view["fee"] = "\(fee / 100).\(fee % 100 < 10 ? "0" : "")\(fee % 100)" }
        let isByTwo = possible.contains(where: \.answer.wantsSecond) || looksByTwo(visitor, at: card.facts?.person)
        view["second"] = secondView(rows + [TransitionTable.row(.lookUpPerson)], isByTwo, visitor)
        return show("replace", visitor, title: pages.words.text("act-replace", language), faults: all, view)
    }
}
