import CardData
import Lifecycle
import Testing

@Suite struct LifecyclePolicyTests {
    @Test func theDefaultPolicyIsWhole() throws {
        let policy = try LifecyclePolicy.load()
        #expect(policy.version == "default-8")
        #expect(policy.mode == .development)
        #expect(policy.area == "990101")
        #expect(policy.validityYears == 10)
        #expect(policy.pinTries == 6)
        #expect(policy.refusedPINs == [.birthDate, .citizenNumber, .repetition])
        #expect(policy.temporaryLossDays == 7)
        #expect(policy.holdDays == 1096)
        #expect(policy.repeatDays == 90)
        #expect(policy.intakeMinutes == 60)
        #expect(policy.lookUpsPerDay == 400)
        #expect(
            policy.actsPerDay == [
                .resetPIN: 15, .unblockPIN: 15, .replaceLost: 40, .renew: 80, .release: 60, .correct: 15,
                .answerFee: 40,
            ])
        #expect(policy.formalLossMayBeReleased)
        #expect(policy.cardNumbers.count == 10_000_000)
        #expect(policy.temporaryLossEnd == .release)
        #expect(policy.lease == LeaseTerms(registerHours: 24, cardsPerDay: 30, cards: 200))
        #expect(!policy.stockIsKept)
        #expect(policy.typedPieces == .supervised)
        #expect(policy.afterDayEnd == .nextDay)
        #expect(policy.firstCard == .free)
        #expect(policy.upperTier == .centre)
        #expect(
            policy.twoPersonActs == [
                .hold, .releaseFormalLoss, .releaseHold, .releaseCancellation, .confirmCancellation, .endDuplicate,
                .resetPIN, .unblockPIN, .replaceLost, .cancel, .dispatch, .miss,
                .destroy, .endUnclaimed, .handOverStock, .missStock, .closeDay, .grantLease, .correct,
                .restoreRegistry,
            ])
    }

    @Test func aSiteChangesOnlyWhatItNames() throws {
        let policy = try LifecyclePolicy.parse(
            site: "version: 甲市-2\nformal-loss-release: false\ntwo-person: [renew]\n", file: "site.yaml")
        #expect(policy.version == "甲市-2")
        #expect(!policy.formalLossMayBeReleased)
        #expect(policy.twoPersonActs == [.renew])
        #expect(policy.pinTries == 6)
    }

    @Test func everyFaultOfASitesFileIsToldWithItsPlace() throws {
        let text = """
            mode: rehearsal
            area: "9901"
            pin-tries: 99
            two-person: [renew, dance]
            colour: red
            temporary-loss-end: forget
            lease: {register-hours: -1, cards-per-day: 1}
            typed-pieces: perhaps
            first-card: never
            refused-pins: [birth-date, telephone]
            after-day-end: tomorrow
            look-ups-per-day: -1
            acts-per-day: {hold: 3, correct: many}
            """
        let faults = try #require(
            throws: Faults.self, performing: { try LifecyclePolicy.parse(site: text, file: "site.yaml") }
        ).faults
        let told = Set(faults.map { "\($0.code.rawValue) \($0.place?.line ?? 0)" })
        #expect(
            told == [
                "data-file.unknown-key 5", "policy.version-missing 1", "policy.mode 1", "policy.area 2",
                "policy.number 3", "policy.transition 4", "policy.temporary-loss-end 6", "policy.number 7",
                "data-file.missing-key 7", "policy.typed-pieces 8", "policy.first-card 9", "policy.refused-pins 10",
                "policy.after-day-end 11", "policy.number 12", "policy.acts-per-day 13", "data-file.not-an-integer 13",
            ])
    }

    @Test func aFeeIsSettledWhereThereIsOne() throws {
        let act = Act.replaced(successor: try Samples.card(2), reason: .lost)
        let handling = Handling(
            by: Officer(number: 1, role: .teller), second: Officer(number: 2, role: .supervisor),
            proofs: .identityDocument)
        let free = try LifecyclePolicy.parse(site: "version: x\nreplacement-fee: 0", file: "site.yaml")
        try act.check(handling, under: free)
        let refusal = try #require(
            throws: LifecycleRefusal.self, performing: { try act.check(handling, under: LifecyclePolicy.load()) })
        #expect(refusal.reasons == [.proofMissing(.feeSettled)])
    }

    @Test func aFormalLossIsFinalWhereThePolicySaysSo() throws {
        let policy = try LifecyclePolicy.parse(
            site: "version: x\nformal-loss-release: false", file: "site.yaml")
        let opened = EventIdentifier(counter: 1, sequence: 3)
        let state = CardState(
            physical: .withHolder, social: .enabled, restrictions: [Restriction(.loss, openedBy: opened)])
        let act = Act.released([opened])
        let refusal = try #require(
            throws: LifecycleRefusal.self,
            performing: {
                try state.applying(
                    act, as: EventIdentifier(counter: 1, sequence: 4),
                    handledBy: try Samples.handling(of: act, on: state),
                    among: CardSurroundings(card: try Samples.card(), personHasOtherCard: false), under: policy)
            })
        #expect(refusal.reasons == [.formalLossIsFinal])
    }
}
