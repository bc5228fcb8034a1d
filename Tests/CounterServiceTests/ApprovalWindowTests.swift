import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What waits for a decision: applications page by page and batch by batch, steps on what was shown, and one's own acts from the first
/// page.
@Suite struct ApprovalWindowTests {
    private static let teller = Handling(
        by: Officer(number: 1001, role: .teller), proofs: Proofs(Proofs.named.map(\.proof)))
    private static let batch = "DW/2026 一批"

    private static func makePeople(_ count: Int, in registry: Registry) throws -> IntakeCount {
        let people = try (0..<count).map { serial in
            // Check character by ISO 7064 MOD 11-2, as GB 11643 has it.
            let year = 1950 + serial / 500
            let body = "990100\(year)0307" + String(format: "%03d", serial % 500)
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
            let sum = zip(body.utf8, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
            let number = try CitizenNumber(body + String(Array("10X98765432")[sum % 11]))
            return Person(
                number: .citizen(number), name: try PersonName("王小明"), sex: number.sex,
                ethnicGroup: try EthnicGroup("01"), birthDate: number.birthDate, birthPlace: "990100")
        }
        return try registry.takeIn(people, batch: PersonBatch(number: batch, way: .factory), handledBy: teller)
    }

    private static func fields(_ page: String, _ names: String...) throws -> [String: String] {
        try names.reduce(into: [:]) { found, name in
            let pattern = try Regex("name=\"\(name)\" value=\"([^\"]*)\"")
            found[name] = try #require(page.firstMatch(of: pattern)?.output[1].substring.map(String.init), "\(name)")
        }
    }

    private static func get(
        _ path: String, _ session: (cookie: String, token: String), _ port: UInt16
    ) async throws -> WireAnswer {
        try await ask(port, "GET", path, headers: ["Cookie": session.cookie])
    }

    @Test func aBatchIsApprovedOnOneScreenAndNoListIsCutWithoutAWord() async throws {
        let path = "/approvals/batch?number=DW%2F2026%20%E4%B8%80%E6%89%B9"
        let count = Mutex(0)
        try await Window().open { registry in
            let found = try Self.makePeople(1005, in: registry).applications
            count.withLock { $0 = found }
        } _: { port in
            let supervisor = try await formSession(port, as: 2001)
            #expect(count.withLock { $0 } == 1005)
            let list = try await Self.get("/approvals", supervisor, port).body
            #expect(list.contains(path) && list.contains("1–100 / 1005"))
            let last = try await Self.get("/approvals?from=1000", supervisor, port).body
            #expect(last.contains("1001–1005 / 1005") && !last.contains("rel=\"next\""))
            let first = try await Self.get("/api/applications?state=submitted", supervisor, port)
            #expect(first.header("X-Total-Count") == "1005")
            #expect(first.header("Link") == "</api/applications?state=submitted&from=1000>; rel=\"next\"")
            let rest = try await Self.get("/api/applications?state=submitted&from=1000", supervisor, port)
            #expect(rest.header("Link") == nil && rest.body.components(separatedBy: "\"kind\"").count == 6)
            let page = try await Self.get(path, supervisor, port).body
            var form = try Self.fields(page, "batch", "count", "seen", "form-token")
            form["key"] = "a-batch-is-approved"
            #expect(form["batch"] == Self.batch && form["count"] == "1005")
            var stale = form
            stale["count"] = "1004"
            stale["key"] = "a-batch-of-another-day"
            let refused = try await send("/approvals/batch", stale, supervisor.cookie, port)
            #expect(refused.body.contains("registry.batch-changed"))
            let teller = try await formSession(port)
            var own = form
            own["form-token"] = teller.token
            own["key"] = "the-teller-approves-it"
            #expect(
                try await send("/approvals/batch", own, teller.cookie, port).body.contains("lifecycle.role-not-allowed")
            )
            for _ in 0..<2 {
                let done = try await send("/approvals/batch", form, supervisor.cookie, port)
                #expect(done.status == 303 && done.header("Location")?.contains("approved=1005&left=0") == true)
            }
            let after = try await Self.get("/api/applications?state=approved", supervisor, port)
            #expect(after.header("X-Total-Count") == "1005")
            #expect(try await Self.get("/approvals", supervisor, port).body.contains("DW") == false)
        }
    }

    /// Approved at another window while the form was open: a step is done on what was shown, or not at all.
    @Test func aStepOfAnApplicationIsDoneOnWhatWasShown() async throws {
        let name = Mutex("")
        try await Window().open { registry in
            _ = try Self.makePeople(1, in: registry)
            let found = try registry.applications(in: .submitted)
            name.withLock { $0 = found.first?.identifier.description.replacingOccurrences(of: "/", with: "-") ?? "" }
        } _: { port in
            let path = "/applications/\(name.withLock { $0 })/withdraw"
            let teller = try await formSession(port)
            var form = try Self.fields(try await Self.get(path, teller, port).body, "seen", "form-token")
            form.merge(["key": "withdrawn-unseen", "proof-identity-document": "on"]) { $1 }
            let token = teller.token
            func step(_ step: String, seen: String?, _ key: String, as cookie: String, _ token: String) async throws
                -> WireAnswer
            {
                let body = (seen.map { "\"seen\": \($0), " } ?? "") + "\"proofs\": [\"identity-document\"]"
                return try await ask(
                    port, "POST", "/api/applications/\(name.withLock { $0 })/steps/\(step)",
                    headers: [
                        "Cookie": cookie, "X-Form-Token": token, "Content-Type": "application/json",
                        "Idempotency-Key": key,
                    ], body: "{\(body)}")
            }
            let supervisor = try await formSession(port, as: 2001)
            let approved = try await step(
                "approve", seen: form["seen"], "approved-elsewhere", as: supervisor.cookie, supervisor.token)
            #expect(approved.status == 201)
            let refused = try await send(path, form, teller.cookie, port)
            #expect(refused.status == 409 && refused.body.contains("registry.application-changed"))
            let again = try await step(
                "withdraw", seen: form["seen"], "withdrawn-by-program", as: teller.cookie, token)
            #expect(again.status == 409)
            let shown = try Self.fields(refused.body, "seen")["seen"]
            #expect(shown != form["seen"], "the form shows what there is now")
            #expect(
                try await step("withdraw", seen: shown, "withdrawn-seen-it", as: teller.cookie, token).status == 201)
        }
    }

    /// A teller's own act that was sent back is told on the first page, and leads to the teller's own acts.
    @Test func whatWasSentBackIsFoundFromTheFirstPage() async throws {
        try await Window().open(prepare: CrossedWindowsTests.makeCard) { port in
            let (teller, supervisor) = (try await formSession(port), try await formSession(port, as: 2001))
            func tile() async throws -> String {
                let page = try await Self.get("/", teller, port).body
                let found = try #require(
                    page.firstMatch(of: /id="tile-ownActs"><a href="([^"]+)">.*?figure">(\d+)<small> \/ (\d+)/))
                #expect(found.1 == "/approvals?mine=1")
                return "\(found.2) of \(found.3)"
            }
            let card = "/cards/\(CrossedWindowsTests.number)/hold"
            var form = try Self.fields(try await Self.get(card, teller, port).body, "seen", "form-token")
            form.merge(["key": "a-hold-that-will-wait", "reason": "court", "wait": "on"]) { $1 }
            let path = try #require(try await send(card, form, teller.cookie, port).header("Location"))
            #expect(try await tile() == "0 of 1")
            let back = [
                "form-token": supervisor.token, "key": "sent-back-with-why", "decision": "send-back", "reason": "核实",
            ]
            #expect(try await send(path, back, supervisor.cookie, port).status == 303)
            #expect(try await tile() == "1 of 1")
            #expect(try await Self.get("/approvals?mine=1", teller, port).body.contains(path))
            #expect(try await Self.get("/approvals?mine=1", supervisor, port).body.contains(path) == false)
            let home = try await Self.get("/api/home", teller, port).body
            #expect(home.contains("\"ownActs\":1"))
        }
    }
}
