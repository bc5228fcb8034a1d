import CardData
import Foundation
import Lifecycle
import Registry
import Testing

@testable import CounterService

/// Files that programs send to be taken in: the page's rules, and every step once by its key.
@Suite struct ProgramIntakeTests {
    private static let head = "citizenNumber,name,sex,ethnicGroup,birthDate,birthPlace\n"
    /// Check characters by GB 11643, as the other tests of this target have them.
    private static let person = "990165200802116857,张三,1,01,20080211,990165\n"

    private static func session(_ port: UInt16, as number: UInt64 = 1001) async throws -> (
        cookie: String, token: String
    ) {
        let answer = try await ask(
            port, "POST", "/api/session", headers: ["Content-Type": "application/json"],
            body: "{\"number\": \(number), \"password\": \"\(Window.password)\"}")
        let cookie = try #require(answer.header("Set-Cookie")?.split(separator: ";").first.map(String.init))
        let token = try #require(answer.body.firstMatch(of: /"formToken":"([0-9A-F]+)"/).map { String($0.1) })
        return (cookie, token)
    }

    private static func sendIn(
        _ text: String, _ session: (cookie: String, token: String), _ port: UInt16, key: String?,
        kind: String = "persons", more: [String: String] = [:]
    ) async throws -> WireAnswer {
        func part(_ disposition: String, _ content: String) -> String {
            "--XX\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n\(content)\r\n"
        }
        let body =
            part("name=\"kind\"", kind) + part("name=\"layout\"", "national-2.0")
            + part("name=\"proof-identity-document\"", "on")
            + more.map { part("name=\"\($0)\"", $1) }.joined()
            + part("name=\"file\"; filename=\"list.csv\"", text) + "--XX--\r\n"
        var headers = [
            "Cookie": session.cookie, "X-Form-Token": session.token,
            "Content-Type": "multipart/form-data; boundary=XX",
        ]
        headers["Idempotency-Key"] = key
        return try await ask(port, "POST", "/api/intake", headers: headers, body: body)
    }

    private static func told(_ answer: WireAnswer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    }

    /// The state that an intake comes to rest in; each question waits for the one before.
    private static func rest(
        _ name: String, _ session: (cookie: String, token: String), _ port: UInt16
    ) async throws -> [String: Any] {
        var found: [String: Any] = [:]
        for _ in 0..<2000 {
            found = try told(
                try await ask(port, "GET", "/api/intake/\(name)", headers: ["Cookie": session.cookie]))
            if !["judging", "taking"].contains(found["state"] as? String ?? "") { break }
        }
        return found
    }

    private static func confirm(
        _ name: String, _ session: (cookie: String, token: String), _ port: UInt16, key: String
    ) async throws -> WireAnswer {
        try await ask(
            port, "POST", "/api/intake/\(name)/confirm",
            headers: [
                "Cookie": session.cookie, "X-Form-Token": session.token, "Content-Type": "application/json",
                "Idempotency-Key": key,
            ], body: "{}")
    }

    @Test func aFileIsJudgedThenTakenInWhenItIsConfirmedAndEachStepOnce() async throws {
        try await Window().open { port in
            let session = try await Self.session(port)
            let key = "a-list-of-an-employer"
            let sent = try await Self.sendIn(Self.head + Self.person, session, port, key: key)
            #expect(sent.status == 202)
            let name = try #require(try Self.told(sent)["intake"] as? String)
            let again = try await Self.sendIn(Self.head + Self.person, session, port, key: key)
            #expect(try Self.told(again)["intake"] as? String == name, "a repeated sending is the same intake")
            let other = try await Self.sendIn(Self.head, session, port, key: key)
            #expect(other.status == 409 || other.status == 422, "the same key for another file: \(other.status)")
            let judged = try await Self.rest(name, session, port)
            #expect(judged["state"] as? String == "judged")
            #expect((judged["counts"] as? [String: Int])?["new"] == 1)
            let home = try await ask(port, "GET", "/api/home", headers: ["Cookie": session.cookie]).body
            #expect(home.contains("\"head\":0"), "nothing is changed before it is confirmed: \(home)")
            for _ in 0..<2 {
                let confirmed = try await Self.confirm(name, session, port, key: "the-list-is-confirmed")
                #expect(confirmed.status == 202)
            }
            let taken = try await Self.rest(name, session, port)
            #expect(taken["state"] as? String == "taken")
            #expect((taken["counts"] as? [String: Int])?["rows"] == 1)
            let after = try await ask(port, "GET", "/api/home", headers: ["Cookie": session.cookie]).body
            #expect(after.contains("\"head\":1"), "one registration: \(after)")
        }
    }

    @Test func whatIsWrongIsToldByLineAndNobodyElseSeesIt() async throws {
        try await Window().open { port in
            let session = try await Self.session(port)
            let wrong = Self.person.replacing(",1,01", with: ",2,01")
            let sent = try await Self.sendIn(Self.head + wrong, session, port, key: "a-list-with-a-fault")
            let name = try #require(try Self.told(sent)["intake"] as? String)
            let refused = try await Self.rest(name, session, port)
            #expect(refused["state"] as? String == "refused")
            let faults = try #require(refused["faults"] as? [[String: Any]])
            #expect(faults.map { $0["code"] as? String } == ["applicant.sex-differs"])
            #expect(faults.map { $0["line"] as? Int } == [2])
            let confirmed = try await Self.confirm(name, session, port, key: "confirmed-all-the-same")
            #expect(confirmed.body.contains("intake.not-judged"))
            let supervisor = try await Self.session(port, as: 2001)
            let other = try await ask(port, "GET", "/api/intake/\(name)", headers: ["Cookie": supervisor.cookie])
            #expect(other.body.contains("intake.unknown"))
        }
    }

    @Test func theRulesOfThePageHoldForPrograms() async throws {
        try await Window().open { port in
            let session = try await Self.session(port)
            let text = Self.head + Self.person
            let keyless = try await Self.sendIn(text, session, port, key: nil)
            #expect(keyless.body.contains("counter.no-key"))
            let tokenless = try await Self.sendIn(text, (session.cookie, ""), port, key: "without-a-form-token")
            #expect(tokenless.body.contains("counter.form-token"))
            let stranger = try await Self.sendIn(text, ("", session.token), port, key: "without-any-session")
            #expect(stranger.body.contains("counter.session"))
            let teller = try await Self.sendIn(
                text, session, port, key: "a-teller-sends-a-return", kind: "factory-return")
            #expect(teller.body.contains("counter.no-role"))
            let plain = try await ask(
                port, "POST", "/api/intake",
                headers: [
                    "Cookie": session.cookie, "X-Form-Token": session.token, "Content-Type": "application/json",
                    "Idempotency-Key": "a-file-in-no-parts",
                ], body: "{}")
            #expect(plain.body.contains("counter.media-type"))
        }
    }

    /// A wrong password of the second person counts against the machine where it was typed, whatever the number.
    @Test func aSecondPersonIsGuessedNoFasterHere() async throws {
        try await Window().open { port in
            let session = try await Self.session(port)
            var codes: [Bool] = []
            for number in 0..<60 where codes.last != true {
                let more = ["second-number": String(7000 + number), "second-password": "guessed \(number)"]
                let answer = try await Self.sendIn(
                    Self.head + Self.person, session, port, key: "a-guess-of-number-\(number)", more: more)
                codes.append(answer.body.contains("counter.login-wait"))
            }
            #expect(codes.last == true, "after \(codes.count) wrong ones nobody has to wait")
        }
    }
}
