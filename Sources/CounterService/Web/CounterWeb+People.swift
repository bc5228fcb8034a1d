import ByteText
import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// Finding and registering persons: every look-up is an event, and pages show names and numbers masked.
extension CounterWeb {
    func addPeople(to router: Router<CounterContext>) {
        form(router, "/search") { visitor in
            do {
                if let name = Self.name(visitor.fields["query"]) { return try await namesPage(name, visitor) }
                return goOn(to: try await found(visitor))
            } catch let error as any FaultReporting {
                return show(
                    "search", visitor, title: pages.words.text("search", visitor.language), faults: error.faults,
                    searchView(
                        visitor, query: visitor.fields["query"], purpose: visitor.fields["purpose"]))
            }
        }
        page(router, "/people/new") { visitor in registerPage(visitor) }
        form(router, "/people/new") { visitor in
            do {
                let reference = try await desk.registrations.once(
                    visitor.key(), saying: visitor.fields
                ) { try await register(visitor.fields, by: visitor) }
                return goOn(to: "/people/\(reference.bytes.hexadecimal)")
            } catch let error as any FaultReporting {
                return registerPage(visitor, error.faults, differs: (error as? PersonDiffers)?.items ?? [])
            }
        }
        page(router, "/people/:person") { visitor in
            let (reference, seen) = try seenPerson(visitor)
            let (cards, applications) = try await desk.registry {
                (try $0.cards(of: reference), try $0.applications(of: reference))
            }
            let layouts = try issueLayouts(visitor)
            let rows = try await listed(
                applications, applications.map { applicationRow($0, visitor.language) }, for: visitor)
            // Who has a card gets no second one: theirs is replaced, on its own page.
            let hasCard = cards.contains { !$0.state.social.isEnded }
            var view: View =
                [
                    "issueNote": issueNote(visitor) ?? "", "hasIssueNote": issueNote(visitor) != nil && !hasCard,
                    "canIssue": !layouts.isEmpty && !hasCard, "layouts": layouts,
                    "openIssues": try await openIssues(of: reference, visitor.language),
                    "name": seen.name, "number": seen.number,
                    "purpose": pages.words.text("purpose-\(seen.purpose)", visitor.language),
                    "person": reference.bytes.hexadecimal, "cards": cards.map { personCardRow($0, visitor) },
                    "hasCards": !cards.isEmpty, "hasSeveralCards": cards.count > 1,
                    "applications": rows,
                    "hasApplications": !applications.isEmpty,
                ]
            view["registered"] = try await registeredView(reference, cards, visitor)
            return show("person", visitor, title: pages.words.text("person", visitor.language), view)
        }
    }

    /// The issues that make the person a card and are open.
    private func openIssues(of person: PersonReference, _ language: MessageLanguage) async throws -> [View] {
        guard room.keys != nil else { return [] }
        let room = room
        var rows: [View] = []
        for issue in try await room.blocking({ try room.shelf.unfinished() }).issues
        where try await self.person(of: issue) == person {
            rows.append(issueRow(issue, language))
        }
        return rows
    }

    /// A card of the person with the way to report the person's card lost: by person, whoever knows no card number.
    private func personCardRow(_ card: RegisteredCard, _ visitor: Visitor) -> View {
        var row = cardRow(card, visitor.language)
        let sample = Act.temporaryLoss(LossReport(channel: .counter, reporter: .holder, subject: .person))
        let rule = RuleAnswer(sample, on: card, by: visitor.person, under: desk.policy)
        if rule.isPossible, LossForm.known(.temporaryLoss, on: card, []) == nil, let number = card.facts?.number.text {
            row["losses"] = [CardActForm.temporaryLoss, .formalLoss].map { form in
                [
                    "name": pages.words.text("act-\(form.rawValue)", visitor.language),
                    "path": "/cards/\(number)/\(form.rawValue)?subject=person",
                ] as View
            }
        }
        return row
    }

    /// The address of what a search finds: a slip by its scanned code, a card by its number, a person by theirs; somebody who is not registered is offered
    /// registration.
    private func found(_ visitor: Visitor) async throws -> String {
        let query = visitor.fields.number("query")
        if let code = try SlipCode(scanned: query) { return try await address(of: code) }
        if let address = try await address(ofPrinted: query) { return address }
        guard let purpose = LookUpPurpose.offered.first(where: { "\($0)" == visitor.fields["purpose"] }) else {
            let known = LookUpPurpose.offered.map { "\($0)" }.joined(separator: " ")
            throw Faults("counter.choice", ["field": "purpose", "known": known])
        }
        // Card numbers begin with a letter and have nine characters, citizens' numbers eighteen digits.
        if let number = try? CardNumber(query) {
            guard let card = try await desk.registry({ try $0.card(number: number) }) else {
                throw Faults("counter.no-such-card", ["number": number.printed])
            }
            return try await address(of: card, purpose, visitor)
        }
        // Identification codes have thirty-two hexadecimal digits.
        if let reference = CardReference(text: query) {
            guard let card = try await desk.registry({ try $0.card(reference) }) else {
                throw Faults("counter.no-such-card", ["number": reference.text])
            }
            return try await address(of: card, purpose, visitor)
        }
        // A chip's serial, as the lists of stock name it.
        if let serial = [UInt8](hexadecimal: query), (4...16).contains(serial.count),
            let card = try await desk.registry({ registry in
                try registry.reference(onChip: serial).flatMap { try registry.card($0) }
            })
        {
            return try await address(of: card, purpose, visitor)
        }
        let number = try SocialSecurityNumber(query)
        let reference = try await lookUp(number, for: purpose, by: visitor)
        return "/people/\(reference.bytes.hexadecimal)"
    }

    /// The address of a card that was searched for: that somebody looked at its holder is an event.
    private func address(
        of card: RegisteredCard, _ purpose: LookUpPurpose, _ visitor: Visitor
    ) async throws -> String {
        guard let facts = card.facts else { throw Faults("counter.no-such-card", ["number": card.reference.text]) }
        _ = try await lookUp(facts.person, for: purpose, by: visitor)
        return "/cards/\(facts.number.text)"
    }

    /// Looks a person up by number; throws `counter.no-such-person` after the look-up has become an event.
    func lookUp(
        _ number: SocialSecurityNumber, for purpose: LookUpPurpose, by visitor: Visitor
    ) async throws -> PersonReference {
        let handling = try await handling(.lookUpPerson, visitor)
        let (reference, found) = try await desk.registry { registry in
            (
                try registry.reference(of: number),
                try registry.lookUpPerson(number, purpose: purpose, handledBy: handling)
            )
        }
        guard let found else { throw Faults("counter.no-such-person", ["number": number.masked]) }
        note(found, reference, purpose, visitor)
        return reference
    }

    /// Looks up the person that a card names.
    func lookUp(
        _ reference: PersonReference, for purpose: LookUpPurpose, by visitor: Visitor
    ) async throws -> Person? {
        let handling = try await handling(.lookUpPerson, visitor)
        let found = try await desk.registry {
            try $0.lookUpPerson(reference, purpose: purpose, handledBy: handling)
        }
        if let found { note(found, reference, purpose, visitor) }
        return found
    }

    /// The person of work in hand: that an officer looks at them for it is an event once in a session, and not at each step of the work;
    /// where two have to look, each time.
    func personInHand(
        _ reference: PersonReference, for purpose: LookUpPurpose, by visitor: Visitor
    ) async throws -> Person? {
        let seen = sessions.seen(reference, in: visitor.session.identifier)
        guard seen?.purpose == purpose, !wantsSecond([.lookUpPerson]) else {
            return try await lookUp(reference, for: purpose, by: visitor)
        }
        return try await desk.registry { try $0.person(inHand: reference) }
    }

    func note(_ person: Person, _ reference: PersonReference, _ purpose: LookUpPurpose, _ visitor: Visitor) {
        sessions.note(SeenPerson(person, for: purpose), as: reference, in: visitor.session.identifier)
    }

    /// The person of the address, if this session has looked them up.
    func seenPerson(_ visitor: Visitor) throws(Faults) -> (PersonReference, SeenPerson) {
        guard let bytes = [UInt8](hexadecimal: visitor.parameter("person")),
            let reference = PersonReference(bytes: bytes), let seen = visitor.session.seen[reference]
        else { throw Faults("counter.person-not-looked-up") }
        return (reference, seen)
    }
}
