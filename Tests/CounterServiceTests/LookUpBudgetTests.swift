import CardData
import Lifecycle
import Registry
import Testing

@testable import CounterService

/// Whoever has looked at as many persons as the policy lets one officer signs with a supervisor for the next, on the same screen.
@Suite struct LookUpBudgetTests {
    private static let number = "990165200802116857"

    @Test func theSearchAsksForASupervisorWhenTheDayIsUsedUp() async throws {
        try await Window().open(site: "look-ups-per-day: 0") { registry in
            _ = try Newcomer.register(in: registry)
        } _: { port in
            let (cookie, token) = try await formSession(port)
            let form = ["form-token": token, "query": Self.number, "purpose": "inquiry"]
            let alone = try await send("/search", form, cookie, port)
            #expect(alone.status == 409)
            #expect(alone.body.contains("lifecycle.look-ups-used-up"))
            #expect(alone.body.contains("name=\"second-password\""))
            let wrong = try await send(
                "/search", form.merging(["second-number": "2001", "second-password": "a wrong one"]) { $1 }, cookie,
                port)
            #expect(wrong.body.contains("counter.second-wrong"))
            let signed = try await send(
                "/search", form.merging(["second-number": "2001", "second-password": Window.password]) { $1 }, cookie,
                port)
            #expect(signed.status == 303)
            #expect(signed.header("Location")?.hasPrefix("/people/") == true)
        }
    }

    @Test func whomTheOfficerHasSeenTodayIsSeenAgainAndARestartForgetsNoOne() async throws {
        let window = Window()
        let site = "look-ups-per-day: 1"
        try await window.open(site: site) { registry in
            _ = try Newcomer.register(in: registry)
        } _: { port in
            let (cookie, token) = try await formSession(port)
            let form = ["form-token": token, "query": Self.number, "purpose": "inquiry"]
            for _ in 0..<2 { #expect(try await send("/search", form, cookie, port).status == 303) }
        }
        try await window.open(site: site) { port in
            let (cookie, token) = try await formSession(port)
            let stranger = ["form-token": token, "query": "990101199003070111", "purpose": "inquiry"]
            let again = ["form-token": token, "query": Self.number, "purpose": "inquiry"]
            #expect(try await send("/search", again, cookie, port).status == 303)
            let answer = try await send("/search", stranger, cookie, port)
            #expect(answer.body.contains("lifecycle.look-ups-used-up"))
        }
    }
}
