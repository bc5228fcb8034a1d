import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader
import Synchronization
import Testing
import VirtualCard

/// Several readers work off one list of people.
@Suite struct IssuingBatchTests {
    static let reader = ReaderName(rawValue: "A 00 00")

    /// Rows of the house's invented people.
    func requests(_ rows: Range<Int>, _ counter: Counter) throws -> [IssuingRequest] {
        let people = try PersonFile.read(
            path: Counter.home + "/Fixtures/people.csv",
            expectedColumns: counter.preparation.columns(layoutName: "national-2.0"))
        return try people[rows].map { try counter.request($0) }
    }

    func run(
        _ requests: [IssuingRequest], _ counter: Counter, _ lanes: TestLane...,
        tell: @escaping @Sendable (BatchEvent) -> Void = { _ in }
    ) async throws -> BatchReport {
        try await IssuingBatch(desk: counter.desk, requests: requests, tell: tell).run(in: lanes)
    }

    func madeNumbers(_ report: BatchReport) -> [CardNumber] {
        report.results.compactMap { result in
            if case .made(let card, _) = result.outcome { card.number } else { nil }
        }
    }

    @Test func everyRowGetsOneCardWhicheverLaneMakesIt() async throws {
        let counter = try Counter()
        let requests = try requests(0..<3, counter)
        let report = try await run(
            requests, counter, TestLane("A", .card(try counter.blank(1)), .card(try counter.blank(2))),
            TestLane("B", .card(try counter.blank(3)), .card(try counter.blank(4))))
        let numbers = madeNumbers(report)
        #expect(Set(numbers).count == 3)
        #expect(report.left.isEmpty)
        // Results stand in the order of the rows, whoever was done first.
        for (request, number) in zip(requests, numbers) {
            let text = try #require(request.person.values["citizenNumber"])
            let card = try #require(
                try counter.registry.activeCard(of: counter.registry.reference(of: SocialSecurityNumber(text))))
            #expect(card.facts?.number == number)
        }
        #expect(counter.journals.isEmpty)
        #expect(counter.claims.isEmpty)
        #expect(try counter.registry.verify().isGood)
    }

    @Test func aPersonGoesToAnotherCardWhenNothingWasBegun() async throws {
        let counter = try Counter()
        let used = try counter.blank(9)
        _ = try counter.issue(used)
        let before = used.image
        let name = try #require(Self.reader)
        let returned = Mutex<[String]>([])
        let report = try await run(
            requests(1..<3, counter), counter,
            TestLane(
                "A", .card(used), .failing(.cardMute(name)), .card(try counter.blank(1)), .card(try counter.blank(2))),
            tell: { event in
                guard case .returned(_, _, let faults) = event else { return }
                returned.withLock { $0 += faults.map(\.code.rawValue) }
            })
        #expect(madeNumbers(report).count == 2)
        #expect(returned.withLock { $0 } == ["personalization.already-issued", "reader.card-mute"])
        #expect(used.image == before)
    }

    @Test func aPersonWhoseCardWasBegunIsNamedAndGetsNoOther() async throws {
        let counter = try Counter()
        let (torn, second, third) = (try counter.blank(1), try counter.blank(2), try counter.blank(3))
        let before = third.image
        let requests = try requests(0..<2, counter)
        let report = try await run(
            requests, counter, TestLane("A", .pulled(torn, at: 200), .card(second), .card(third)))
        guard case .unfinished(let chip, let faults) = report.results[0].outcome else {
            Issue.record("not unfinished: \(report.results[0].outcome)")
            return
        }
        #expect(chip == CardIdentity(try AnswerToReset(bytes: torn.answerToReset)))
        #expect(faults.first?.code == "personalization.interrupted")
        #expect(madeNumbers(report).count == 1)
        #expect(third.image == before)
        // Another run makes no second card either, and finishes the first when it is there.
        let again = try await run([requests[0]], counter, TestLane("A", .card(third)))
        guard case .unfinished(chip, _) = again.results[0].outcome else {
            Issue.record("not unfinished: \(again.results[0].outcome)")
            return
        }
        #expect(third.image == before)
        let last = try await run([requests[0]], counter, TestLane("A", .card(torn)))
        #expect(madeNumbers(last).count == 1)
    }

    @Test func aPersonWhoCanHaveNoCardLeavesTheBlankToTheNext() async throws {
        let counter = try Counter()
        let requests = try requests(0..<2, counter)
        _ = try counter.desk.issue(requests[0], through: VirtualCardChannel(counter.blank(1)))
        let report = try await run(requests, counter, TestLane("A", .card(try counter.blank(2))))
        guard case .refused(let faults) = report.results[0].outcome else {
            Issue.record("not refused: \(report.results[0].outcome)")
            return
        }
        #expect(faults.map(\.code) == ["issuing.has-card"])
        #expect(madeNumbers(report).count == 1)
    }

    @Test func oneWhoStandsInTheFileTwiceGetsOneCard() async throws {
        let counter = try Counter()
        let request = try requests(0..<1, counter)[0]
        let report = try await run(
            [request, request], counter, TestLane("A", .card(try counter.blank(1))),
            TestLane("B", .card(try counter.blank(2))))
        #expect(madeNumbers(report).count == 1)
        #expect(try counter.registry.statistics().blanksUsed == 1)
        #expect(report.left.isEmpty)
    }

    @Test func aFaultOfTheSiteStopsTheBatchBeforeACardIsTouched() async throws {
        let counter = try Counter()
        let requests = try requests(0..<2, counter)
        try FileManager.default.removeItem(atPath: counter.folder + "/journal")
        let card = try counter.blank(1)
        let before = card.image
        let report = try await run(requests, counter, TestLane("A", .card(card), .card(try counter.blank(2))))
        #expect(report.left == [0, 1])
        #expect(report.obstacle.map(\.code) == ["journal.cannot-write"])
        #expect(card.image == before)
    }

    /// The published value of the maker is the profile's: what one blank refuses, the next refuses as well, and loses a try.
    @Test(arguments: [
        ("national-2.0@timecos", "63C7", "card.authentication-failed"),
        ("national-2.0@timecos", "6983", "card.key-blocked"),
        ("national-2.0@t514", "6982", "card.transport-code-refused"),
    ])
    func aRefusedTransportKeyStopsTheBatchAtItsFirstBlank(layout: String, answer: String, code: String) async throws {
        let counter = try Counter()
        let profile = try counter.preparation.library.entry(layout).compiled.profile
        let blanks = try (1...2).map { try VirtualCard(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, $0]) }
        let before = blanks[1].image
        let refusal = StatusWord(rawValue: try #require(UInt16(answer, radix: 16)))
        let refuses: @Sendable (CommandAPDU) -> ResponseAPDU? = { command in
            let isTransport = command.ins == 0x82 || (command.ins == 0xE0 && command.p1 == 0x03)
            return isTransport ? ResponseAPDU(refusal) : nil
        }
        let requests = try (0..<2).map { row in
            let person = try self.requests(row..<row + 1, counter)[0].person
            return IssuingRequest(
                person: person, layoutName: layout, pin: try PersonalIdentificationNumber(digits: "925814"),
                handling: Counter.personalizer)
        }
        let report = try await run(
            requests, counter, TestLane("A", .answering(blanks[0], refuses), .answering(blanks[1], refuses)))
        #expect(report.obstacle.map(\.code.rawValue) == [code, "authentication.transport-key"])
        #expect(report.left == [1])
        #expect(blanks[1].image == before, "the next blank was asked")
    }

    @Test func badRowsAreAllToldBeforeACardIsTouched() throws {
        let counter = try Counter()
        let rows = [counter.row(["sex": "7"]), counter.row(["birthDate": "20080231"])]
        let error = #expect(throws: Faults.self) {
            try IssuingBatch(desk: counter.desk, requests: rows.map { try counter.request($0) })
        }
        let codes = Set((error?.faults ?? []).map(\.code.rawValue))
        #expect(codes.isSuperset(of: ["sex.unknown", "date.calendar"]))
    }

    /// The plan of national-2.0 on fmcos-ssse has 493 commands, the fewest its layout and profile allow.
    @Test func progressCountsEveryCommandOfEveryPlan() async throws {
        let counter = try Counter()
        let seen = Mutex<[BatchProgress]>([])
        _ = try await run(
            requests(0..<2, counter), counter, TestLane("A", .card(try counter.blank(1)), .card(try counter.blank(2))),
            tell: { event in
                guard case .progress(_, _, _, let overall) = event else { return }
                seen.withLock { $0.append(overall) }
            })
        #expect(seen.withLock { $0.map(\.done) } == Array(1...986))
        #expect(Set(seen.withLock { $0.map(\.total) }) == [986])
    }
}
