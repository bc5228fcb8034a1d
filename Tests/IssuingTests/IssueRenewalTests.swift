import CardApplication
import CardData
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A renewal: the old card's chip is blocked before the new card is handed over, or the log says why it was not.
@Suite struct IssueRenewalTests {
    private static let handling = Handling(
        by: IssueWalk.handling.officer, second: IssueWalk.handling.second,
        proofs: IssueWalk.handling.proofs.union(.oldCardTaken))

    private let walk: IssueWalk
    private let new: VirtualCard
    private let old: CardReference

    init() throws {
        walk = try IssueWalk()
        new = try walk.counter.blank(2)
        let first = try walk.begin()
        old = try #require(try walk.advance(first, through: .slip).card)
    }

    /// An issue that replaces the old card, its new card made and its PIN set.
    private func renewing(_ reason: ReplacementReason = .damaged) throws -> String {
        let number = try #require(try walk.counter.registry.card(old)?.facts?.number)
        let issue = try walk.desk().begin(
            layoutName: "national-2.0", officer: 1002,
            replacing: IssuingRequest.Replacement(number: number, reason: reason, handling: Self.handling)
        ).identifier
        try walk.advance(issue, through: .setPIN, nil, new)
        return issue
    }

    private func block(
        _ issue: String, with card: VirtualCard?, _ hindrance: ChipEnd? = nil, _ handling: Handling = Self.handling
    ) throws -> IssueProgress {
        try walk.desk().perform(
            .blockOld, of: issue, with: walk.input(nil, handling: handling, oldCard: hindrance),
            through: card.map { try VirtualCardChannel($0) })
    }

    private func ends() throws -> [ChipEnd] {
        try walk.counter.registry.events(of: old).compactMap { logged in
            if case .chipEnded(let end) = logged.body.act { end } else { nil }
        }
    }

    private func isBlocked(_ card: VirtualCard) throws -> Bool {
        try VirtualCardChannel(card).transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8)).statusWord
            == .functionNotSupported
    }

    @Test func theOldCardIsBlockedBeforeTheNewOneIsHandedOver() throws {
        let issue = try renewing()
        #expect(try walk.desk().progress(issue).next == .blockOld)
        #expect(throws: IssueFlowError.notItsTurn(.handOver, next: .blockOld)) {
            try walk.desk().perform(.handOver, of: issue, with: walk.input(nil), through: nil)
        }
        #expect(throws: IssueFlowError.cardMissing) { try block(issue, with: nil) }
        #expect(throws: ChipError.self, "the new card lies in the reader") { try block(issue, with: new) }
        #expect(try !isBlocked(new) && !isBlocked(walk.card) && ends().isEmpty)
        let done = try block(issue, with: walk.card)
        #expect(try isBlocked(walk.card) && !isBlocked(new))
        #expect(try ends() == [.blocked])
        #expect(done.events.count == 1)
        let ended = try walk.advance(issue, through: .slip, nil, new)
        #expect(ended.end == .finished && ended.events.count == 3)
        #expect(try walk.counter.registry.card(old)?.state.social.endReason == .renewed)
        #expect(try walk.counter.registry.verify().isGood)
    }

    /// A crash after the card was blocked, before the act; and one after the act, before the note of it.
    @Test func whatWasBrokenOffIsNotDoneTwice() throws {
        let issue = try renewing()
        let noted = try walk.desk().progress(issue)
        let registry = walk.counter.registry
        let card = try #require(try registry.card(old))
        try OldCardDesk(
            registry: registry, preparation: walk.counter.preparation,
            visits: VisitPolicy(folder: walk.counter.folder + "/tries", isDevelopment: true),
            journalFolder: walk.counter.folder + "/journal",
            sealingKey: SealingKey.load(in: walk.counter.folder + "/journal")
        ).block(card, through: VirtualCardChannel(walk.card))
        #expect(try isBlocked(walk.card) && ends().isEmpty)
        _ = try block(issue, with: walk.card)
        #expect(try ends() == [.blocked])
        try IssueFile(folder: walk.folder).write(noted)
        #expect(try block(issue, with: walk.card).events.count == 1)
        #expect(try ends() == [.blocked])
        #expect(try walk.advance(issue, through: .slip, nil, new).end == .finished)
    }

    @Test(arguments: ChipEnd.hindrances)
    func aCardThatCannotBeBlockedIsTakenBackWithTheReason(hindrance: ChipEnd) throws {
        let issue = try renewing()
        #expect(throws: RegistryError.self, "nobody says that it was taken") {
            try block(issue, with: nil, hindrance, IssueWalk.handling)
        }
        #expect(try ends().isEmpty)
        _ = try block(issue, with: nil, hindrance)
        #expect(try ends() == [hindrance])
        #expect(try !isBlocked(walk.card))
        #expect(try walk.advance(issue, through: .slip, nil, new).end == .finished)
    }

    /// Another person's card, issued here, is not blocked in place of the old one.
    @Test func anotherCardIsNotBlocked() throws {
        let issue = try renewing()
        let other = try walk.counter.blank(3)
        _ = try walk.counter.issue(other, walk.counter.otherRow)
        #expect(throws: ChipError.self) { try block(issue, with: other) }
        #expect(try !isBlocked(other) && ends().isEmpty)
    }
}
