import Synchronization
import Testing

@testable import CounterService

@Suite struct LoginGuardTests {
    private static let here = LoginPlace(peer: "192.0.2.7", isRelayed: false)
    private static let there = LoginPlace(peer: "192.0.2.8", isRelayed: false)

    private final class Time: Sendable {
        private let milliseconds = Mutex<UInt64>(0)
        var now: UInt64 { milliseconds.withLock { $0 } }
        func pass(hours: UInt64) { milliseconds.withLock { $0 += hours * 3_600_000 } }
    }

    private let time = Time()
    private let guardian: LoginGuard

    init() {
        guardian = LoginGuard(tries: 2, waitSeconds: 60) { [time] in time.now }
    }

    @Test func waitsDoubleUpToAnHourAndEndWithTheRightPassword() {
        guardian.note(1001, at: .untold, isRight: false)
        #expect(guardian.wait(of: 1001, at: .untold) == nil)
        var waits: [Int?] = []
        for _ in 0..<8 {
            guardian.note(1001, at: .untold, isRight: false)
            waits.append(guardian.wait(of: 1001, at: .untold))
        }
        #expect(waits == [60, 120, 240, 480, 960, 1920, 3600, 3600])
        #expect(guardian.wait(of: 1002, at: .untold) == nil)
        time.pass(hours: 1)
        #expect(guardian.wait(of: 1001, at: .untold) == nil)
        guardian.note(1001, at: .untold, isRight: true)
        guardian.note(1001, at: .untold, isRight: false)
        #expect(guardian.wait(of: 1001, at: .untold) == nil)
    }

    @Test func whatIsGuessedAtOneAddressKeepsNobodyWaitingAtAnother() {
        for _ in 0..<100 { guardian.note(1001, at: Self.there, isRight: false) }
        #expect(guardian.wait(of: 1001, at: Self.there) == 3600)
        #expect(guardian.wait(of: 1001, at: Self.here) == nil)
        #expect(!guardian.isSuspect(Self.here))
    }

    /// Two tries of eight numbers each: the place waits as a whole, and a number of one's own buys no more of them.
    @Test func aPlaceThatTriesManyNumbersWaitsAsAWhole() {
        for number in 2001...2015 as ClosedRange<UInt64> {
            guardian.note(number, at: Self.there, isRight: false)
            guardian.note(1001, at: Self.there, isRight: true)
        }
        #expect(guardian.wait(of: 1001, at: Self.there) == nil)
        guardian.note(2016, at: Self.there, isRight: false)
        #expect(guardian.wait(of: 1001, at: Self.there) == 60)
        #expect(guardian.wait(of: 1001, at: Self.here) == nil)
    }

    /// Forty people who mistype once and then log in are no guessers; nor is a place of which a day has passed.
    @Test func mistypingIsTakenBackAndADayForgets() {
        for number in 2001...2040 as ClosedRange<UInt64> {
            guardian.note(number, at: Self.here, isRight: false)
            guardian.note(number, at: Self.here, isRight: true)
        }
        #expect(!guardian.isSuspect(Self.here))
        for number in 2001...2015 as ClosedRange<UInt64> { guardian.note(number, at: Self.here, isRight: false) }
        #expect(guardian.isSuspect(Self.here))
        time.pass(hours: 24)
        guardian.note(2016, at: Self.here, isRight: false)
        #expect(guardian.wait(of: 1001, at: Self.here) == nil)
        #expect(!guardian.isSuspect(Self.here))
    }

    /// Behind a terminator everybody has its address: the numbers wait there, and the place never does.
    @Test func behindATerminatorNoPlaceWaits() {
        for number in 1...100 as ClosedRange<UInt64> { guardian.note(number, at: .untold, isRight: false) }
        #expect(guardian.wait(of: 1001, at: .untold) == nil)
        #expect(!guardian.isSuspect(.untold))
        #expect(LoginPlace(peer: "127.0.0.1", isRelayed: true) == .untold)
        #expect(LoginPlace(peer: nil, isRelayed: false) == .untold)
    }

    @Test func addressesAreToldApartAsFarAsOneMachineCannotChooseThem() {
        func place(_ text: String) -> LoginPlace { LoginPlace(peer: text, isRelayed: false) }
        #expect(place("127.0.0.1") == .address([127, 0, 0, 1]))
        #expect(place("::ffff:127.0.0.1") == .address([127, 0, 0, 1]))
        #expect(place("2001:db8:0:7::1") == place("2001:db8:0:7:ffff::9"))
        #expect(place("2001:db8:0:7::1") == .address([0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 7]))
        #expect(place("2001:db8:0:8::1") != place("2001:db8:0:7::1"))
        #expect(place("fe80::1%eth0") == .untold)
    }

    /// Whoever has a thousand addresses and a million numbers fills no memory, and does not wash away what waits longest.
    @Test func theMemoryIsBounded() {
        for _ in 0..<10 { guardian.note(1001, at: Self.there, isRight: false) }
        for number in 0..<25_000 as Range<UInt64> {
            let place = LoginPlace.address([10, UInt8(number >> 16), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)])
            guardian.note(number, at: place, isRight: false)
            guardian.note(number, at: place, isRight: false)
        }
        #expect(guardian.count <= 2 * LoginGuard.limit)
        #expect(guardian.wait(of: 1001, at: Self.there) == 3600)
    }
}
