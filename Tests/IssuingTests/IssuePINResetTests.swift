import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Lifecycle
import Testing
import VirtualCard

@testable import Issuing

/// A PIN of which nobody knows whether it was set, where keys are used as in production: what two officers signed for exactly this card
/// and paper sets it, and nothing else does.
@Suite struct IssuePINResetTests {
    private static let now: UInt64 = 1_795_000_000_000

    private let walk: IssueWalk
    private let keyGuard: KeyGuard
    private let officers: ApprovingOfficers
    private let signers: [(name: String, key: SM2.SigningKey)]

    init() throws {
        walk = try IssueWalk()
        let hierarchy = try KeyHierarchy.read(Counter.home + "/Keys/hierarchy.yaml")
        keyGuard = KeyGuard(
            policy: try UsePolicy.read(Counter.home + "/Keys/use-policy.yaml", hierarchy: hierarchy),
            hierarchy: hierarchy,
            log: try KeyLog.open(
                in: walk.counter.folder + "/key-log", startingIfEmpty: true, lock: .development
            ) { Self.now })
        signers = try ["1002", "2001"].map { ($0, try SM2.SigningKey.generate()) }
        var officers = ApprovingOfficers()
        for signer in signers { try officers.add(signer.name, key: signer.key.verificationKey) }
        self.officers = officers
    }

    /// A desk whose keys for the PIN are behind the guard of production, in the name that the input says.
    private func desk() throws -> InstantIssueDesk {
        let (preparation, keyGuard) = (walk.counter.preparation, keyGuard)
        return try walk.desk { input in
            CardPreparation(
                library: preparation.library,
                keys: try GuardedKeyService(preparation.keys, behind: keyGuard, for: input.officerKeySession),
                policy: preparation.policy, today: preparation.today)
        }
    }

    private func approval(ticket: String, of card: VirtualCard, requester: String = "1002") throws -> ApprovedRequest {
        let profile = try walk.counter.preparation.library.entry("national-2.0").compiled.profile
        let context = try #require(
            CardKeyContext(
                VirtualCardChannel(card).answerToReset, profile: profile, area: walk.counter.preparation.policy.area))
        let document = try PINApproval.request(
            .pinReset, card: context, ticket: WorkTicket(ticket), requester: requester, minutes: 60, at: Self.now)
        let request = try document.request
        return try ApprovedRequest(
            request, signers.map { try Approval(of: request, by: $0.name, key: $0.key) }, officers: officers,
            at: Self.now)
    }

    private func reset(
        _ issue: String, ticket: String, _ approval: ApprovedRequest?, _ handling: Handling = IssueWalk.handling
    ) throws -> IssueProgress {
        let input = IssueInput(
            handling: handling, pin: try PersonalIdentificationNumber(digits: "739146"),
            pinReset: IssueInput.PINReset(ticket: ticket, approval: approval))
        return try desk().perform(.setPIN, of: issue, with: input, through: VirtualCardChannel(walk.card))
    }

    private func codes(_ body: () throws -> IssueProgress) -> [FaultCode] {
        do {
            _ = try body()
            return []
        } catch {
            return (error as? any FaultReporting)?.faults.map(\.code) ?? []
        }
    }

    @Test func onlyWhatWasSignedForThisCardAndPaperSetsThePIN() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .readBack)
        var noted = try walk.desk().progress(issue)
        noted.pinIsBeingSet = true
        try IssueFile(folder: walk.folder).write(noted)
        let other = try walk.counter.blank(2)
        let right = try approval(ticket: "T-17", of: walk.card)
        #expect(codes { try reset(issue, ticket: "T-17", nil) }.contains("key-use.no-second"), "a mere name")
        for (name, ticket, wrong) in [
            ("another paper", "T-18", right), ("another card", "T-17", try approval(ticket: "T-17", of: other)),
            ("asked by another", "T-17", try approval(ticket: "T-17", of: walk.card, requester: "2001")),
        ] {
            let found = codes { try reset(issue, ticket: ticket, wrong) }
            #expect(found.contains("approval.other-request"), "\(name): \(found)")
            #expect(try walk.desk().progress(issue).isPINUnknown, "\(name)")
        }
        let unsigned = Handling(
            by: IssueWalk.handling.officer, second: Officer(number: 2002, role: .supervisor),
            proofs: IssueWalk.handling.proofs)
        #expect(codes { try reset(issue, ticket: "T-17", right, unsigned) } == ["pin-approval.second"])
        #expect(try reset(issue, ticket: "T-17", right).done == .setPIN)
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }

    /// Spent on one issue, it serves no other reset.
    @Test func anApprovalServesOnce() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .readBack)
        var noted = try walk.desk().progress(issue)
        noted.pinIsBeingSet = true
        try IssueFile(folder: walk.folder).write(noted)
        let approval = try approval(ticket: "T-17", of: walk.card)
        #expect(try reset(issue, ticket: "T-17", approval).done == .setPIN)
        try IssueFile(folder: walk.folder).write(noted)
        #expect(codes { try reset(issue, ticket: "T-17", approval) }.contains("approval.spent"))
    }

    /// Somebody has set another PIN meanwhile, with another program: the drawn one is shown to the card once, and a reset is due then.
    @Test func aDrawnPINThatTheCardRefusesIsNotTriedTwice() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .readBack)
        let counter = walk.counter
        _ = try PINDesk(
            registry: counter.registry, preparation: counter.preparation,
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true),
            cards: [try counter.preparation.library.entry("national-2.0").compiled],
            journalFolder: counter.folder + "/journal"
        ).serve(
            PINRequest(
                .reset(to: PersonalIdentificationNumber(digits: "481952")), ticket: "T-1", handling: Counter.teller),
            through: VirtualCardChannel(walk.card))
        func set(_ ticket: String? = nil) throws -> IssueProgress {
            try walk.desk().perform(
                .setPIN, of: issue, with: walk.input(nil, ticket: ticket), through: VirtualCardChannel(walk.card))
        }
        #expect(codes { try set() }.first == "card.wrong-pin")
        #expect(try walk.desk().progress(issue).isPINUnknown)
        let before = walk.card.image
        #expect(codes { try set() } == ["issue.pin-unknown"])
        #expect(walk.card.image == before, "no further try was spent")
        #expect(try set("T-2").done == .setPIN)
        #expect(try walk.advance(issue, through: .slip).end == .finished)
    }

    @Test func theHoldersOwnChangeTakesNobodysSignature() throws {
        let issue = try walk.begin()
        try walk.advance(issue, through: .readBack)
        let input = try walk.input(nil)
        let done = try desk().perform(.setPIN, of: issue, with: input, through: VirtualCardChannel(walk.card))
        #expect(done.done == .setPIN)
    }
}
