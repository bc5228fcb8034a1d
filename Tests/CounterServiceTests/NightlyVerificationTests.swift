import CardData
import Foundation
import Lifecycle
import Logging
import Registry
import Synchronization
import Testing

@testable import CounterService

/// Each night the service proves its registry, by a clock that the tests move.
@Suite struct NightlyVerificationTests {
    /// 2026-09-22 00:53:20 in China.
    private static let start: UInt64 = 1_790_009_600_000

    /// A registry in a folder of its own, the clock of whoever looks at it, and the lines of the log.
    private final class Night: Sendable {
        let folder = FileManager.default.temporaryDirectory.appending(path: "night-\(UUID().uuidString)").path
        let wall = Mutex<UInt64>(NightlyVerificationTests.start)
        let lines = KeptLines()

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func registry() throws -> Registry { try Registry.open(at: folder, counter: 7, policy: .load()) { 1 } }

        func verification(of registry: Registry, at time: NightTime? = .usual) -> NightlyVerification {
            NightlyVerification(
                at: time, clocks: CounterClocks(wall: { [self] in wall.withLock { $0 } }, steady: { 5 }),
                logger: Logger(label: "test") { [lines] _ in lines.handler }
            ) {
                registry.verificationBeside()
            }
        }

        func pass(minutes: Int64) { wall.withLock { $0 = UInt64(Int64($0) + minutes * 60_000) } }

        var logged: [String] { lines.kept.withLock { $0 } }
    }

    @Test func theTimeOfNightIsThatOfChinaWhateverTheMachineIsSetTo() throws {
        let time = try #require(NightTime("03:30"))
        #expect(time == .usual && time.text == "03:30")
        #expect(Moment.text(time.next(after: Self.start)) == "2026-09-22 03:30:00")
        let next = time.next(after: Self.start)
        #expect(Moment.text(time.next(after: next)) == "2026-09-23 03:30:00")
        #expect(Moment.text(time.next(after: next - 1)) == "2026-09-22 03:30:00")
        let midnight = try #require(NightTime("00:00"))
        #expect(Moment.text(midnight.next(after: Self.start)) == "2026-09-23 00:00:00")
        for wrong in ["3:30", "24:00", "03:60", "03.30", "", "0330"] { #expect(NightTime(wrong) == nil, "\(wrong)") }
    }

    @Test func itLooksOnceANightAndTellsWhatItFound() async throws {
        let night = Night()
        let registry = try night.registry()
        try CrossedWindowsTests.makeCard(registry)
        let verification = night.verification(of: registry)
        #expect(verification.standing == .none)
        // From 00:53 to 03:29 it is not time yet.
        for _ in 0..<156 {
            await verification.lookIfItIsTime()
            night.pass(minutes: 1)
        }
        #expect(verification.last == nil)
        for _ in 0..<60 {
            await verification.lookIfItIsTime()
            night.pass(minutes: 1)
        }
        #expect(verification.standing == .good)
        let found = try #require(verification.last)
        #expect(Moment.text(found.at).hasPrefix("2026-09-22 03:30"))
        #expect(found.events == 2 && found.signatures == 2 && found.fault == nil)
        #expect(night.logged == ["registry verified events=2 milliseconds=0 signatures=2"])
        night.pass(minutes: 24 * 60)
        await verification.lookIfItIsTime()
        #expect(night.logged.count == 2)
    }

    @Test func aClockThatWasSetBackDoesNotPutTheNextNightOff() async throws {
        let night = Night()
        let verification = night.verification(of: try night.registry())
        await verification.lookIfItIsTime()
        night.pass(minutes: -30 * 24 * 60)
        await verification.lookIfItIsTime()
        night.pass(minutes: 24 * 60)
        await verification.lookIfItIsTime()
        #expect(verification.standing == .good)
    }

    @Test func oneThatIsTurnedOffNeverLooks() async throws {
        let night = Night()
        let verification = night.verification(of: try night.registry(), at: nil)
        for _ in 0..<3 {
            await verification.lookIfItIsTime()
            night.pass(minutes: 24 * 60)
        }
        #expect(verification.standing == .off && verification.last == nil && night.logged.isEmpty)
    }

    /// A file that cannot be read is told, and ends nothing.
    @Test func aRegistryThatCannotBeReadIsTold() async throws {
        let night = Night()
        let registry = try night.registry()
        let verification = night.verification(of: registry)
        await verification.lookIfItIsTime()
        night.pass(minutes: 24 * 60)
        try FileManager.default.moveItem(
            atPath: night.folder + "/registry.sqlite", toPath: night.folder + "/registry.moved")
        await verification.lookIfItIsTime()
        #expect(verification.standing == .unfinished)
        #expect(verification.last?.fault?.code == "counter.night-unread")
        #expect(night.logged.count == 1 && night.logged[0].hasPrefix("registry not verified"))
    }

    @Test func theConfigurationSaysWhenOrNever() throws {
        func time(_ line: String) throws -> NightTime? {
            try CounterConfiguration.parse(
                "office: 试验网点\ncounter: 7\ndata: x\n\(line)\n", file: "counter.yaml", folder: "/"
            ).verifiesAt
        }
        #expect(try time("") == .usual)
        #expect(try time("verify-at: \"23:05\"")?.text == "23:05")
        #expect(try time("verify-at: 04:15")?.text == "04:15")
        #expect(try time("verify-at: \"off\"") == nil)
        #expect(try time("verify-at: off") == nil)
        let refused = #expect(throws: Faults.self) { try time("verify-at: \"25:00\"") }
        #expect(refused?.faults.first?.code == "counter.verify-at")
        #expect(refused?.faults.first?.place?.description.contains("4") == true)
    }

    @Test func machinesAndAdministratorsAreToldHowItStands() async throws {
        let window = Window()
        try await window.open { port in
            try window.add(4001, "赵六", .administrator)
            let health = try await ask(port, "GET", "/health").body
            #expect(health.contains("\"verification\":\"none\"") && health.contains("\"status\":\"up\""))
            let administrator = try await logIn(port, as: 4001)
            for path in ["/", "/operations"] {
                let page = try await ask(port, "GET", path, headers: ["Cookie": administrator]).body
                #expect(page.contains("夜间核验") && page.contains("启动后尚未到时间 · 每日 03:30"), "\(path)")
            }
            let metrics = try await ask(port, "GET", "/metrics").body
            #expect(!metrics.contains("sscard_registry_verif"))
        }
    }
}
