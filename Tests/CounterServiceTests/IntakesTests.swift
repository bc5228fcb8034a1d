import CardData
import Foundation
import Issuing
import Lifecycle
import Logging
import Registry
import Synchronization
import Testing

@testable import CounterService

/// A judged file that is confirmed does what was shown, or is judged again and wants another word.
@Suite struct IntakesTests {
    /// A counter whose windows send files; its clocks stand still unless they are moved.
    private final class Site: Sendable {
        let folder = FileManager.default.temporaryDirectory.appending(path: "intakes-\(UUID().uuidString)").path
        let registry: Registry
        let intakes: Intakes
        let spool: IntakeSpool
        let clock = Steady()

        init() throws {
            let policy = try LifecyclePolicy.parse(site: "version: test-1\nintake-minutes: 30\n", file: "policy.yaml")
            let registry = try Registry.open(at: folder, counter: 7, policy: policy) { 1_790_000_000_000 }
            let library = try CardLibrary(home: Window.root.path)
            self.registry = registry
            spool = try IntakeSpool(dataFolder: folder)
            let steady = clock
            intakes = Intakes(
                desk: { IntakeDesk(registry: registry, library: library, today: try CardDate("20261128")) },
                head: { try registry.deskNumbers(of: 0).head }, confirmedWithin: policy.intakeMinutes,
                clock: { steady.now }, logger: Logger(label: "test") { _ in KeptLines().handler })
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        final class Steady: Sendable {
            private let milliseconds = Mutex<UInt64>(1000)
            var now: UInt64 { milliseconds.withLock { $0 } }
            func pass(minutes: UInt64) { milliseconds.withLock { $0 += minutes * 60_000 } }
        }

        /// Sends a file of one person, and waits until it is judged.
        func judge(sentBy sender: UInt64 = 1001) async throws -> String {
            let file = try spool.makeFile()
            let text =
                "citizenNumber,name,sex,ethnicGroup,birthDate,birthPlace\n990165200802116857,张三,1,01,20080211,990165\n"
            try file.append(Array(text.utf8))
            try file.end()
            let order = IntakeOrder(
                .persons, file: "list.csv", mapping: nil, layout: "national-2.0", batch: nil, isInstant: false,
                isDryRun: true)
            let name = try intakes.begin(order, on: file, handledBy: .init(Newcomer.teller), sentBy: sender)
            return try await rested(name, of: sender)
        }

        /// Waits until a file is not worked on any more.
        func rested(_ name: String, of sender: UInt64 = 1001) async throws -> String {
            while try intakes.entry(name, of: sender).stage.isRunning { await Task.yield() }
            return name
        }

        func confirm(_ name: String) async throws -> Intakes.Entry {
            try intakes.confirm(name, by: 1001)
            return try intakes.entry(try await rested(name), of: 1001)
        }

        var persons: Int { get throws { try registry.statistics().persons } }
    }

    private func report(_ entry: Intakes.Entry) -> (IntakeReport, isTaken: Bool)? {
        switch entry.stage {
        case .judged(let report): (report, false)
        case .taken(let report): (report, true)
        default: nil
        }
    }

    @Test func whatWasJudgedAMomentAgoIsTakenIn() async throws {
        let site = try Site()
        let name = try await site.judge()
        site.clock.pass(minutes: 29)
        let entry = try await site.confirm(name)
        let (found, isTaken) = try #require(report(entry))
        #expect(isTaken && found.new == 1 && entry.anew == nil)
        #expect(try site.persons == 1)
    }

    @Test func whatWasJudgedTooLongAgoIsJudgedAgainAndThenTakenIn() async throws {
        let site = try Site()
        let name = try await site.judge()
        site.clock.pass(minutes: 30)
        let entry = try await site.confirm(name)
        #expect(entry.anew == .age)
        #expect(report(entry)?.isTaken == false)
        #expect(try site.persons == 0, "nothing was taken in")
        let again = try await site.confirm(name)
        #expect(report(again)?.isTaken == true && again.anew == nil)
        #expect(try site.persons == 1)
    }

    @Test func whatTheRegistryHasChangedIsShownAnewAndThenTakenIn() async throws {
        let site = try Site()
        let name = try await site.judge()
        #expect(report(try site.intakes.entry(name, of: 1001))?.0.new == 1)
        // Another window takes the person in meanwhile, of another birth place.
        _ = try Newcomer.register(in: site.registry)
        let entry = try await site.confirm(name)
        #expect(entry.anew == .change)
        let (found, isTaken) = try #require(report(entry))
        #expect(!isTaken && found.new == 0 && found.known == 1)
        let again = try await site.confirm(name)
        #expect(report(again)?.isTaken == true && again.anew == nil)
    }

    /// What others do meanwhile to whom the file does not name changes nothing of what was shown.
    @Test func whatChangesNothingOfTheFileHoldsNothingUp() async throws {
        let site = try Site()
        let name = try await site.judge()
        _ = try site.registry.lookUpPerson(
            try SocialSecurityNumber("990101199003070111"), purpose: .inquiry, handledBy: Newcomer.teller)
        let entry = try await site.confirm(name)
        #expect(report(entry)?.isTaken == true && entry.anew == nil)
    }

    /// Whoever sends many files pushes out their own alone.
    @Test func nobodysFileGoesForAnothers() async throws {
        let site = try Site()
        let mine = try await site.judge()
        var theirs: [String] = []
        for _ in 0..<20 { theirs.append(try await site.judge(sentBy: 1002)) }
        #expect(throws: Faults("intake.unknown")) { try site.intakes.entry(theirs[15], of: 1002) }
        for name in theirs.suffix(4) { _ = try site.intakes.entry(name, of: 1002) }
        #expect(report(try site.intakes.entry(mine, of: 1001))?.0.new == 1)
        #expect(report(try await site.confirm(mine))?.isTaken == true)
    }

    /// A counter of many officers is not shut by what they have done with; what waits for somebody's word stays.
    @Test func whatIsOverMakesRoomForOthers() async throws {
        let site = try Site()
        let done = try await site.judge()
        _ = try await site.confirm(done)
        var waiting: [String] = []
        for sender: UInt64 in 1100..<1163 { waiting.append(try await site.judge(sentBy: sender)) }
        let late = try await site.judge(sentBy: 1200)
        #expect(throws: Faults("intake.unknown")) { try site.intakes.entry(done, of: 1001) }
        for (sender, name) in zip(1100..., waiting) { _ = try site.intakes.entry(name, of: UInt64(sender)) }
        _ = try site.intakes.entry(late, of: 1200)
        await #expect(throws: Faults("intake.too-many"), "all the others wait for a word") {
            try await site.judge(sentBy: 1201)
        }
    }

    @Test func whatHasRestedForADayIsForgottenWithItsFile() async throws {
        let site = try Site()
        let name = try await site.judge()
        let path = try site.intakes.entry(name, of: 1001).file.path
        site.clock.pass(minutes: 24 * 60 - 1)
        #expect(try !site.intakes.entry(name, of: 1001).stage.isRunning)
        #expect(FileManager.default.fileExists(atPath: path))
        site.clock.pass(minutes: 1)
        #expect(throws: Faults("intake.unknown")) { try site.intakes.entry(name, of: 1001) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
