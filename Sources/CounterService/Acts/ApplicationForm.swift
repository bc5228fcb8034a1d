import CardData
import Lifecycle

/// What a window does with an application.
enum ApplicationForm: String, CaseIterable {
    case approve
    case reject
    case sendBack = "ask-supplement"
    case supplement
    case withdraw
    /// Left as ready by an older program, though the holder has the card.
    case closeCollected = "close-collected"
    /// Left as ready, though the card has ended.
    case closeEnded = "close-ended"

    /// The step, with the reason of a rejection; throws `counter.choice`.
    func step(_ fields: Fields) throws(Faults) -> ApplicationStep {
        switch self {
        case .approve: return .approved
        case .sendBack: return .supplementAsked(why: try Self.note(fields))
        case .supplement: return .supplemented
        case .withdraw: return .withdrawn
        case .closeCollected: return .collected(.cardIsOut)
        case .closeEnded: return .lapsed(.cardHasEnded)
        case .reject:
            guard let reason = RejectionReason.allCases.first(where: { "\($0)" == fields["reason"] }) else {
                throw Faults("counter.choice", ["field": "reason", "known": Self.reasons.joined(separator: " ")])
            }
            return .rejected(reason, why: try Self.note(fields))
        }
    }

    /// Whether whoever takes the step may say more of why.
    var takesNote: Bool { self == .sendBack || self == .reject }

    /// What was written down of why; nil where nothing was.
    ///
    /// - Throws: `application.note` for what the log would keep in part alone.
    private static func note(_ fields: Fields) throws(Faults) -> FailureNote? {
        guard !FailureNote.shortens(fields["note"]) else {
            throw Faults("application.note", ["most": String(FailureNote.longest)])
        }
        return FailureNote(fields["note"])
    }

    /// The words for why an application is rejected.
    static let reasons = RejectionReason.allCases.map { "\($0)" }

    /// The row of the table that judges it.
    var row: TransitionRow {
        switch self {
        case .approve: TransitionTable.row(.approve)
        case .reject: TransitionTable.row(.reject)
        case .sendBack: TransitionTable.row(.askSupplement)
        case .supplement: TransitionTable.row(.supplement)
        case .withdraw: TransitionTable.row(.withdraw)
        case .closeCollected: TransitionTable.row(.collect)
        case .closeEnded: TransitionTable.row(.lapse)
        }
    }

    /// Whether the rules allow it for this application and operator, all proofs given.
    ///
    /// - Parameter card: the card that was made for it, where there is one.
    func isPossible(
        _ application: Application, card: CardState? = nil, by person: Operator, under policy: LifecyclePolicy
    ) -> Bool {
        switch self {
        case .closeCollected: guard card?.physical == .withHolder else { return false }
        case .closeEnded: guard card?.social.isEnded == true else { return false }
        case .approve, .reject, .sendBack, .supplement, .withdraw: break
        }
        guard let role = person.role(among: row.officers),
            let step = try? step(Fields(values: ["reason": Self.reasons[0]]))
        else { return false }
        let handling = Handling(
            by: Officer(number: person.number, role: role),
            second: row.secondPersons.first.map { Officer(number: .max, role: $0) },
            proofs: Proofs(Proofs.named.map(\.proof)))
        return (try? application.applying(step, handledBy: handling, under: policy)) != nil
    }

    /// Why a card that was not lost is renewed.
    static let renewals = ReplacementReason.allCases.filter { $0 != .lost }

    /// The application that a person hands in; throws every fault of the form.
    static func facts(of person: PersonReference, _ fields: Fields) throws(Faults) -> ApplicationFacts {
        var faults = FaultCollector()
        let kinds = ApplicationFacts.Kind.allCases
        let kind = kinds.first { $0.name == fields["kind"] }
        if kind == nil {
            let known = kinds.map(\.name).joined(separator: " ")
            faults.add("counter.choice", ["field": "kind", "form": "application", "known": known])
        }
        let ways: [String: ApplicationFacts.Way] = ["instant": .instant, "factory": .factory]
        let way = ways[fields["way"]]
        if way == nil { faults.add("counter.choice", ["field": "way", "known": "instant factory"]) }
        let isRenewal = kind == .renewal
        let renewal = isRenewal ? renewals.first { "\($0)" == fields["replacement"] } : nil
        // Nobody is asked when the factory's card is there: the old one ends for the reason that was given here.
        if isRenewal, renewal == nil, way == .factory || !fields["replacement"].isEmpty {
            let known = renewals.map { "\($0)" }.joined(separator: " ")
            faults.add("counter.choice", ["field": "replacement", "known": known])
        }
        try faults.check()
        return ApplicationFacts(
            person: person, kind: kind ?? .first, way: way ?? .instant, channel: .counter, batch: fields["batch"],
            renewal: renewal)
    }
}
