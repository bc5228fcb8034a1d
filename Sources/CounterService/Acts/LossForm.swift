import CardData
import Lifecycle
import Registry

/// What a report of a loss says beside who reports: what is lost, since when, and how the report came in.
struct LossForm {
    /// 挂失对象: this card, or the person's card whichever it is; it decides to which card a report binds that crossed a replacement.
    static let subjects: [(word: String, subject: LossReport.Subject)] = [("card", .card), ("person", .person)]
    /// 报失途径: of a temporary loss; one for good wants documents, and with them the person.
    static let channels: [(word: String, channel: LossReport.Channel)] = [
        ("counter", .counter), ("telephone", .telephone),
    ]

    /// The report that a form describes; what it leaves out is this card, at the counter, since nobody knows when.
    ///
    /// - Parameter isFormal: whether the loss is reported for good.
    /// - Throws: every fault of the fields: `counter.choice`, `counter.lost-since`, `counter.formal-by-telephone`.
    static func report(
        _ fields: Fields, by reporter: LossReport.Reporter, isFormal: Bool
    ) throws(Faults) -> LossReport {
        var faults = FaultCollector()
        func chosen<Value>(_ field: String, _ values: [(String, Value)]) -> Value? {
            guard !fields[field].isEmpty else { return values.first?.1 }
            if let value = values.first(where: { $0.0 == fields[field] }) { return value.1 }
            faults.add("counter.choice", ["field": field, "known": values.map(\.0).joined(separator: " ")])
            return nil
        }
        let subject = chosen("subject", subjects.map { ($0.word, $0.subject) })
        let channel = chosen("channel", channels.map { ($0.word, $0.channel) })
        if isFormal, channel == .telephone { faults.add("counter.formal-by-telephone") }
        var since: UInt64?
        if !fields["lostSince"].isEmpty {
            since = Moment.milliseconds(fields["lostSince"])
            if since == nil { faults.add("counter.lost-since", ["value": fields["lostSince"]]) }
        }
        try faults.check()
        return LossReport(
            channel: channel ?? .counter, reporter: reporter, subject: subject ?? .card, lostSince: since)
    }

    /// Checks that a card can have been lost since then.
    ///
    /// - Parameters:
    ///   - text: as it was typed.
    ///   - now: Unix time in milliseconds.
    /// - Throws: `counter.lost-since` for a moment to come, `counter.lost-before-issue` for one before the card's first day.
    static func check(_ report: LossReport, _ text: String, of card: RegisteredCard, now: UInt64) throws(Faults) {
        guard let since = report.lostSince else { return }
        guard since <= now else { throw Faults("counter.lost-since", ["value": text]) }
        guard let issued = card.facts?.issued, let day = UInt32(issued.text), let first = Moment.bounds(of: day),
            since < first.lowerBound
        else { return }
        throw Faults("counter.lost-before-issue", ["value": text, "issued": Moment.written(day)])
    }

    /// Who reports at the counter in the holder's place is written down; for good the rules want their document, and with it their name.
    ///
    /// - Throws: `counter.agent-wanted`.
    static func checkAgent(_ act: Act, _ fields: Fields) throws(Faults) {
        guard case .temporaryLoss(let report) = act, report.isByAgentInPerson else { return }
        guard !fields["agentName"].isEmpty, !fields.number("agentDocument").isEmpty else {
            throw Faults("counter.agent-wanted")
        }
    }

    /// Why a loss is not taken in again: it was reported, or one for good was, and holds; nil where the report says something new.
    static func known(_ form: CardActForm, on card: RegisteredCard, _ events: [LoggedEvent]) -> Fault? {
        let kinds: [Restriction.Kind]
        switch form {
        case .temporaryLoss: kinds = [.loss, .temporaryLoss]
        case .formalLoss: kinds = [.loss]
        default: return nil
        }
        guard let open = card.state.openRestrictions.first(where: { kinds.contains($0.kind) }) else { return nil }
        let report = events.first { $0.event.identifier == open.openedBy }
        return Fault(
            "counter.loss-known",
            [
                "event": open.openedBy.description, "at": report.map { Moment.text($0.event.wallMilliseconds) } ?? "–",
                "loss": open.kind.english, "lossZh": open.kind.chinese,
            ])
    }
}

extension Act {
    /// The report that a loss came with; nil for any other act.
    var lossReport: LossReport? {
        switch self {
        case .temporaryLoss(let report), .formalLoss(let report): report
        default: nil
        }
    }
}
