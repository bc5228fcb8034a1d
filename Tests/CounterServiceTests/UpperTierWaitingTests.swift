import CardData
import Foundation
import Lifecycle
import Registry
import Testing

@testable import CounterService

/// What is the upper tier's alone and waits for a second person, where the city gives the tier to the counter.
@Suite struct UpperTierWaitingTests {
    private static let card = "/cards/\(CrossedWindowsTests.number)"
    private static let site = "upper-tier: counter"

    /// A card whose cancellation was reported by 1001 and 2009, and a second supervisor.
    private static func cancelled(_ window: Window) -> (Registry) throws -> Void {
        { registry in
            try window.add(2002, "周六", .supervisor)
            try CrossedWindowsTests.makeCard(registry)
            let card = try #require(try registry.card(number: CardNumber(CrossedWindowsTests.number)))
            let handling = Handling(
                by: Officer(number: 1001, role: .teller), second: Officer(number: 2009, role: .supervisor),
                proofs: Proofs(Proofs.named.map(\.proof)))
            try registry.record(.cancelled(.death), on: card.reference, handledBy: handling)
        }
    }

    private static func get(_ path: String, _ cookie: String, _ port: UInt16) async throws -> String {
        try await ask(port, "GET", path, headers: ["Cookie": cookie]).body
    }

    private static func asked(_ session: (cookie: String, token: String), _ port: UInt16) async throws -> String {
        let page = try await get(card + "/confirm-cancellation", session.cookie, port)
        let seen = try #require(page.firstMatch(of: /name="seen" value="(\d+)"/).map { String($0.1) })
        let wish = ["form-token": session.token, "key": "confirmed-by-another-1", "seen": seen, "wait": "on"]
        let answer = try await send(card + "/confirm-cancellation", wish, session.cookie, port)
        #expect(answer.status == 303)
        return try #require(answer.header("Location"))
    }

    private static func decide(
        _ decision: String, on path: String, _ session: (cookie: String, token: String), _ port: UInt16
    ) async throws -> WireAnswer {
        let fields = [
            "form-token": session.token, "key": "a-decision-on-it-\(decision)", "decision": decision, "reason": "核实",
        ]
        return try await send(path, fields, session.cookie, port)
    }

    @Test func anotherSupervisorConfirmsWhatWaits() async throws {
        let window = Window()
        try await window.open(site: Self.site, prepare: Self.cancelled(window)) { port in
            let (first, second) = (try await formSession(port, as: 2001), try await formSession(port, as: 2002))
            let path = try await Self.asked(first, port)
            let page = try await Self.get(path, second.cookie, port)
            #expect(page.contains("value=\"confirm\"") && page.contains("复核员、上级机构"), "who may confirm is told")
            let home = try await Self.get("/api/home", second.cookie, port)
            // The cancellation itself, and the act that waits.
            #expect(home.contains("\"toApprove\":2"))
            #expect(try await Self.decide("confirm", on: path, second, port).status == 303)
            #expect(try await Self.get("/api" + Self.card, second.cookie, port).contains("\"state\":\"ended\""))
        }
    }

    @Test func anotherSupervisorSendsItBack() async throws {
        let window = Window()
        try await window.open(site: Self.site, prepare: Self.cancelled(window)) { port in
            let (first, second) = (try await formSession(port, as: 2001), try await formSession(port, as: 2002))
            let path = try await Self.asked(first, port)
            #expect(try await Self.decide("send-back", on: path, second, port).header("Location") == "/approvals")
            #expect(try await Self.get(path, first.cookie, port).contains("核实"))
        }
    }

    /// Who has signed the cancellation is asked for no word on its confirmation, and told why where they give one all the same.
    @Test func whoSignedTheCancellationDoesNotConfirmWhatWaits() async throws {
        let window = Window()
        try await window.open(site: Self.site) { registry in
            try Self.cancelled(window)(registry)
            try window.add(2009, "吴九", .supervisor)
        } _: { port in
            let (first, signer) = (try await formSession(port, as: 2001), try await formSession(port, as: 2009))
            let path = try await Self.asked(first, port)
            #expect(try await !Self.get(path, signer.cookie, port).contains("value=\"confirm\""))
            #expect(try await Self.get("/api/home", signer.cookie, port).contains("\"toApprove\":0"))
            #expect(try await Self.decide("confirm", on: path, signer, port).body.contains("lifecycle.confirms-own"))
            let second = try await formSession(port, as: 2002)
            #expect(try await Self.decide("confirm", on: path, second, port).status == 303)
        }
    }

    /// A cancellation that waits stands in the list of whoever may make it final, and of nobody else.
    @Test func aCancellationThatWaitsIsListedForWhoMayConfirmIt() async throws {
        let window = Window()
        let link = "href=\"\(Self.card)/confirm-cancellation\""
        try await window.open(site: Self.site, prepare: Self.cancelled(window)) { port in
            let (teller, supervisor) = (try await formSession(port), try await formSession(port, as: 2001))
            #expect(try await Self.get("/approvals", supervisor.cookie, port).contains(link))
            #expect(try await !Self.get("/approvals", teller.cookie, port).contains(link))
            #expect(try await Self.get("/api/home", teller.cookie, port).contains("\"toApprove\":0"))
        }
        let other = Window()
        try await other.open(prepare: Self.cancelled(other)) { port in
            let supervisor = try await formSession(port, as: 2001)
            #expect(
                try await !Self.get("/approvals", supervisor.cookie, port).contains(link), "the centre has the tier")
        }
    }

    @Test func whoSignedTheCancellationIsNotShownIt() async throws {
        let window = Window()
        try await window.open(site: Self.site) { registry in
            try Self.cancelled(window)(registry)
            try window.add(2009, "吴九", .supervisor)
        } _: { port in
            let signer = try await formSession(port, as: 2009)
            #expect(try await !Self.get("/approvals", signer.cookie, port).contains("/confirm-cancellation"))
        }
    }
}
