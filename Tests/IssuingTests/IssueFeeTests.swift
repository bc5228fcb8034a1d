import CardData
import Foundation
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A fee was settled, and then the issue failed (card.md §8, 7): that stays known until somebody says what became of it.
@Suite struct IssueFeeTests {
    private static let answering = Handling(by: Officer(number: 2001, role: .supervisor))

    private let walk: IssueWalk
    private let old: CardNumber

    init() throws {
        walk = try IssueWalk()
        let first = try walk.begin()
        let reference = try #require(try walk.advance(first, through: .slip).card)
        old = try #require(try walk.counter.registry.card(reference)?.facts?.number)
        try walk.counter.registry.record(
            .formalLoss(LossReport(channel: .counter, reporter: .holder)), on: reference, handledBy: IssueWalk.handling)
    }

    private func replacing() throws -> String {
        let handling = Handling(
            by: IssueWalk.handling.officer, second: IssueWalk.handling.second, proofs: [.identityDocument, .feeSettled])
        return try walk.desk().begin(
            layoutName: "national-2.0", officer: 1002,
            replacing: IssuingRequest.Replacement(number: old, reason: .lost, handling: handling)
        ).identifier
    }

    private func owing() throws -> [String] {
        try IssueListing.owingFees(in: walk.folder).map(\.identifier)
    }

    @Test func aFeeWithoutACardIsOwedUntilSomebodySaysWhatBecameOfIt() throws {
        let issue = try replacing()
        #expect(try owing().isEmpty, "the card may still be made")
        #expect(try walk.desk().abandon(issue, handledBy: IssueWalk.handling).end == .abandoned)
        #expect(try owing() == [issue])
        #expect(try walk.desk().progress(issue).owesFee)
        #expect(try walk.desk().unfinished().issues.isEmpty)
        let owed = walk.folder + "/fees/\(issue).issue"
        let file = try #require(FileManager.default.contents(atPath: owed))
        let settled = try walk.desk().settleFee(of: issue, .refunded, handledBy: Self.answering)
        #expect(settled.feeSettlement == FeeSettlement(.refunded, officer: 2001, at: 1_795_000_000_000))
        #expect(try owing().isEmpty)
        #expect(try walk.desk().progress(issue).feeSettlement?.way == .refunded)
        #expect(throws: IssueFlowError.owesNothing(issue)) {
            try walk.desk().settleFee(of: issue, .carriedOver, handledBy: Self.answering)
        }
        // A crash between the new file's place and the old one's removal.
        #expect(!FileManager.default.fileExists(atPath: owed))
        try file.write(to: URL(filePath: owed))
        #expect(try owing().isEmpty)
        #expect(try walk.desk().progress(issue).feeSettlement?.way == .refunded)
    }

    /// A crash between the event and the note of it: what the log says holds, and it says it once.
    @Test func whatBecameOfAFeeStandsInTheLogOnce() throws {
        let issue = try replacing()
        _ = try walk.desk().abandon(issue, handledBy: IssueWalk.handling)
        let path = walk.folder + "/fees/\(issue).issue"
        let owed = try #require(FileManager.default.contents(atPath: path))
        func answers() throws -> [FeeAnswer] {
            let card = try #require(try walk.counter.registry.card(number: old))
            return try walk.counter.registry.events(of: card.reference).compactMap { logged in
                if case .feeAnswered(let answer) = logged.body.act { answer } else { nil }
            }
        }
        #expect(try answers().isEmpty)
        _ = try walk.desk().settleFee(of: issue, .carriedOver, handledBy: Self.answering)
        #expect(try answers() == [FeeAnswer(.carriedOver, issue: issue, fen: 1600)])
        try FileManager.default.removeItem(atPath: walk.path(ofEnded: issue))
        try owed.write(to: URL(filePath: path))
        let again = try walk.desk().settleFee(of: issue, .refunded, handledBy: Self.answering)
        #expect(again.feeSettlement?.way == .carriedOver)
        #expect(try answers().count == 1)
        #expect(try walk.counter.registry.verify().isGood)
    }

    /// The card was torn in its making and is spoiled: its holder has paid for nothing.
    @Test func aSpoiledCardsFeeIsOwedToo() throws {
        let issue = try replacing()
        let blank = try walk.counter.blank(2)
        try walk.advance(issue, through: .readBack, nil, blank)
        let chip = GivenUpChip(unless: .other, handledBy: IssueWalk.handling, through: nil)
        #expect(try walk.desk().abandon(issue, handledBy: IssueWalk.handling, ending: chip).end == .spoiled)
        #expect(try owing() == [issue])
    }

    @Test func nothingIsOwedForACardThatItsHolderHasNorWhereNoFeeWasSettled() throws {
        let free = try walk.begin()
        #expect(try walk.desk().abandon(free, handledBy: IssueWalk.handling).end == .abandoned)
        let issue = try replacing()
        #expect(try walk.advance(issue, through: .slip, nil, walk.counter.blank(2)).end == .finished)
        #expect(try owing().isEmpty)
        #expect(throws: IssueFlowError.owesNothing(free)) {
            try walk.desk().settleFee(of: free, .refunded, handledBy: Self.answering)
        }
    }
}
