import ByteText
import CardCryptography
import CardData
import Lifecycle
import Logging
import Registry

/// 提交复核: an act that wants a second person who is not at this window waits for one, and goes on when they have confirmed it.
extension CounterWeb {
    /// Whether the form asks for that instead of naming the second person.
    func isToWait(_ visitor: Visitor) -> Bool { visitor.fields.isOn("wait") }

    /// Puts an act down that waits, judged now by everything but the second person; gives its address.
    ///
    /// - Parameters:
    ///   - seen: what the service itself has seen of the card, or will see of it before the act is done.
    ///   - shown: the card's newest event that the form had shown.
    ///   - layout: of the new card, where an issue is begun with the act.
    /// - Throws: `waiting.not-needed` for an act of one person, and what the registry refuses.
    func putToWait(
        _ act: Act, on card: RegisteredCard?, _ visitor: Visitor, seen: Proofs = [], expecting shown: UInt64?,
        layout: String? = nil
    ) async throws -> String {
        let transitions = act.transitions(on: card?.state ?? .beginning)
        let handling = try await desk.handling(
            for: transitions, by: visitor.person, visitor.fields.withoutSecondPerson, seen: seen)
        let waiting = WaitingAct(
            identifier: try SecureRandom.bytes(8).hexadecimal, act: act, card: card?.reference,
            seen: card.map { shown ?? $0.lastSequence }, officer: handling.officer, proofs: handling.proofs,
            agent: handling.agent,
            policyVersion: desk.policy.version, layout: layout, signers: try await signers(of: act),
            madeAt: desk.clocks.wall())
        guard transitions.contains(where: desk.policy.wantsTwo) || act.isSignedByBothSides else {
            throw Faults("waiting.not-needed")
        }
        let stores = desk.waiting
        try await desk.registry { registry in
            try registry.check([waiting.entry(confirmedBy: waiting.standIn(on: card?.state))])
            try stores.put(waiting)
        }
        logger.notice(
            "act waits",
            metadata: [
                "waiting": "\(waiting.identifier)", "act": "\(act.kind.name)", "operator": "\(visitor.person.number)",
            ])
        return "/approvals/\(waiting.identifier)"
    }

    /// Who has reported the cancellation that an act makes final, as far as this counter's log tells; nobody for any other act.
    private func signers(of act: Act) async throws -> Set<UInt64> {
        guard case .cancellationConfirmed(let reported) = act, reported.counter == configuration.counter,
            let event = try await desk.registry({ try $0.event(at: reported.sequence) })?.event
        else { return [] }
        return Set([event.officer, event.secondPerson].filter { $0 > 0 })
    }

    /// Does what a form asks for once, where it leads to an address.
    func onceLeading(
        _ visitor: Visitor, _ work: @escaping @Sendable () async throws -> String
    ) async throws -> String {
        try await desk.issues.once(visitor.key(), saying: visitor.fields, work)
    }
}

extension WaitingAct {
    /// The act as the registry judges and records it.
    func entry(confirmedBy second: Officer?) -> ActEntry {
        ActEntry(
            act, on: card, handledBy: Handling(by: officer, second: second, proofs: proofs, agent: agent),
            expecting: card == nil ? nil : seen)
    }

    /// Somebody who could confirm it, so that everything else is judged before anybody is asked.
    func standIn(on state: CardState?) -> Officer? {
        if case .stock(.handedOver(_, _, _, let taker)) = act {
            return confirmingRoles(on: state).min { $0.rawValue < $1.rawValue }.map { Officer(number: taker, role: $0) }
        }
        return confirmingRoles(on: state).min { $0.rawValue < $1.rawValue }.map { Officer(number: .max, role: $0) }
    }
}

extension Act {
    /// Whether giver and taker sign it, whatever the policy says.
    fileprivate var isSignedByBothSides: Bool {
        if case .stock(.handedOver) = self { true } else { false }
    }
}

extension Fields {
    /// The same without what a second person would type.
    var withoutSecondPerson: Fields {
        Fields(values: values.filter { !["second-number", "second-password"].contains($0.key) })
    }
}
