import CardData
import Lifecycle
import Testing

@Suite struct PermissionTests {
    private func sampleActs() throws -> [(Transition, Act, CardState)] {
        let report = LossReport(channel: .counter, reporter: .holder)
        let state = CardState(
            physical: .withHolder, social: .enabled,
            restrictions: Set(
                Restriction.Kind.allCases.map {
                    Restriction($0, openedBy: EventIdentifier(counter: 1, sequence: UInt64($0.rawValue)))
                }))
        func release(_ kind: Restriction.Kind) -> Act {
            .released([EventIdentifier(counter: 1, sequence: UInt64(kind.rawValue))])
        }
        let person = try Samples.person()
        let opened = EventIdentifier(counter: 1, sequence: 1)
        return [
            (
                .registerPerson,
                .personRegistered(SealedPerson(person: person, sealedNumber: [1], sealedName: [1])), state
            ),
            (.lookUpPerson, .personLookedUp(person, purpose: .loss, found: true), state),
            (.reserveCardNumber, .cardNumberReserved(try CardNumber("D2143569X"), journal: "j"), state),
            (.personalize, .personalized(try Samples.facts()), .beginning),
            (.spoil, .spoiled(Spoilage(.abandoned, number: nil, blankSerial: [])), .beginning),
            (.handOver, .handedOver, state), (.enable, .enabled, state), (.dispatch, .dispatched, state),
            (.arrive, .arrived, state), (.miss, .missing, state), (.recover, .recovered(.found), state),
            (.giveBack, .givenBack, state), (.destroy, .destroyed, state),
            (.endChip, .chipEnded(.blocked), state),
            (.changeData, .dataChanged(["phone"]), state),
            (.migrate, .migrated(layout: "national-3.0", profile: "fmcos-ssse"), state),
            (.changePIN, .pinServed(.change, ticket: ""), state),
            (.resetPIN, .pinServed(.reset, ticket: "T-1"), state),
            (.unblockPIN, .pinServed(.unblock, ticket: "T-2"), state),
            (.temporaryLoss, .temporaryLoss(report), state),
            (.formalLoss, .formalLoss(report), state), (.hold, .held(.court), state), (.pinLock, .pinLocked, state),
            (.releaseTemporaryLoss, release(.temporaryLoss), state), (.releaseFormalLoss, release(.loss), state),
            (.releaseHold, release(.hold), state), (.releasePINLock, release(.pinLock), state),
            (.releaseCancellation, release(.cancellation), state), (.runOut, .ranOut(opened, .release), state),
            (.seeBlocked, .seenBlocked, state),
            (.replaceLost, .replaced(successor: try Samples.card(2), reason: .lost), state),
            (.renew, .replaced(successor: try Samples.card(2), reason: .bankChanged), state),
            (.cancel, .cancelled(.moved), state), (.confirmCancellation, .cancellationConfirmed(opened), state),
            (.endUnclaimed, .unclaimed, state), (.expire, .expired, state),
            (.endDuplicate, .duplicate(of: try Samples.card(2)), state),
            (.correct, .corrected(Correction(of: opened, kind: .enabled, reason: .wrongAct)), state),
            (.answerFee, .feeAnswered(FeeAnswer(.refunded, issue: "00112233AABBCCDD", fen: 1600)), state),
        ] + (try Samples.officeActs(opened).map { ($0.0, $0.1, state) })
    }

    @Test func nobodyIsTakenInWithoutADocumentWhereThePolicySaysSo() throws {
        let act = Act.personRegistered(
            SealedPerson(person: try Samples.person(), sealedNumber: [1], sealedName: [1], sealedDetails: [1]))
        let without = Handling(by: Officer(number: 1, role: .teller))
        let strict = try LifecyclePolicy.parse(site: "version: x\nregistration-document: true", file: "site.yaml")
        try act.check(without, under: LifecyclePolicy.load())
        let refusal = try #require(throws: LifecycleRefusal.self) { try act.check(without, under: strict) }
        #expect(refusal.reasons == [.proofMissing(.identityDocument)])
        try act.check(Handling(by: Officer(number: 1, role: .teller), proofs: .identityDocument), under: strict)
    }

    @Test func everyActFindsItsRow() throws {
        let samples = try sampleActs()
        #expect(samples.map(\.0) == Transition.allCases)
        for (transition, act, state) in samples { #expect(act.transitions(on: state) == [transition]) }
    }

    @Test func onlyTheRolesOfTheRowMayDoAnAct() throws {
        let policy = try LifecyclePolicy.load()
        for (transition, act, state) in try sampleActs() {
            let row = TransitionTable.row(transition)
            for role in Role.allCases {
                let handling = Handling(
                    by: Officer(number: 1, role: role),
                    second: Officer(
                        number: 2, role: row.secondPersons.contains(.supervisor) ? .supervisor : .upperTier),
                    proofs: Samples.everyProof)
                let isAllowed = (try? act.check(handling, under: policy, on: state)) != nil
                // Of the chips of other cards than those that they have spoiled; see below.
                let isMakersOfOthers = transition == .endChip && role == .personalizer
                #expect(
                    isAllowed == (row.officers.contains(role) && !isMakersOfOthers), "\(transition) by \(role)")
            }
        }
    }

    /// By what became of an old card's chip a renewal goes on: whoever makes cards says it of those that they have spoiled alone.
    @Test func whoMakesCardsAnswersForSpoiledChipsAlone() throws {
        let policy = try LifecyclePolicy.load()
        let handling = Handling(by: Officer(number: 1, role: .personalizer), proofs: Samples.everyProof)
        let (spoiled, renewed) = (
            CardState(physical: .spoiled, social: .ended(.spoiled)),
            CardState(physical: .recovered, social: .ended(.renewed))
        )
        try Act.chipEnded(.blocked).check(handling, under: policy, on: spoiled)
        #expect(throws: LifecycleRefusal.self) {
            try Act.chipEnded(.blocked).check(handling, under: policy, on: renewed)
        }
    }

    @Test func aSecondPersonIsWantedExactlyWhereThePolicySaysSo() throws {
        let policy = try LifecyclePolicy.load()
        for (transition, act, state) in try sampleActs() {
            let officer = try Samples.handling(of: act, on: state).officer
            let alone = Handling(by: officer, proofs: Samples.everyProof)
            let isAllowed = (try? act.check(alone, under: policy, on: state)) != nil
            // lifecycle-and-sync.md §3, found / recovered: destroyed by K + S, whatever a city says.
            let isOfTwo = [.destroyStock, .returnStock, .installModule, .takeOutModule].contains(transition)
            #expect(isAllowed == !(isOfTwo || policy.twoPersonActs.contains(transition)), "\(transition)")
        }
    }

    @Test func nobodyConfirmsTheirOwnAct() throws {
        let handling = Handling(
            by: Officer(number: 5, role: .teller), second: Officer(number: 5, role: .supervisor), proofs: .paper)
        #expect(
            try #require(
                throws: LifecycleRefusal.self,
                performing: { try Act.cancelled(.death).check(handling, under: try LifecyclePolicy.load()) }
            ).reasons == [.secondPersonIsTheSame])
    }

    @Test func everyProofOfTheRowIsNeeded() throws {
        let policy = try LifecyclePolicy.load()
        for (transition, act, state) in try sampleActs() {
            for need in TransitionTable.row(transition).needs {
                let full = try Samples.handling(of: act, on: state)
                let without = Handling(
                    by: full.officer, second: full.second, proofs: Samples.everyProof.subtracting(need))
                let refusal = try #require(
                    throws: LifecycleRefusal.self,
                    performing: { try act.check(without, under: policy, on: state) })
                #expect(refusal.reasons == [.proofMissing(need)], "\(transition)")
            }
        }
    }

    /// lifecycle-and-sync.md §3, 正式挂失: an agent shows both documents.
    @Test func anAgentReportsALossForGoodWithADocumentOfTheirOwn() throws {
        let policy = try LifecyclePolicy.load()
        func refusal(_ act: Act, _ proofs: Proofs) -> [LifecycleRefusal.Reason] {
            do {
                try act.check(Handling(by: Officer(number: 1, role: .teller), proofs: proofs), under: policy)
                return []
            } catch {
                return error.reasons
            }
        }
        let agent = LossReport(channel: .counter, reporter: .agent)
        let holder = LossReport(channel: .counter, reporter: .holder)
        #expect(refusal(.formalLoss(agent), .identityDocument) == [.proofMissing(.agentDocument)])
        #expect(
            refusal(.formalLoss(agent), []) == [.proofMissing(.identityDocument), .proofMissing(.agentDocument)])
        #expect(refusal(.formalLoss(agent), [.identityDocument, .agentDocument]).isEmpty)
        #expect(refusal(.formalLoss(holder), .identityDocument).isEmpty)
        #expect(refusal(.temporaryLoss(agent), []).isEmpty, "a protection is never held up")
    }

    @Test func aRefusalTellsEveryReasonAtOnce() throws {
        let handling = Handling(by: Officer(number: 1, role: .stockKeeper))
        let refusal = try #require(
            throws: LifecycleRefusal.self,
            performing: { try Act.cancelled(.death).check(handling, under: try LifecyclePolicy.load()) })
        #expect(
            refusal.faults.map(\.code.rawValue) == [
                "lifecycle.role-not-allowed", "lifecycle.second-person-missing", "lifecycle.proof-missing",
            ])
    }
}
