import Testing

@testable import RemoteKeyService

/// How the time for a gateway is shared out among its addresses, by a clock that stands until it is moved.
@Suite struct AddressSharesTests {
    private final class Clock {
        var now = ContinuousClock.now
    }

    /// Milliseconds that each attempt was given, when each takes as long as `spent` says, and fails.
    private func given(_ spent: [Duration], of limit: Duration = .milliseconds(3000)) -> [Duration] {
        let clock = Clock()
        var given: [Duration] = []
        #expect(throws: GatewaySocket.Failure.self) {
            try AddressShares.first(of: spent, until: clock.now + limit, now: { clock.now }) {
                spent, share throws(GatewaySocket.Failure) in
                given.append(clock.now.duration(to: share))
                clock.now += spent
                throw .timeIsOver
            }
        }
        return given
    }

    @Test func `addresses that never answer share the time`() {
        let second = Duration.milliseconds(1000)
        #expect(given([second, second, second]) == [second, second, second])
        #expect(given([.milliseconds(3000)]) == [.milliseconds(3000)])
    }

    @Test func `what one does not need is for the others`() {
        #expect(
            given([.zero, .milliseconds(500), .zero])
                == [.milliseconds(1000), .milliseconds(1500), .milliseconds(2500)])
    }

    @Test func `the first that answers ends it`() throws {
        var tried: [Int] = []
        let answer = try AddressShares.first(of: [1, 2, 3], until: .now + .seconds(3)) {
            number, _ throws(GatewaySocket.Failure) in
            tried.append(number)
            guard number == 2 else { throw .system("refused") }
            return number
        }
        #expect(answer == 2 && tried == [1, 2])
    }

    @Test func `the last failure is told, and no address is one too`() {
        func reason(_ addresses: [String]) -> String? {
            do throws(GatewaySocket.Failure) {
                try AddressShares.first(of: addresses, until: .now + .seconds(1)) {
                    address, _ throws(GatewaySocket.Failure) in throw .system(address)
                }
            } catch {
                if case .system(let reason) = error { return reason }
            }
            return nil
        }
        #expect(reason(["first", "last"]) == "last" && reason([]) == "no address")
    }
}
