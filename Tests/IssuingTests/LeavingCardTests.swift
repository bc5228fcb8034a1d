import CardData
import Foundation
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A card never leaves with an unfinished record, and the log says of no card that it was read when it was not.
@Suite struct LeavingCardTests {
    private let walk: IssueWalk
    private var registry: Registry { walk.counter.registry }

    init() throws { walk = try IssueWalk() }

    private func made(_ issue: String) throws -> RegisteredCard {
        let reference = try #require(try walk.desk().progress(issue).card)
        return try #require(try registry.card(reference))
    }

    private func listing() throws -> IssueListing { try IssueListing.unfinished(in: walk.folder) }

    @Test func aCardOfAnOpenIssueLeavesByItsOwnStepsAlone() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .setPIN)
        let card = try made(issue)
        for act in [Act.handedOver, .dispatched, .givenBack] {
            #expect(throws: IssueFlowError.cardOfOpenIssue(issue)) { try listing().check(act, on: card) }
        }
        #expect(throws: Never.self, "a protection is never held up") {
            try listing().check(.temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card)
        }
        #expect(throws: IssueFlowError.cardOfOpenIssue(issue)) { try listing().check(pinOf: card) }
        try walk.advance(issue, through: .slip)
        #expect(throws: Never.self) { try listing().check(pinOf: card) }
        #expect(try listing().hindrance(of: made(issue)) == nil)
    }

    /// The issue stopped right after its card was recorded, before it could note which one that is.
    @Test func theChipTellsWhereTheNoteOfTheCardWasLost() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .confirm)
        let noted = try walk.desk().progress(issue)
        try walk.advance(issue, through: .readBack)
        let card = try made(issue)
        try IssueFile(folder: walk.folder).write(noted)
        #expect(try listing().hindrance(of: card) == .cardOfOpenIssue(issue))
    }

    @Test func aDamagedFileKeepsTheCardThatItMayConcernAndNoOther() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .setPIN)
        let card = try made(issue)
        let other = try walk.counter.issue(walk.counter.blank(2), walk.counter.otherRow)
        let free = try #require(try registry.card(CardReference(other.identificationCode)))
        let path = walk.path(of: issue)
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        try whole.replacingOccurrences(of: "officer: 1002", with: "officer: 1003")
            .write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try listing().hindrance(of: card) == .damagedConcerns(issue))
        #expect(try listing().hindrance(of: free) == nil)
    }

    @Test(arguments: [IssueStep.handOver, .enable])
    func theCardIsReadBeforeTheLogSaysSo(step: IssueStep) throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: step == .handOver ? .setPIN : .handOver)
        let events = try registry.statistics().events
        #expect(try walk.desk().needsCard(for: step, of: issue))
        #expect(throws: IssueFlowError.cardMissing) {
            try walk.desk().perform(step, of: issue, with: walk.input(nil), through: nil)
        }
        let other = try walk.counter.blank(2)
        #expect(throws: ChipError.self, "a blank lies in the reader") {
            try walk.desk().perform(step, of: issue, with: walk.input(nil), through: VirtualCardChannel(other))
        }
        #expect(try registry.statistics().events == events)
        try walk.advance(issue, through: step)
        let recorded = try #require(try registry.events(of: made(issue).reference).last)
        #expect(recorded.body.act.kind == (step == .handOver ? .handedOver : .enabled))
        #expect(recorded.body.proofs.contains(.cardRead))
    }

    /// The holder has left with the card; only the note of it was lost.
    @Test(arguments: [IssueStep.handOver, .enable])
    func whatTheLogHasAlreadyAsksForNoCard(step: IssueStep) throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: step == .handOver ? .setPIN : .handOver)
        let noted = try walk.desk().progress(issue)
        try walk.advance(issue, through: step)
        try IssueFile(folder: walk.folder).write(noted)
        #expect(try !walk.desk().needsCard(for: step, of: issue))
        #expect(try walk.desk().perform(step, of: issue, with: walk.input(nil), through: nil).done == step)
    }

    /// Who collects the card for its holder stands in the event, sealed, and in no step that the holder does not leave to another.
    @Test func whoCollectsTheCardForItsHolderStandsInTheEvent() throws {
        let issue = try walk.begin()
        let agent = try Agent(name: "李四光", document: "E12345678")
        let handling = Handling(
            by: IssueWalk.handling.officer, second: IssueWalk.handling.second,
            proofs: IssueWalk.handling.proofs.union(.agentDocument), agent: agent)
        try walk.advance(issue, through: .setPIN)
        try walk.advance(issue, through: .handOver, handling: handling)
        let recorded = try #require(try registry.events(of: made(issue).reference).last)
        #expect(recorded.body.act == .handedOver)
        #expect(recorded.body.proofs.contains(.agentDocument))
        #expect(try registry.agent(of: recorded)?.name == agent.name.masked)
        #expect(try registry.agent(of: recorded)?.number == "E1*****78")
    }
}
