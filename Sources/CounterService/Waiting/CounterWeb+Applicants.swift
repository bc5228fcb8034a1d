import ByteText
import CardData
import Hummingbird
import Lifecycle
import Registry

/// Whose act or application waits: name and number, masked, for whoever rules on it. That they looked is an event.
extension CounterWeb {
    func addApplicants(to router: Router<CounterContext>) {
        // Where the policy wants two persons for a look-up, they sign on the page before anybody is shown.
        form(router, "/approvals/:waiting/applicant") { visitor in
            let waiting = try await waitingAct(visitor)
            do {
                let card = try await card(of: waiting)
                // Whoever has no say in it has no reason to look.
                guard isToSee(waiting, on: card, visitor) else { throw Faults("waiting.no-say") }
                if let person = card?.facts?.person {
                    _ = try await lookUp(person, for: purpose(of: waiting, visitor), by: visitor)
                }
                return goOn(to: "/approvals/\(waiting.identifier)")
            } catch let error as any FaultReporting {
                return try await approvalPage(waiting, visitor, error.faults)
            }
        }
        form(router, "/approvals/applications/:application/applicant") { visitor in
            let application = try await application(visitor)
            do {
                let purpose = Self.purpose(of: application.facts.kind)
                _ = try await lookUp(application.facts.person, for: purpose, by: visitor)
                return goOn(to: "/approvals/applications/\(application.identifier.word)")
            } catch let error as any FaultReporting {
                return try await applicationApprovalPage(application, visitor, error.faults)
            }
        }
    }

    /// Whether the visitor sees whose act it is: who asked for it, and who may rule on it, while nobody has.
    func isToSee(_ waiting: WaitingAct, on card: RegisteredCard?, _ visitor: Visitor) -> Bool {
        let isMine = waiting.officer.number == visitor.person.number
        let maySign = waiting.role(of: visitor.person, on: card?.state, under: desk.policy) != nil
        return (isMine || maySign) && waiting.outcome == nil
    }

    /// Why the visitor looks at whose act it is.
    func purpose(of waiting: WaitingAct, _ visitor: Visitor) -> LookUpPurpose {
        waiting.officer.number == visitor.person.number ? Self.purpose(of: waiting.act) : .confirming
    }

    /// The visitor once they have looked a person up, which is an event, once in a session; as they came where two have to look.
    func looking(
        at reference: PersonReference?, for purpose: LookUpPurpose, _ visitor: Visitor
    ) async throws -> Visitor {
        guard let reference, visitor.session.seen[reference] == nil, !looksByTwo(visitor, at: reference),
            let found = try await lookUp(reference, for: purpose, by: visitor)
        else { return visitor }
        var session = visitor.session
        session.seen[reference] = SeenPerson(found, for: purpose)
        return visitor.with(visitor.fields, session)
    }

    /// The form by which two look the person up; nil where the session has seen them, or one is enough.
    func lookingView(at reference: PersonReference?, _ path: String, _ visitor: Visitor) -> View? {
        guard let reference, visitor.session.seen[reference] == nil, let second = lookUpSecond(visitor) else {
            return nil
        }
        return ["lookPath": path, "lookUpSecond": second]
    }

    /// Why somebody who rules on an application looks its applicant up.
    static func purpose(of kind: ApplicationFacts.Kind) -> LookUpPurpose {
        kind == .first ? .issuing : .replacement
    }

    /// What an application asks for: when and before whom it was handed in, what was checked, and which cards the person has.
    func askedView(_ application: Lifecycle.Application, _ language: MessageLanguage) async throws -> View {
        let (identifier, person, counter) = (
            application.identifier, application.facts.person, configuration.counter
        )
        let (submitted, cards) = try await desk.registry { registry in
            (
                identifier.counter == counter ? try registry.event(at: identifier.sequence) : nil,
                try registry.cards(of: person)
            )
        }
        var view: View = ["cards": cards.map { cardRow($0, language) }, "hasCards": !cards.isEmpty]
        if let submitted {
            let row = eventRow(submitted, language)
            view["time"] = row["time"]
            view["officer"] = row["officer"]
            if let told = told(submitted.body.proofs, language) { view["proofsTold"] = told }
        }
        return view
    }
}
