import CardData
import Foundation
import Lifecycle
import Registry
import Testing

@testable import CounterService

/// What is the upper tier's alone: done by a supervisor and by the service itself where the city gives it to the counter, else by nobody.
@Suite struct UpperTierTests {
    private static let card = "/cards/\(CrossedWindowsTests.number)"

    private static func restrict(_ registry: Registry, by act: Act, _ role: Role, beside second: UInt64 = 2009) throws {
        try CrossedWindowsTests.makeCard(registry)
        let card = try #require(try registry.card(number: CardNumber(CrossedWindowsTests.number)))
        let handling = Handling(
            by: Officer(number: 1001, role: role), second: Officer(number: second, role: .supervisor),
            proofs: Proofs(Proofs.named.map(\.proof)))
        try registry.record(act, on: card.reference, handledBy: handling)
    }

    private static func told(_ port: UInt16, _ cookie: String) async throws -> (state: String, restrictions: Int) {
        let answer = try await ask(port, "GET", "/api" + card, headers: ["Cookie": cookie]).body
        let told = try #require(try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])
        return (try #require(told["state"] as? String), try #require((told["restrictions"] as? [Any])?.count))
    }

    private static func confirm(
        _ port: UInt16, as number: UInt64, _ key: String
    ) async throws -> (answer: WireAnswer, cookie: String) {
        let session = try await formSession(port, as: number)
        let path = card + "/confirm-cancellation"
        let page = try await ask(port, "GET", path, headers: ["Cookie": session.cookie]).body
        let seen = page.firstMatch(of: /name="seen" value="(\d+)"/).map { String($0.1) }
        let fields = [
            "form-token": session.token, "key": key, "seen": seen ?? "", "second-number": "2002",
            "second-password": Window.password,
        ]
        return (try await send(path, fields, session.cookie, port), session.cookie)
    }

    @Test func twoSupervisorsConfirmACancellationWhereTheCounterHasTheTier() async throws {
        let window = Window()
        try await window.open(site: "upper-tier: counter") { registry in
            try window.add(2002, "周六", .supervisor)
            try Self.restrict(registry, by: .cancelled(.death), .teller)
        } _: { port in
            let teller = try await Self.confirm(port, as: 1001, "the-teller-confirms")
            #expect(teller.answer.status != 303)
            #expect(try await Self.told(port, teller.cookie) == ("hold", 1))
            let supervisor = try await Self.confirm(port, as: 2001, "supervisor-confirms")
            #expect(supervisor.answer.status == 303)
            #expect(try await Self.told(port, supervisor.cookie).state == "ended")
        }
    }

    /// It would end a card for good on the word of one office.
    @Test func whoSignedTheCancellationDoesNotMakeItFinal() async throws {
        let window = Window()
        try await window.open(site: "upper-tier: counter") { registry in
            try window.add(2002, "周六", .supervisor)
            try Self.restrict(registry, by: .cancelled(.death), .teller, beside: 2001)
        } _: { port in
            let supervisor = try await Self.confirm(port, as: 2001, "supervisor-confirms")
            #expect(supervisor.answer.status == 409)
            #expect(supervisor.answer.body.contains("lifecycle.confirms-own"))
            #expect(try await Self.told(port, supervisor.cookie) == ("hold", 1))
        }
    }

    @Test func nobodyConfirmsItWhereTheCentreHasTheTier() async throws {
        let window = Window()
        try await window.open { registry in
            try window.add(2002, "周六", .supervisor)
            try Self.restrict(registry, by: .cancelled(.death), .teller)
        } _: { port in
            for number in [UInt64(1001), 2001] {
                let refused = try await Self.confirm(port, as: number, "confirmed-by-\(number)-here")
                #expect(refused.answer.status != 303)
                #expect(try await Self.told(port, refused.cookie) == ("hold", 1))
            }
        }
    }

    /// Eight days later the service starts again, and looks by itself.
    @Test func theServiceEndsATemporaryLossWhoseDaysAreOver() async throws {
        let window = Window()
        let site = "upper-tier: counter\ntemporary-loss-days: 7"
        try await window.open(site: site) { registry in
            let report = LossReport(channel: .counter, reporter: .holder)
            try Self.restrict(registry, by: .temporaryLoss(report), .teller)
        } _: { port in
            let cookie = try await logIn(port)
            #expect(try await Self.told(port, cookie).restrictions == 1)
        }
        window.passWallHours(8 * 24)
        try await window.open(site: site) { port in
            let cookie = try await logIn(port)
            // Each question is a while in which it may have looked.
            for _ in 0..<500 where try await Self.told(port, cookie).restrictions > 0 {}
            #expect(try await Self.told(port, cookie).restrictions == 0)
        }
    }

    private static let lastDay = "2026-10-01"

    /// A card that is held until a day, and the service three weeks after it.
    private func afterTheLastDay(
        site: String, _ body: @Sendable @escaping (UInt16, String) async throws -> Void
    ) async throws {
        let window = Window()
        try await window.open(site: site) { registry in
            let day = try CardDate(Self.lastDay.replacing("-", with: ""))
            try Self.restrict(registry, by: .held(.court, until: day), .teller)
        } _: { port in
            let cookie = try await logIn(port)
            #expect(try await Self.told(port, cookie) == ("hold", 1))
            let home = try await ask(port, "GET", "/", headers: ["Cookie": cookie]).body
            #expect(!home.contains("counter.holds-over"))
        }
        window.passWallHours(30 * 24)
        try await window.open(site: site) { port in
            let cookie = try await logIn(port)
            try await body(port, cookie)
        }
    }

    @Test func theServiceEndsAHoldWhoseLastDayHasPassed() async throws {
        try await afterTheLastDay(site: "upper-tier: counter") { port, cookie in
            for _ in 0..<500 where try await Self.told(port, cookie).restrictions > 0 {}
            #expect(try await Self.told(port, cookie).restrictions == 0)
        }
    }

    /// The centre ends it; here somebody is told, until the hold is released.
    @Test func whereTheCentreHasTheTierTheFirstPageTellsIt() async throws {
        try await afterTheLastDay(site: "two-person: []") { port, cookie in
            func home() async throws -> String { try await ask(port, "GET", "/", headers: ["Cookie": cookie]).body }
            for _ in 0..<500 where try await !home().contains("counter.holds-over") {}
            let told = try await home()
            #expect(told.contains("counter.holds-over"))
            #expect(try await Self.told(port, cookie) == ("hold", 1))
            let supervisor = try await formSession(port, as: 2001)
            let page = try await ask(port, "GET", Self.card + "/release", headers: ["Cookie": supervisor.cookie]).body
            let field = try #require(page.firstMatch(of: /name="(restriction-[0-9-]+)"/)).1
            let seen = try #require(page.firstMatch(of: /name="seen" value="(\d+)"/)).1
            let released = try await send(
                Self.card + "/release",
                [
                    "form-token": supervisor.token, "key": "the-release-of-the-hold", "seen": String(seen),
                    String(field): "on", "proof-paper": "on",
                ], supervisor.cookie, port)
            #expect(released.status == 303)
            #expect(try await !home().contains("counter.holds-over"))
        }
    }
}
