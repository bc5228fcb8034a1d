import CardData
import Foundation
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// An issue whose card went its own way ends with a name for that, and holds up neither the card nor the person.
@Suite struct IssueEndingTests {
    private let walk: IssueWalk
    private var registry: Registry { walk.counter.registry }

    init() throws { walk = try IssueWalk() }

    private func handling(_ role: Role) -> Handling {
        Handling(
            by: Officer(number: 1002, role: role), second: IssueWalk.handling.second,
            proofs: Proofs(Proofs.named.map(\.proof)))
    }

    private func reached(_ step: IssueStep) throws -> (issue: String, card: RegisteredCard) {
        let issue = try walk.begin()
        let reference = try #require(try walk.advance(issue, through: step).card)
        return (issue, try #require(try registry.card(reference)))
    }

    private func endsAlone(_ issue: String, as end: IssueProgress.End) throws {
        let events = try registry.statistics().events
        #expect(try walk.desk().abandon(issue, handledBy: IssueWalk.handling).end == end)
        #expect(try walk.desk().unfinished().issues.isEmpty)
        #expect(try registry.statistics().events == events, "nothing is booked")
    }

    /// The card was lost on the way home: its replacement waits for nothing that only the lost card could give.
    @Test func aCardThatWasHandedOverAndLostBeforeItWasEnabledIsReplaced() throws {
        let (issue, card) = try reached(.handOver)
        try registry.record(
            .formalLoss(LossReport(channel: .counter, reporter: .holder)), on: card.reference,
            handledBy: handling(.teller))
        let replacement = try walk.desk().begin(
            layoutName: "national-2.0", officer: 1002,
            replacing: IssuingRequest.Replacement(
                number: try #require(card.facts?.number), reason: .lost, handling: handling(.teller))
        ).identifier
        #expect(try walk.advance(replacement, through: .slip, nil, walk.counter.blank(2)).end == .finished)
        try endsAlone(issue, as: .cardEnded)
        #expect(try !walk.desk().progress(issue).owesFee)
    }

    @Test func aCardThatIsOutAndSealedLeavesItsIssueAsThat() throws {
        let (issue, card) = try reached(.handOver)
        try endsAlone(issue, as: .leftSealed)
        #expect(try registry.card(card.reference)?.state.social == .sealed)
        try registry.record(.enabled, on: card.reference, handledBy: handling(.teller))
    }

    /// An error of the hand-over was undone: the card lies at the window and is handed over as any other.
    @Test func aHandOverThatWasUndoneLeavesTheCardToTheWindow() throws {
        let (issue, card) = try reached(.handOver)
        let handed = try #require(try registry.events(of: card.reference).last)
        try registry.record(
            .corrected(Correction(of: handed.event.identifier, kind: .handedOver, reason: .wrongCard)),
            on: card.reference, handledBy: handling(.supervisor))
        let undone = try #require(try registry.card(card.reference))
        #expect(undone.state.physical == .personalized)
        try walk.desk().unfinished().check(.handedOver, on: undone)
        try registry.record(.handedOver, on: card.reference, handledBy: handling(.teller))
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }

    /// Its holder lost it before it was enabled: found, it is given back, and is sent nowhere.
    @Test func aCardThatWasFoundIsGivenBackBesideItsOpenIssue() throws {
        let (issue, card) = try reached(.handOver)
        try registry.record(.recovered(.found), on: card.reference, handledBy: handling(.teller))
        let found = try #require(try registry.card(card.reference))
        let open = try walk.desk().unfinished()
        #expect(open.hindrance(of: .givenBack, on: found) == nil)
        #expect(open.hindrance(of: .dispatched, on: found) == .cardOfOpenIssue(issue))
        try registry.record(.givenBack, on: card.reference, handledBy: handling(.teller))
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }

    @Test(arguments: [(Act.missing, Role.stockKeeper), (.expired, .upperTier)])
    func aCardWhoseRecordEndedHoldsUpNobody(act: Act, role: Role) throws {
        let (issue, card) = try reached(.setPIN)
        try registry.record(act, on: card.reference, handledBy: handling(role))
        let second = try walk.begin()
        #expect(try walk.advance(second, through: .slip, nil, walk.counter.blank(2)).end == .finished)
        try endsAlone(issue, as: .cardEnded)
        #expect(try registry.statistics().blanksSpoiled == 0)
    }

    @Test func aCardThatWasTakenBackEndsItsIssue() throws {
        let (issue, card) = try reached(.handOver)
        try registry.record(.recovered(.found), on: card.reference, handledBy: handling(.teller))
        try endsAlone(issue, as: .cardEnded)
    }

    /// The note of the card was lost as well: the chip tells which card it was.
    @Test func aLostNoteOfTheCardChangesNothing() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .confirm)
        let noted = try walk.desk().progress(issue)
        let reference = try #require(try walk.advance(issue, through: .readBack).card)
        try registry.record(.missing, on: reference, handledBy: handling(.stockKeeper))
        try IssueFile(folder: walk.folder).write(noted)
        try endsAlone(issue, as: .cardEnded)
    }

    private func giveUp(_ issue: String, _ hindrance: ChipEnd?, with card: VirtualCard?) throws -> IssueProgress {
        try walk.desk().abandon(
            issue, handledBy: IssueWalk.handling,
            ending: GivenUpChip(
                unless: hindrance, handledBy: IssueWalk.handling,
                through: try card.map { try VirtualCardChannel($0) }))
    }

    private func ends(_ card: RegisteredCard) throws -> [ChipEnd] {
        try registry.events(of: card.reference).compactMap { logged in
            if case .chipEnded(let end) = logged.body.act { end } else { nil }
        }
    }

    /// A card that is finished could be used by whoever has it: given up, it refuses every command.
    @Test func aFinishedCardIsBlockedWhenItsIssueIsGivenUp() throws {
        let (issue, card) = try reached(.setPIN)
        #expect(throws: IssueFlowError.chipUnanswered) {
            try walk.desk().abandon(issue, handledBy: IssueWalk.handling)
        }
        #expect(throws: IssueFlowError.cardMissing) { try giveUp(issue, nil, with: nil) }
        #expect(throws: IssueFlowError.self, "another chip") { try giveUp(issue, nil, with: walk.counter.blank(2)) }
        #expect(try registry.card(card.reference)?.state.physical == .personalized, "nothing was booked")
        #expect(try giveUp(issue, nil, with: walk.card).end == .spoiled)
        #expect(try registry.card(card.reference)?.state.social == .ended(.spoiled))
        #expect(try ends(card) == [.blocked])
        let answer = try VirtualCardChannel(walk.card).transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8))
        #expect(answer.statusWord == .functionNotSupported)
        #expect(try registry.verify().isGood)
    }

    /// The crash came after the card was booked and before its chip was blocked: the next try ends the chip, and books nothing twice.
    @Test func whatWasBrokenOffBeforeTheChipWasBlockedIsGoneOnWith() throws {
        let (issue, card) = try reached(.setPIN)
        let spoilage = Spoilage(
            .abandoned, number: card.facts?.number, blankSerial: try #require(card.facts?.blankSerial))
        try registry.record(.spoiled(spoilage), on: card.reference, handledBy: handling(.personalizer))
        #expect(throws: IssueFlowError.chipUnanswered) {
            try walk.desk().abandon(issue, handledBy: IssueWalk.handling)
        }
        #expect(try giveUp(issue, .broken, with: nil).end == .spoiled)
        #expect(try ends(card) == [.broken])
        #expect(try registry.statistics().blanksSpoiled == 1)
    }

    /// The old card is ended and paid for, and its successor never left the window.
    @Test func theFeeOfACardThatNeverLeftIsOwed() throws {
        let (first, card) = try reached(.slip)
        #expect(try walk.desk().progress(first).end == .finished)
        try registry.record(
            .formalLoss(LossReport(channel: .counter, reporter: .holder)), on: card.reference,
            handledBy: handling(.teller))
        let issue = try walk.desk().begin(
            layoutName: "national-2.0", officer: 1002,
            replacing: IssuingRequest.Replacement(
                number: try #require(card.facts?.number), reason: .lost, handling: handling(.teller))
        ).identifier
        let made = try #require(try walk.advance(issue, through: .setPIN, nil, walk.counter.blank(2)).card)
        try registry.record(.missing, on: made, handledBy: handling(.stockKeeper))
        try endsAlone(issue, as: .cardEnded)
        #expect(try walk.desk().progress(issue).owesFee)
    }
}
