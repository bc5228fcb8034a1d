extension Act {
    /// The row of the table that says from where the act starts; a release has further rows for what it names.
    public var mainTransition: Transition {
        switch self {
        case .personRegistered: .registerPerson
        case .personLookedUp: .lookUpPerson
        case .cardNumberReserved: .reserveCardNumber
        case .personalized: .personalize
        case .spoiled: .spoil
        case .handedOver: .handOver
        case .enabled: .enable
        case .dispatched: .dispatch
        case .arrived: .arrive
        case .missing: .miss
        case .recovered: .recover
        case .destroyed: .destroy
        case .chipEnded: .endChip
        case .givenBack: .giveBack
        case .dataChanged: .changeData
        case .migrated: .migrate
        case .temporaryLoss: .temporaryLoss
        case .formalLoss: .formalLoss
        case .held: .hold
        case .pinLocked: .pinLock
        case .pinServed(let service, _): service.transition
        case .released: .releaseTemporaryLoss
        case .ranOut: .runOut
        case .seenBlocked: .seeBlocked
        case .replaced(_, let reason): reason == .lost ? .replaceLost : .renew
        case .cancelled: .cancel
        case .cancellationConfirmed: .confirmCancellation
        case .unclaimed: .endUnclaimed
        case .expired: .expire
        case .duplicate: .endDuplicate
        case .corrected: .correct
        case .feeAnswered: .answerFee
        case .submitted: .submit
        case .application(_, let step): step.transition
        case .stock(let move): move.transition
        case .dayClosed: .closeDay
        case .leaseGranted: .grantLease
        case .leaseReturned: .returnLease
        case .registryRestored: .restoreRegistry
        }
    }

    /// Every row that must allow the act on a card in this state.
    public func transitions(on state: CardState) -> [Transition] {
        guard case .released(let identifiers) = self else { return [mainTransition] }
        let kinds = Restriction.Kind.allCases.filter { kind in
            state.restrictions.contains { $0.kind == kind && identifiers.contains($0.openedBy) }
        }
        return kinds.isEmpty ? [mainTransition] : kinds.map(Transition.releasing)
    }

    /// What must have been shown beyond the rows' own needs, because of what the act says: an agent who reports a loss for good shows a
    /// document of their own.
    public var furtherNeeds: [Proofs] {
        if case .formalLoss(let report) = self, report.reporter == .agent { [.agentDocument] } else { [] }
    }

    /// Checks who does it, with whom, and on what proof; whether the card's state allows it is another question.
    ///
    /// - Throws: a ``LifecycleRefusal`` with every reason.
    public func check(
        _ handling: Handling, under policy: LifecyclePolicy, on state: CardState = .beginning
    ) throws(LifecycleRefusal) {
        for transition in transitions(on: state) {
            let row = TransitionTable.row(transition)
            let reasons =
                row.reasonsAgainst(
                    handling, secondPersonWanted: policy.wantsTwo(transition),
                    needs: row.needs(under: policy) + furtherNeeds) + reasonsAgainst(handling.officer.role, row, state)
            if let refusal = LifecycleRefusal(transition, reasons) { throw refusal }
        }
    }

    /// Whoever makes cards says what became of a chip that they have spoiled, and of no other card's: by that a renewal goes on.
    private func reasonsAgainst(_ role: Role, _ row: TransitionRow, _ state: CardState) -> [LifecycleRefusal.Reason] {
        guard case .chipEnded = self, role == .personalizer, state.physical != .spoiled else { return [] }
        return [.roleNotAllowed(role, allowed: row.officers.subtracting([role]))]
    }
}

extension TransitionRow {
    /// What must have been shown where this policy holds, one proof of each group: without a fee nobody settles one.
    public func needs(under policy: LifecyclePolicy) -> [Proofs] {
        if transition == .registerPerson, policy.registrationShowsDocument { return needs + [.identityDocument] }
        return policy.replacementFee == 0 ? needs.filter { $0 != .feeSettled } : needs
    }

    func reasonsAgainst(
        _ handling: Handling, secondPersonWanted: Bool, needs: [Proofs]
    ) -> [LifecycleRefusal.Reason] {
        var reasons: [LifecycleRefusal.Reason] = []
        if !officers.contains(handling.officer.role) {
            reasons.append(.roleNotAllowed(handling.officer.role, allowed: officers))
        }
        if let second = handling.second {
            if second.number == handling.officer.number { reasons.append(.secondPersonIsTheSame) }
            if secondPersonWanted && !secondPersons.contains(second.role) {
                reasons.append(.secondPersonNotAllowed(second.role, allowed: secondPersons))
            }
        } else if secondPersonWanted {
            reasons.append(.secondPersonMissing(allowed: secondPersons))
        }
        reasons += needs.filter { handling.proofs.isDisjoint(with: $0) }.map { .proofMissing($0) }
        return reasons
    }
}
