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

    /// A refused MAC is explained: under which key, and what of it may be another one on the card.
    @Test func aRefusedBlockingNamesTheKey() throws {
        _ = try renewing()
        let registry = walk.counter.registry
        let desk = OldCardDesk(
            registry: registry, preparation: walk.counter.preparation,
            visits: VisitPolicy(folder: walk.counter.folder + "/tries", isDevelopment: true),
            journalFolder: walk.counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: walk.counter.folder + "/journal"))
        let card = try #require(try registry.card(old))
        let channel = AnsweringChannel(try VirtualCardChannel(walk.card), refusing: .secureMessagingIncorrect) {
            $0.cla == 0x84 && $0.ins == 0x16
        }
        let error = #expect(throws: RefusedKey.self) { try desk.block(card, through: channel) }
        #expect(error?.faults.map(\.code.rawValue).last == "authentication.mac")
        #expect(error?.faults.last?.parameters["key"] == "BK")
        #expect(try !isBlocked(walk.card))
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

    /// Two windows on the old card: whoever begins, makes and blocks has to have seen what the other did.
    @Test func whatAnotherWindowDidToTheOldCardIsSeenBeforeEachStep() throws {
        let registry = walk.counter.registry
        let number = try #require(try registry.card(old)?.facts?.number)
        func newest() throws -> UInt64 { try #require(try registry.card(old)?.lastSequence) }
        /// What another window does meanwhile and takes back: the card stands as before, and somebody has been at it.
        func touch() throws {
            try registry.record(.held(.misuse), on: old, handledBy: Counter.teller)
            let opened = EventIdentifier(counter: registry.counter, sequence: try newest())
            try registry.record(
                .released([opened]), on: old,
                handledBy: Handling(
                    by: Counter.teller.officer, second: Counter.teller.second, proofs: [.identityDocument, .paper]))
        }
        func begin(expecting seen: UInt64) throws -> String {
            try walk.desk().begin(
                layoutName: "national-2.0", officer: 1002,
                replacing: IssuingRequest.Replacement(
                    number: number, reason: .damaged, handling: Self.handling, expecting: seen)
            ).identifier
        }
        var shown = try newest()
        try touch()
        #expect(throws: RegistryError.cardChanged(old)) { try begin(expecting: shown) }
        let issue = try begin(expecting: newest())
        try walk.advance(issue, through: .confirm, nil, new)
        func make(expecting seen: UInt64) throws -> IssueProgress {
            try walk.desk().perform(
                .personalize, of: issue, with: walk.input(walk.child, expecting: seen), through: VirtualCardChannel(new)
            )
        }
        shown = try newest()
        try touch()
        let blank = new.image
        #expect(throws: (any Error).self) { try make(expecting: shown) }
        #expect(new.image == blank)
        #expect(try walk.desk().progress(issue).failure?.code == "registry.card-changed")
        _ = try make(expecting: newest())
        try walk.advance(issue, through: .setPIN, nil, new)
        shown = try newest()
        func block(expecting seen: UInt64) throws -> IssueProgress {
            try walk.desk().perform(
                .blockOld, of: issue, with: walk.input(nil, handling: Self.handling, expecting: seen),
                through: VirtualCardChannel(walk.card))
        }
        #expect(throws: RegistryError.cardChanged(old)) { try block(expecting: shown - 1) }
        #expect(try !isBlocked(walk.card) && ends().isEmpty)
        _ = try block(expecting: shown)
        let made = try #require(try walk.desk().progress(issue).card)
        let latest = try #require(try registry.card(made)?.lastSequence)
        func handOver(expecting seen: UInt64) throws -> IssueProgress {
            try walk.desk().perform(
                .handOver, of: issue, with: walk.input(nil, expecting: seen), through: VirtualCardChannel(new))
        }
        #expect(throws: RegistryError.cardChanged(made)) { try handOver(expecting: latest - 1) }
        _ = try handOver(expecting: latest)
        #expect(try registry.verify().isGood)
    }
}
