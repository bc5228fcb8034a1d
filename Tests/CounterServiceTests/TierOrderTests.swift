import CardData
import Foundation
import Issuing
import Lifecycle
import Registry
import Testing

@testable import CounterService

/// What only the upper tier has noted: by the tool beside the running service, and at the window where the city gives it to the counter.
@Suite struct TierOrderTests {
    private static let tier = Handling(
        by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier))
    private static let card = CrossedWindowsTests.number
    private static let code = "99010000" + String(repeating: "0", count: 8) + String(repeating: "7", count: 16)

    /// The check character of D0000002 is 11 − ((13·3 + 2·2) mod 11) = 1.
    private static let other = "D00000021"

    private static func makeAnothersCard(_ registry: Registry) throws {
        let personalizer = Handling(by: Officer(number: 1002, role: .personalizer))
        let citizen = try CitizenNumber("990101199003070015")
        let person = try registry.register(
            Person(
                number: .citizen(citizen), name: try PersonName("李四"), sex: citizen.sex,
                ethnicGroup: try EthnicGroup("01"), birthDate: citizen.birthDate, birthPlace: "990101"),
            handledBy: personalizer)
        let card = CardReference(
            try IdentificationCode(
                areaCode: "990100", serial: [0, 0, 0, 2], authenticationCode: [0x11, 0x22, 0x33, 0x44]))
        let facts = CardFacts(
            number: try CardNumber(other), person: person, layout: "national-3.0", profile: "fmcos",
            area: "990101", issued: try CardDate("20251009"), expires: try CardDate("20351008"), blankSerial: [2])
        try registry.record(.personalized(facts), on: card, handledBy: personalizer)
    }

    /// Calls of the socket block: they are made on a thread of their own, which the service does not wait for.
    private static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// The socket is there as soon as the service answers, or a moment later: each question waits for the one before.
    private static func waitForSocket(in folder: String) async throws {
        try await blocking { for _ in 0..<500 where RunningCounter.find(in: folder) == nil {} }
    }

    private static func perform(
        _ order: TierOrder, _ handling: Handling = tier, in folder: String
    ) async throws -> TierAnswer {
        try await blocking { try RunningCounter.perform(order, handledBy: handling, in: folder) }
    }

    private static func state(_ port: UInt16, _ cookie: String) async throws -> (state: String?, acts: [String]) {
        let answer = try await ask(port, "GET", "/api/cards/\(card)", headers: ["Cookie": cookie]).body
        let told = try #require(try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])
        let events = told["events"] as? [[String: Any]] ?? []
        return (told["state"] as? String, events.compactMap { $0["act"] as? String })
    }

    @Test func theToolHasTheRunningServiceNoteThem() async throws {
        let window = Window()
        let folder = window.folder
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            try await Self.waitForSocket(in: folder)
            let grant = TierOrder.grantLease(counter: 8, first: 1000, last: 1199)
            let granted = try await Self.perform(grant, in: folder)
            #expect(granted.leases.map(\.numbers) == ["D1000-1199"])
            #expect(granted.leases.map(\.cards) == [200])
            let listed = try await Self.blocking { try RunningCounter.leases(in: folder) }
            #expect(listed == granted.leases)
            // Run again because the answer got lost, it grants nothing twice.
            await #expect(throws: Faults("registry.lease-overlaps", ["lease": granted.event])) {
                try await Self.perform(grant, in: folder)
            }
            let name = try #require(EventIdentifier(word: granted.event))
            let returned = try await Self.perform(
                .returnLease(counter: name.counter, sequence: name.sequence), in: folder)
            #expect(returned.leases.isEmpty)
            let terminal = Handling(by: Officer(number: 880_012, role: .terminal))
            let seen = try await Self.perform(.noteBlocked(card: Self.card), terminal, in: folder)
            #expect((seen.act, seen.state) == ("seen-blocked", "sealed"))
            let ended = try await Self.perform(.endDuplicate(card: Self.card, first: Self.code), in: folder)
            #expect((ended.act, ended.state) == ("duplicate", "ended"))
            let cookie = try await logIn(port)
            let told = try await Self.state(port, cookie)
            #expect(told.state == "ended")
            #expect(told.acts.suffix(2) == ["seen-blocked", "duplicate"])
        }
    }

    @Test func whatTheRulesRefuseIsToldThroughTheSocketWithItsReasons() async throws {
        let window = Window()
        let folder = window.folder
        try await window.open { registry in
            try CrossedWindowsTests.makeCard(registry)
            try Self.makeAnothersCard(registry)
        } _: { port in
            try await Self.waitForSocket(in: folder)
            let teller = Handling(by: Officer(number: 1001, role: .teller))
            let orders: [(TierOrder, Handling, String)] = [
                (.noteBlocked(card: Self.card), teller, "lifecycle.role-not-allowed"),
                (.noteBlocked(card: "D00000013"), Self.tier, "tool.no-such-card"),
                (.endDuplicate(card: Self.card, first: Self.card), Self.tier, "lifecycle.duplicate-of-itself"),
                (.endDuplicate(card: Self.card, first: Self.other), Self.tier, "counter.first-card-of-another"),
                (.grantLease(counter: 8, first: 1, last: 5), Self.tier, "tool.lease-too-small"),
                (.returnLease(counter: 7, sequence: 1), Self.tier, "registry.lease-unknown"),
            ]
            for (order, handling, code) in orders {
                let refusal = await #expect(throws: Faults.self) {
                    try await Self.perform(order, handling, in: folder)
                }
                #expect(refusal?.faults.map(\.code.rawValue) == [code])
            }
            let cookie = try await logIn(port)
            #expect(try await Self.state(port, cookie).acts == ["personalized"])
        }
    }

    @Test func aSupervisorGrantsAndEndsALeaseWhereTheCounterHasTheTier() async throws {
        try await Window().open(site: "upper-tier: counter\ntwo-person: []") { port in
            let session = try await formSession(port, as: 2001)
            let wish = [
                "form-token": session.token, "key": "a-lease-of-numbers", "counter": "8", "first": "1000",
                "last": "1199",
            ]
            let granted = try await send("/leases/grant", wish, session.cookie, port)
            #expect(granted.status == 303)
            // A double click is one lease.
            let again = try await send("/leases/grant", wish, session.cookie, port)
            #expect(again.header("Location") == granted.header("Location"))
            let another = try await send(
                "/leases/grant", wish.merging(["key": "another-form-of-it"]) { $1 }, session.cookie, port)
            #expect(another.body.contains("registry.lease-overlaps"))
            let list = try await ask(port, "GET", "/leases", headers: ["Cookie": session.cookie]).body
            let path = try #require(list.firstMatch(of: /href="(\/leases\/7-\d+\/return)"/).map { String($0.1) })
            let teller = try await formSession(port)
            let theirs = ["form-token": teller.token, "key": "the-teller-ends-it"]
            #expect(try await send(path, theirs, teller.cookie, port).body.contains("lifecycle.role-not-allowed"))
            let mine = ["form-token": session.token, "key": "the-supervisor-ends"]
            #expect(try await send(path, mine, session.cookie, port).status == 303)
            #expect(try await ask(port, "GET", "/api/leases", headers: ["Cookie": session.cookie]).body == "[]")
        }
    }

    @Test func nobodyAtTheWindowDoesWhereTheCentreHasIt() async throws {
        try await Window().open(site: "two-person: []", prepare: CrossedWindowsTests.makeCard) { port in
            let session = try await formSession(port, as: 2001)
            let fields = [
                "form-token": session.token, "key": "nobody-grants-it-here", "counter": "8", "first": "1000",
                "last": "1199",
            ]
            #expect(
                try await send("/leases/grant", fields, session.cookie, port).body.contains(
                    "lifecycle.role-not-allowed"))
            let note = ["form-token": session.token, "key": "nobody-notes-it-here"]
            for act in ["duplicate", "seen-blocked"] {
                let more = note.merging(["first": Self.code]) { $1 }
                #expect(try await send("/cards/\(Self.card)/\(act)", more, session.cookie, port).status != 303)
            }
            #expect(try await Self.state(port, session.cookie).acts == ["personalized"])
        }
    }
}
