import CardData
import Lifecycle
import Registry

/// The second person, who signs on the screen that wants one: for acts, and where the policy says so for looking at a person or taking
/// one in.
extension CounterWeb {
    /// Whether the policy wants two persons for one of these.
    func wantsSecond(_ transitions: [Transition]) -> Bool {
        transitions.contains(where: desk.policy.wantsTwo)
    }

    /// Who may confirm; nil when the policy wants nobody.
    ///
    /// - Parameters:
    ///   - prefix: stands before the fields' identifiers, where a page has two such forms.
    ///   - isDemanded: whether the browser sends no form without it.
    func secondView(
        _ rows: [TransitionRow], _ isWanted: Bool, _ visitor: Visitor, prefix: String = "", isDemanded: Bool = true
    ) -> View? {
        guard isWanted else { return nil }
        let allowed = rows.dropFirst().reduce(rows.first?.secondPersons ?? []) { $0.intersection($1.secondPersons) }
        return [
            "roles": whoMaySign(allowed, visitor.language), "prefix": prefix,
            "number": visitor.fields["second-number"], "isDemanded": isDemanded,
        ]
    }

    /// Who may sign, in words: where the policy gives the upper tier's acts to the counter, its supervisors among them.
    func whoMaySign(_ roles: Set<Role>, _ language: MessageLanguage) -> String {
        let isTier = desk.policy.upperTier == .counter && roles.contains(.upperTier)
        return roles.union(isTier ? [.supervisor] : []).sorted { $0.rawValue < $1.rawValue }.map(language.word)
            .joined(separator: language == .chinese ? "、" : ", ")
    }

    /// Whether the visitor looks at somebody only with a second person beside them: the policy says so of everybody, or they have looked
    /// at as many persons today as it lets one officer.
    ///
    /// - Parameter person: whom they would look at; nil for anybody new.
    func looksByTwo(_ visitor: Visitor, at person: PersonReference? = nil) -> Bool {
        wantsSecond([.lookUpPerson]) || desk.registry.hasUsedUpLookUps(visitor.person.number, at: person)
    }

    /// Who may confirm a look-up; nil when nobody is wanted.
    func lookUpSecond(_ visitor: Visitor) -> View? {
        secondView(
            [TransitionTable.row(.lookUpPerson)], looksByTwo(visitor), visitor,
            isDemanded: wantsSecond([.lookUpPerson]))
    }

    /// Whether a look-up wants a second person, and the form has none yet: it is shown before anybody is told that they forgot something.
    ///
    /// - Parameter person: whom it shows; nil where the form finds out.
    func isUnsigned(_ visitor: Visitor, at person: PersonReference? = nil) -> Bool {
        let isByTwo = person.map { looksByTwo(visitor, at: $0) } ?? wantsSecond([.lookUpPerson])
        return isByTwo && visitor.fields.secondPerson.values.allSatisfy(\.value.isEmpty)
    }

    /// Who looks at a person, or takes one in: the second person of the form stands beside them where the policy wants two, and is not
    /// asked who they are where it does not.
    func handling(_ transition: Transition, _ visitor: Visitor) async throws -> Handling {
        let isByTwo = transition == .lookUpPerson ? looksByTwo(visitor) : wantsSecond([transition])
        let fields = isByTwo ? visitor.fields.secondPerson : Fields(values: [:])
        return try await desk.handling(for: [transition], by: visitor.person, fields)
    }
}
