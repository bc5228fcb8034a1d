import CardData
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A city's policy that wants a second person for making, enabling or giving up a card: the flow goes on with one, and with nobody it stays
/// where it is.
@Suite struct IssueTwoPersonTests {
    private static let alone = Handling(
        by: Officer(number: 1002, role: .teller), proofs: [.identityDocument, .signature])

    private func second(_ kind: ActKind, at counter: Counter, of card: CardReference) throws -> UInt64? {
        try counter.registry.events(of: card).first { $0.body.act.kind == kind }?.event.secondPerson
    }

    @Test func makingACardByTwo() throws {
        let walk = try IssueWalk(policy: "two-person: [personalize]")
        let issue = try walk.begin()
        try walk.advance(issue, through: .confirm, handling: Self.alone)
        #expect(throws: IssuingError.self) { try walk.advance(issue, through: .personalize, handling: Self.alone) }
        let refused = try walk.desk().progress(issue)
        #expect(refused.next == .personalize)
        #expect(refused.failure?.code == "lifecycle.second-person-missing")
        #expect(walk.counter.journals.isEmpty, "nothing was begun on the blank")
        let made = try walk.advance(issue, through: .personalize)
        #expect(try second(.personalized, at: walk.counter, of: #require(made.card)) == 2001)
        #expect(try walk.advance(issue, through: .slip, handling: Self.alone).end == .finished)
    }

    @Test func reservingANumberByTwo() throws {
        let walk = try IssueWalk(policy: "two-person: [reserve-card-number]")
        let issue = try walk.begin()
        try walk.advance(issue, through: .confirm, handling: Self.alone)
        #expect(throws: IssuingError.self) { try walk.advance(issue, through: .personalize, handling: Self.alone) }
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }

    @Test func enablingACardByTwo() throws {
        let walk = try IssueWalk(policy: "two-person: [enable]")
        let issue = try walk.begin()
        try walk.advance(issue, through: .handOver, handling: Self.alone)
        #expect(throws: RegistryError.self) { try walk.advance(issue, through: .enable, handling: Self.alone) }
        let refused = try walk.desk().progress(issue)
        #expect(refused.next == .enable && refused.failure?.code == "lifecycle.second-person-missing")
        let ended = try walk.advance(issue, through: .slip)
        #expect(ended.end == .finished)
        #expect(try second(.enabled, at: walk.counter, of: #require(ended.card)) == 2001)
    }

    /// Once while the card is torn, once when it was made.
    @Test(arguments: [true, false])
    func givingUpACardByTwo(isTorn: Bool) throws {
        let walk = try IssueWalk(policy: "two-person: [spoil]")
        let issue = try walk.begin()
        try walk.advance(issue, through: .confirm, handling: Self.alone)
        if isTorn {
            let cut = FaultyCommands(try VirtualCardChannel(walk.card), failingAfter: 200)
            #expect(throws: (any Error).self) {
                try walk.desk().perform(
                    .personalize, of: issue, with: walk.input(walk.child, handling: Self.alone), through: cut)
            }
        } else {
            try walk.advance(issue, through: .readBack, handling: Self.alone)
        }
        let chip = GivenUpChip(unless: .silent, handledBy: Self.alone, through: nil)
        #expect(throws: (any Error).self) { try walk.desk().abandon(issue, handledBy: Self.alone, ending: chip) }
        #expect(try walk.desk().progress(issue).end == nil)
        #expect(try walk.counter.registry.statistics().blanksSpoiled == 0)
        #expect(try walk.desk().abandon(issue, handledBy: IssueWalk.handling, ending: chip).end == .spoiled)
        #expect(try walk.counter.registry.statistics().blanksSpoiled == 1)
    }

    /// A blank that nothing was written on is given up by one: there is no act that two could confirm.
    @Test func givingUpAnUntouchedBlankTakesNobodyElse() throws {
        let walk = try IssueWalk(policy: "two-person: [spoil]")
        let issue = try walk.begin()
        try walk.advance(issue, through: .photo, handling: Self.alone)
        #expect(try walk.desk().abandon(issue, handledBy: Self.alone).end == .abandoned)
    }

    /// The holder's own PIN under a policy that wants two for its change, and two who are one.
    @Test func theSamePersonTwiceIsOne() throws {
        let walk = try IssueWalk(policy: "two-person: [change-pin, personalize]")
        let twice = Handling(
            by: Self.alone.officer, second: Officer(number: 1002, role: .supervisor), proofs: Self.alone.proofs)
        let issue = try walk.begin()
        #expect(throws: RegistryError.self) { try walk.advance(issue, through: .findPerson, handling: twice) }
        try walk.advance(issue, through: .confirm)
        #expect(throws: IssuingError.self) { try walk.advance(issue, through: .personalize, handling: twice) }
        try walk.advance(issue, through: .readBack)
        #expect(throws: RegistryError.self) { try walk.advance(issue, through: .setPIN, handling: twice) }
        #expect(try !walk.desk().progress(issue).isPINUnknown)
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }
}
