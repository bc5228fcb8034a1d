import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A card in front of its holder: every step fails, is gone on with after a restart, and is not done twice.
@Suite struct InstantIssueTests {
    static let handling = IssueWalk.handling

    let walk: IssueWalk
    var counter: Counter { walk.counter }
    var card: VirtualCard { walk.card }
    var child: PersonRecord { walk.child }

    init() throws { walk = try IssueWalk() }

    func desk() throws -> InstantIssueDesk { try walk.desk() }

    func input(_ row: PersonRecord?, pin: String = "739146", ticket: String? = nil) throws -> IssueInput {
        try walk.input(row, pin: pin, ticket: ticket)
    }

    func begin() throws -> String { try walk.begin() }

    @discardableResult
    func advance(_ issue: String, through last: IssueStep, _ row: PersonRecord? = nil) throws -> IssueProgress {
        try walk.advance(issue, through: last, row)
    }

    @Test func everyStepIsDoneOnceInItsTurnWithARestartAfterEach() throws {
        let issue = try begin()
        let steps = try desk().progress(issue).steps
        #expect(steps == IssueStep.allCases.filter { $0 != .blockOld }, "no old card was taken back")
        for (number, step) in steps.enumerated() {
            for later in IssueStep.allCases where later > step {
                #expect(throws: IssueFlowError.notItsTurn(later, next: step), "\(later) before \(step)") {
                    try desk().perform(later, of: issue, with: input(child), through: VirtualCardChannel(card))
                }
            }
            let progress = try advance(issue, through: step)
            #expect(progress.done == step)
            #expect(progress.next == steps.dropFirst(number + 1).first)
            let events = try counter.registry.statistics().events
            let again = try desk().perform(step, of: issue, with: input(child), through: VirtualCardChannel(card))
            #expect(again == progress, "a second call of \(step) changes nothing")
            #expect(try counter.registry.statistics().events == events)
        }
        let ended = try desk().progress(issue)
        #expect(ended.end == .finished)
        #expect(ended.events.count == 2)
        #expect(try desk().unfinished().issues.isEmpty)
        let reference = try #require(ended.card)
        let made = try #require(try counter.registry.card(reference))
        #expect(made.state.shown == .normal)
        let acts = try counter.registry.events(of: made.reference).map(\.body.act.kind)
        #expect(acts == [.personalized, .pinServed, .handedOver, .enabled])
    }

    @Test func theHoldersPINIsOnTheCardAndTheDrawnOneNowhere() throws {
        let issue = try begin()
        try advance(issue, through: .personalize)
        let file = counter.folder + "/issue/\(issue).issue"
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("pin: \n") == false, "sealed until then")
        try advance(issue, through: .setPIN)
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("pin: \n"))
        let pins = PINDesk(
            registry: counter.registry, preparation: counter.preparation,
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true),
            cards: [try counter.preparation.library.entry("national-2.0").compiled],
            journalFolder: counter.folder + "/journal")
        let change = HolderPIN.Act.change(
            from: try PersonalIdentificationNumber(digits: "739146"),
            to: try PersonalIdentificationNumber(digits: "925814"))
        #expect(throws: Never.self) {
            try pins.serve(PINRequest(change, handling: Counter.teller), through: VirtualCardChannel(card))
        }
    }

    @Test func aStepThatFailsIsNotedAndCanBeDoneAgain() throws {
        let issue = try begin()
        #expect(throws: IssueFlowError.cardMissing) {
            try desk().perform(.checkBlank, of: issue, with: input(nil), through: nil)
        }
        #expect(try desk().progress(issue).failure?.code == "issue.card-missing")
        try advance(issue, through: .checkBlank)
        #expect(try desk().progress(issue).failure == nil)
        #expect(throws: IssueFlowError.personMissing) {
            try desk().perform(.findPerson, of: issue, with: input(nil), through: nil)
        }
        try advance(issue, through: .checkDuplicates)
        try advance(issue, through: .photo)
        let unconfirmed = IssueInput(person: child, handling: Self.handling)
        #expect(throws: IssueFlowError.notConfirmed) {
            try desk().perform(.confirm, of: issue, with: unconfirmed, through: nil)
        }
        try advance(issue, through: .confirm)
        let changed = counter.row(["citizenNumber": "990165202201016817", "birthDate": "20220101", "name": "张四"])
        #expect(throws: IssueFlowError.otherData) {
            try desk().perform(.personalize, of: issue, with: input(changed), through: VirtualCardChannel(card))
        }
        let other = try counter.blank(2)
        let chip = try desk().progress(issue).chip?.text ?? ""
        let rule = try counter.preparation.library.entry(desk().progress(issue).layoutName).compiled.profile.identity
        let read = try #require(CardIdentity(VirtualCardChannel(other).answerToReset, rule: rule)).text
        #expect(throws: IssueFlowError.anotherChip(expected: chip, found: read)) {
            try desk().perform(.personalize, of: issue, with: input(child), through: VirtualCardChannel(other))
        }
        #expect(try advance(issue, through: .slip).end == .finished)
    }

    /// Another window changed the record after this one had read it: the older one is not written back, and what a file puts right is.
    @Test(arguments: [IssueStep.findPerson, .confirm]) func anOlderRecordIsNotWrittenBack(step: IssueStep) throws {
        let registry = counter.registry
        let issue = try begin()
        let before = IssueStep.allCases.last { $0 < step } ?? .checkBlank
        let renamed = counter.row(["citizenNumber": "990165202201016817", "birthDate": "20220101", "name": "张四"])
        try advance(issue, through: before)
        let applicant = try counter.preparation.checked(renamed, layoutName: "national-2.0")
        let reference = try registry.register(Person(applicant), handledBy: Self.handling)
        let read = IssueInput(person: child, isOnRecord: true, handling: Self.handling, isConfirmed: true)
        #expect(throws: RegistryError.personChanged) {
            try desk().perform(step, of: issue, with: read, through: nil)
        }
        #expect(try registry.person(inHand: reference)?.name.text == "张四")
        let now = IssueInput(person: renamed, isOnRecord: true, handling: Self.handling, isConfirmed: true)
        #expect(try desk().perform(step, of: issue, with: now, through: nil).done == step)
    }

    /// Also where the step itself asks nothing of the person, and before what it would say of the issue's own person.
    @Test func somebodyElsesRowIsToldAtEveryStepOnceThePersonIsFound() throws {
        let issue = try begin()
        try advance(issue, through: .findPerson)
        // Only a renewal has an old card to block.
        for step in IssueStep.allCases where step > .findPerson && step != .blockOld {
            #expect(throws: IssueFlowError.anotherPerson, "\(step)") {
                try desk().perform(
                    step, of: issue, with: input(counter.otherRow), through: VirtualCardChannel(card))
            }
            try advance(issue, through: step)
        }
        let second = try begin()
        let blank = try counter.blank(2)
        _ = try desk().perform(.checkBlank, of: second, with: input(nil), through: VirtualCardChannel(blank))
        _ = try desk().perform(.findPerson, of: second, with: input(child), through: nil)
        #expect(throws: IssueFlowError.anotherPerson, "and not that the child has a card") {
            try desk().perform(.checkDuplicates, of: second, with: input(counter.otherRow), through: nil)
        }
    }

    @Test func grownPeopleNeedAPhotoAndNobodyGetsTwoCards() throws {
        let issue = try begin()
        try advance(issue, through: .checkDuplicates, counter.row())
        #expect(throws: IssueFlowError.photoMissing) {
            try desk().perform(.photo, of: issue, with: input(counter.row()), through: nil)
        }
        #expect(try desk().abandon(issue, handledBy: Self.handling).end == .abandoned)
        try advance(try begin(), through: .slip)
        let second = try begin()
        let blank = try counter.blank(2)
        _ = try desk().perform(.checkBlank, of: second, with: input(nil), through: VirtualCardChannel(blank))
        _ = try desk().perform(.findPerson, of: second, with: input(child), through: nil)
        #expect(throws: IssuingError.self) {
            try desk().perform(.checkDuplicates, of: second, with: input(child), through: nil)
        }
        #expect(try desk().progress(second).failure?.code == "issuing.has-card")
    }

    /// The card is pulled in the midst of its making, and the next desk goes on with it.
    @Test func aCardThatIsTornIsFinishedByTheSameStep() throws {
        let issue = try begin()
        try advance(issue, through: .confirm)
        let cut = FaultChannel(try VirtualCardChannel(card), cutAt: 200, .beforeCommand) {}
        #expect(throws: (any Error).self) {
            try desk().perform(.personalize, of: issue, with: input(child), through: cut)
        }
        #expect(try desk().progress(issue).next == .personalize)
        #expect(try desk().unfinished().issues.map(\.identifier) == [issue])
        #expect(try advance(issue, through: .slip).end == .finished)
    }

    /// A crash between the note of the recorded card and the removal of its journal.
    @Test func aJournalThatOutlivedItsCardDoesNotMakeItTorn() throws {
        let issue = try begin()
        try advance(issue, through: .confirm)
        let journals = counter.folder + "/journal"
        let cut = FaultChannel(try VirtualCardChannel(card), cutAt: 200, .beforeCommand) {}
        #expect(throws: (any Error).self) {
            try desk().perform(.personalize, of: issue, with: input(child), through: cut)
        }
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: journals).first { $0.hasSuffix(".journal") })
        let journal = try #require(FileManager.default.contents(atPath: journals + "/" + name))
        try advance(issue, through: .personalize)
        try journal.write(to: URL(filePath: journals + "/" + name))
        try advance(issue, through: .readBack)
        #expect(!FileManager.default.fileExists(atPath: journals + "/" + name))
        #expect(try advance(issue, through: .slip).end == .finished)
    }

    /// All was written on it and the registry has not heard of it: in the reader it is blocked, and another card there is left alone.
    @Test(arguments: [true, false])
    func aBegunCardInTheReaderIsBlockedWhenItsIssueIsGivenUp(isInserted: Bool) throws {
        let other = try InstantIssueTests()
        let whole = try other.begin()
        try other.advance(whole, through: .confirm)
        let counting = FaultChannel(try VirtualCardChannel(other.card), cutAt: .max, .beforeCommand) {}
        _ = try other.desk().perform(.personalize, of: whole, with: other.input(other.child), through: counting)
        let torn = try begin()
        try advance(torn, through: .confirm)
        let cut = FaultChannel(
            try VirtualCardChannel(card), cutAt: counting.commandCount - 1, .beforeAnswer
        ) { [card] in card.powerOff() }
        #expect(throws: (any Error).self) {
            try desk().perform(.personalize, of: torn, with: input(child), through: cut)
        }
        #expect(try desk().hasBegunCard(torn))
        let lying = try VirtualCardChannel(isInserted ? card : counter.blank(77))
        #expect(try desk().abandon(torn, handledBy: Self.handling, inserted: lying).end == .spoiled)
        #expect(try !desk().hasBegunCard(torn))
        let ends = try counter.registry.newest(10).map(\.body.act).filter { $0.kind == .chipEnded }
        #expect(ends == (isInserted ? [.chipEnded(.blocked)] : []))
    }

    @Test func aTornOrMadeCardIsNotGivenUpButSpoiled() throws {
        let torn = try begin()
        try advance(torn, through: .confirm)
        let cut = FaultChannel(try VirtualCardChannel(card), cutAt: 200, .beforeCommand) {}
        #expect(throws: (any Error).self) {
            try desk().perform(.personalize, of: torn, with: input(child), through: cut)
        }
        let noted = try desk().progress(torn)
        #expect(try desk().abandon(torn, handledBy: Self.handling).end == .spoiled)
        // A crash before the note of it: what is booked is no blank, and is not booked again.
        try IssueFile(folder: counter.folder + "/issue").write(noted)
        #expect(try desk().abandon(torn, handledBy: Self.handling).end == .spoiled)
        #expect(try counter.registry.statistics().blanksSpoiled == 1)
        #expect(throws: IssueFlowError.ended(.spoiled)) {
            try desk().perform(.personalize, of: torn, with: input(child), through: VirtualCardChannel(card))
        }
    }

    @Test func aCardThatIsEnabledIsFinishedAndNotGivenUp() throws {
        let issue = try begin()
        try advance(issue, through: .enable)
        #expect(throws: IssueFlowError.cardIsOut) { try desk().abandon(issue, handledBy: Self.handling) }
        #expect(try advance(issue, through: .slip).end == .finished)
    }

    /// The old card is in force until the new one is made, and ends with it; somebody else's card is not replaced.
    @Test func aLostCardIsReplacedByTheSameSteps() throws {
        let first = try begin()
        try advance(first, through: .slip)
        let reference = try #require(try desk().progress(first).card)
        let old = try #require(try counter.registry.card(reference)?.facts?.number)
        func replacing(_ proofs: Proofs) throws -> String {
            let handling = Handling(by: Self.handling.officer, second: Self.handling.second, proofs: proofs)
            return try desk().begin(
                layoutName: "national-2.0", officer: 1002,
                replacing: IssuingRequest.Replacement(number: old, reason: .lost, handling: handling)
            ).identifier
        }
        #expect(throws: RegistryError.self, "not reported lost") { try replacing([.identityDocument, .feeSettled]) }
        try counter.registry.record(
            .formalLoss(LossReport(channel: .counter, reporter: .holder)), on: reference, handledBy: Self.handling)
        #expect(throws: RegistryError.self, "the fee is open") { try replacing(.identityDocument) }
        let issue = try replacing([.identityDocument, .feeSettled])
        let blank = try counter.blank(2)
        let stranger = try input(counter.row())
        _ = try desk().perform(.checkBlank, of: issue, with: stranger, through: VirtualCardChannel(blank))
        #expect(throws: IssuingError.self) {
            try desk().perform(.findPerson, of: issue, with: stranger, through: nil)
        }
        while let step = try desk().progress(issue).next {
            if step <= .personalize { #expect(try counter.registry.card(reference)?.successor == nil) }
            _ = try desk().perform(step, of: issue, with: input(child), through: VirtualCardChannel(blank))
        }
        let ended = try desk().progress(issue)
        #expect(ended.end == .finished && ended.replacement?.number == old)
        #expect(try counter.registry.card(reference)?.successor == ended.card)
        #expect(try counter.registry.card(reference)?.state.social.endReason == .replaced)
    }

    /// Nobody has touched the card yet: the PIN is still the drawn one, and the change can be asked for again.
    @Test func aServiceThatIsRefusedBeforeTheCardIsTouchedLeavesThePINKnown() throws {
        let issue = try begin()
        try advance(issue, through: .readBack)
        let maker = IssueInput(
            person: nil, handling: Counter.personalizer, pin: try PersonalIdentificationNumber(digits: "739146"))
        #expect(throws: RegistryError.self) {
            try desk().perform(.setPIN, of: issue, with: maker, through: VirtualCardChannel(card))
        }
        #expect(try !desk().progress(issue).isPINUnknown)
        #expect(try advance(issue, through: .slip).end == .finished)
    }

    @Test func aChipOfAnOpenIssueIsNotTakenForAnother() throws {
        let first = try begin()
        try advance(first, through: .checkBlank)
        let second = try begin()
        #expect(throws: IssueFlowError.chipInUse(first, nil)) { try advance(second, through: .checkBlank) }
    }
}
