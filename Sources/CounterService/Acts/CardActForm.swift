import CardData
import Lifecycle
import Registry

/// The acts on a card that have a screen: one act, one screen, one confirmation.
enum CardActForm: String, CaseIterable {
    case handOver = "hand-over"
    case enable
    case temporaryLoss = "temporary-loss"
    case formalLoss = "formal-loss"
    case release
    case hold
    case cancel
    case confirmCancellation = "confirm-cancellation"
    case releaseCancellation = "release-cancellation"
    case arrive
    case dispatch
    case recover
    case giveBack = "give-back"
    case endChip = "end-chip"
    case destroy
    case missing
    case unclaimed
    case duplicate
    case seenBlocked = "seen-blocked"
    case correct

    /// A choice that the screen asks for: the name of the field and the words it may have.
    var choices: (field: String, words: [String])? {
        switch self {
        case .hold: ("reason", HoldReason.allCases.map { "\($0)" })
        case .cancel: ("reason", CancellationReason.allCases.map { "\($0)" })
        case .recover: ("reason", RecoveryReason.allCases.map { "\($0)" })
        case .endChip: ("oldCard", ChipEnd.allCases.map { "\($0)" })
        case .correct: ("reason", Correction.Reason.allCases.map { "\($0)" })
        case .temporaryLoss, .formalLoss: ("reporter", LossReport.Reporter.allCases.map { "\($0)" })
        default: nil
        }
    }

    /// An act of this kind as it could be done, to ask the rules whether the card is where it starts from.
    func sample(on card: RegisteredCard, _ events: [LoggedEvent]) -> Act? {
        switch self {
        case .release:
            let open = Self.releasable(on: card)
            return open.isEmpty ? nil : .released(Set(open.map(\.openedBy)))
        case .correct: return Self.correctable(events, on: card).last.map { correction($0, .other) }
        case .duplicate: return Self.otherCard.map { .duplicate(of: $0) }
        default: return try? act(on: card, events, Fields(values: self.choices.map { [$0.field: $0.words[0]] } ?? [:]))
        }
    }

    /// That this officer has done the act already, as the card's newest event; nil where the newest is another.
    func done(_ events: [LoggedEvent], by officer: UInt64) -> Fault? {
        guard let newest = events.last, newest.event.officer == officer, newest.body.act.kind == kind else {
            return nil
        }
        return Fault(
            "counter.act-done",
            [
                "act": kind.name, "actZh": kind.chinese, "event": newest.event.identifier.description,
                "at": Moment.text(newest.event.wallMilliseconds),
            ])
    }

    /// What the act is in the log.
    private var kind: ActKind {
        switch self {
        case .handOver: .handedOver
        case .enable: .enabled
        case .temporaryLoss: .temporaryLoss
        case .formalLoss: .formalLoss
        case .release, .releaseCancellation: .released
        case .hold: .held
        case .cancel: .cancelled
        case .confirmCancellation: .cancellationConfirmed
        case .arrive: .arrived
        case .dispatch: .dispatched
        case .recover: .recovered
        case .giveBack: .givenBack
        case .endChip: .chipEnded
        case .destroy: .destroyed
        case .missing: .missing
        case .unclaimed: .unclaimed
        case .duplicate: .duplicate
        case .seenBlocked: .seenBlocked
        case .correct: .corrected
        }
    }

    /// The act that a form asks for; throws every fault of its fields.
    func act(on card: RegisteredCard, _ events: [LoggedEvent], _ fields: Fields) throws(Faults) -> Act {
        switch self {
        case .handOver: .handedOver
        case .enable: .enabled
        case .temporaryLoss: .temporaryLoss(try report(fields))
        case .formalLoss: .formalLoss(try report(fields))
        case .release: .released(try restrictions(of: card, fields))
        case .hold: try hold(fields)
        case .cancel: .cancelled(try chosen(fields, CancellationReason.allCases))
        case .confirmCancellation: .cancellationConfirmed(try cancellation(of: card))
        case .releaseCancellation: .released([try cancellation(of: card)])
        case .arrive: .arrived
        case .dispatch: .dispatched
        case .recover: .recovered(try chosen(fields, RecoveryReason.allCases))
        case .giveBack: .givenBack
        case .endChip: .chipEnded(try chosen(fields, ChipEnd.allCases))
        case .destroy: .destroyed
        case .missing: .missing
        case .unclaimed: .unclaimed
        case .duplicate: .duplicate(of: try first(fields))
        case .seenBlocked: .seenBlocked
        case .correct: try correction(of: card, events, fields)
        }
    }

    /// No card of anybody's, so that the rules can be asked before another is named.
    private static let otherCard = CardReference(bytes: [UInt8](repeating: 0xFF, count: 16))

    /// The card that came first, as the service has found it by what was typed.
    ///
    /// - Throws: `counter.first-card`.
    private func first(_ fields: Fields) throws(Faults) -> CardReference {
        guard let reference = CardReference(text: fields["first"]) else { throw Faults("counter.first-card") }
        return reference
    }

    /// The cancellation that waits for its confirmation.
    ///
    /// - Throws: `counter.nothing-ticked` for a card without one.
    private func cancellation(of card: RegisteredCard) throws(Faults) -> EventIdentifier {
        guard let open = card.state.openRestrictions.first(where: { $0.kind == .cancellation }) else {
            throw Faults("counter.nothing-ticked")
        }
        return open.openedBy
    }

    private func report(_ fields: Fields) throws(Faults) -> LossReport {
        var faults = FaultCollector()
        let reporter = faults.attempt { () throws(Faults) in try chosen(fields, LossReport.Reporter.allCases) }
        let report = faults.attempt { () throws(Faults) in
            try LossForm.report(fields, by: reporter ?? .holder, isFormal: self == .formalLoss)
        }
        try faults.check()
        guard let report else { throw Faults("counter.form") }
        return report
    }

    private func hold(_ fields: Fields) throws(Faults) -> Act {
        var faults = FaultCollector()
        let reason = faults.attempt { () throws(Faults) in try chosen(fields, HoldReason.allCases) }
        let until = faults.attempt { () throws(Faults) in try lastDay(fields["until"]) }
        try faults.check()
        guard let reason else { throw Faults("counter.form") }
        return .held(reason, until: until ?? nil)
    }

    private func lastDay(_ text: String) throws(Faults) -> CardDate? {
        guard !text.isEmpty else { return nil }
        guard let day = Moment.day(written: text), let date = try? CardDate(String(day)) else {
            throw Faults("counter.hold-until", ["value": text])
        }
        return date
    }

    private func chosen<Value>(_ fields: Fields, _ values: [Value]) throws(Faults) -> Value {
        guard let choices, let value = values.first(where: { "\($0)" == fields[choices.field] }) else {
            throw Faults(
                "counter.choice", ["field": choices?.field ?? "", "known": choices?.words.joined(separator: " ") ?? ""])
        }
        return value
    }

    /// What a window lifts at one screen: a cancellation is ended by the upper tier at one of its own, and a PIN lock ends on the chip, with a reset or an unblocking.
    static func releasable(on card: RegisteredCard) -> [Restriction] {
        card.state.openRestrictions.filter { ![.cancellation, .pinLock].contains($0.kind) }
    }

    /// What is ticked; nobody lifts what they have not seen.
    ///
    /// - Throws: `counter.pin-lock-by-chip` where a PIN lock is named, `counter.nothing-ticked` where nothing is.
    private func restrictions(of card: RegisteredCard, _ fields: Fields) throws(Faults) -> Set<EventIdentifier> {
        let open = card.state.openRestrictions.filter { fields.isOn("restriction-\($0.openedBy.word)") }
        guard !open.contains(where: { $0.kind == .pinLock }) else { throw Faults("counter.pin-lock-by-chip") }
        let ticked = Self.releasable(on: card).filter(open.contains)
        guard !ticked.isEmpty else { throw Faults("counter.nothing-ticked") }
        return Set(ticked.map(\.openedBy))
    }

    private func correction(
        of card: RegisteredCard, _ events: [LoggedEvent], _ fields: Fields
    ) throws(Faults) -> Act {
        var faults = FaultCollector()
        let reason = faults.attempt { () throws(Faults) in try chosen(fields, Correction.Reason.allCases) }
        let event = Self.correctable(events, on: card).first { $0.event.identifier.word == fields["event"] }
        if event == nil { faults.add("counter.correction-event") }
        try faults.check()
        guard let event, let reason else { throw Faults("counter.correction-event") }
        return correction(event, reason)
    }

    private func correction(_ event: LoggedEvent, _ reason: Correction.Reason) -> Act {
        .corrected(Correction(of: event.event.identifier, kind: event.body.act.kind, reason: reason))
    }

    /// The events about a card that can be undone now: none has been yet, the card is still where they have put it, and nothing that stands
    /// has moved it since.
    static func correctable(_ events: [LoggedEvent], on card: RegisteredCard) -> [LoggedEvent] {
        let past = CardPast(events.map { ($0.event.identifier, $0.body.act) })
        return events.filter { logged in
            let (event, kind) = (logged.event.identifier, logged.body.act.kind)
            return kind.isCorrectable && past.kind(of: event) != nil && past.isNewest(event)
                && card.state.follows(Correction(of: event, kind: kind, reason: .other))
        }
    }
}

extension EventIdentifier {
    /// `counter-sequence`, for addresses and field names.
    var word: String { "\(counter)-\(sequence)" }

    /// Reads ``word``, or what slips print; nil for anything else.
    init?(word: some StringProtocol) {
        let parts = word.split(whereSeparator: { $0 == "-" || $0 == "/" }).map { UInt64($0) }
        guard parts.count == 2, let counter = parts[0], let sequence = parts[1] else { return nil }
        self.init(counter: counter, sequence: sequence)
    }
}
