import CardCryptography
import Foundation
import Testing

@testable import CounterService

/// A password that only its operator knows, set at the window.
@Suite struct OwnPasswordTests {
    private static let own = "my very own phrase 38"

    private func change(
        _ port: UInt16, _ cookie: String, from old: String = Window.password, to new: String = own,
        again: String? = nil
    ) async throws -> WireAnswer {
        let page = try await ask(port, "GET", "/password", headers: ["Cookie": cookie]).body
        let token = page.firstMatch(of: /name="form-token" value="([0-9A-F]+)"/).map { String($0.1) } ?? ""
        return try await send(
            "/password",
            ["form-token": token, "old-password": old, "new-password": new, "new-password-again": again ?? new], cookie,
            port)
    }

    @Test func aGivenPasswordOpensThePageWhereItIsChangedAndNothingElse() async throws {
        try await Window(demandsOwnPasswords: true).open { port in
            let cookie = try await logIn(port)
            for path in ["/", "/stock", "/queue", "/live"] {
                let answer = try await ask(port, "GET", path, headers: ["Cookie": cookie])
                #expect(answer.header("Location") == "/password", "\(path)")
            }
            let home = try await ask(port, "GET", "/api/home", headers: ["Cookie": cookie])
            #expect(home.status == 403)
            #expect(home.body.contains("operator.password-given"))
            let page = try await ask(port, "GET", "/password", headers: ["Cookie": cookie]).body
            let token = page.firstMatch(of: /name="form-token" value="([0-9A-F]+)"/).map { String($0.1) } ?? ""
            let taken = try await send("/queue/take", ["form-token": token, "errand": "loss"], cookie, port)
            #expect(taken.body.contains("operator.password-given"))
            let changed = try await change(port, cookie)
            #expect(changed.status == 303)
            let next = changed.header("Set-Cookie")?.split(separator: ";").first.map(String.init) ?? ""
            let first = try await ask(port, "GET", "/", headers: ["Cookie": next])
            #expect(first.status == 200)
            let old = try await ask(port, "GET", "/", headers: ["Cookie": cookie])
            #expect(old.header("Location") == "/login", "the session of before has ended")
            let again = try await logIn(port)
            #expect(again.isEmpty, "the given password is no more")
            let session = try await logIn(port, password: Self.own)
            let queue = try await ask(port, "GET", "/queue", headers: ["Cookie": session])
            #expect(queue.status == 200, "it is the operator's own now")
        }
    }

    @Test func nobodySignsForAnotherWithAGivenPassword() async throws {
        try await Window(demandsOwnPasswords: true).open { port in
            let cookie = try await logIn(port)
            let changed = try await change(port, cookie)
            let own = changed.header("Set-Cookie")?.split(separator: ";").first.map(String.init) ?? ""
            let page = try await ask(port, "GET", "/", headers: ["Cookie": own]).body
            let token = page.firstMatch(of: /name="form-token" value="([0-9A-F]+)"/).map { String($0.1) } ?? ""
            let answer = try await ask(
                port, "POST", "/api/stock/hand-over",
                headers: ["Cookie": own, "X-Form-Token": token, "Content-Type": "application/json"],
                body: """
                    {"kind": "blank", "serials": "0011223344556677", "key": "a-key-of-this-test", \
                    "second-number": 2001, "second-password": "\(Window.password)"}
                    """)
            #expect(answer.body.contains("counter.second-password-given"), "\(answer.body)")
        }
    }

    @Test func aNewPasswordWantsTheOldOneIsTypedTwiceAndKeepsTheRules() async throws {
        try await Window().open { port in
            let cookie = try await logIn(port)
            let wrong = try await change(port, cookie, from: "not the password")
            #expect(wrong.body.contains("counter.login-wrong"))
            let differing = try await change(port, cookie, again: "my very own phrase 39")
            #expect(differing.body.contains("operator.entries-differ"))
            let same = try await change(port, cookie, to: Window.password)
            #expect(same.body.contains("operator.password-same"))
            let short = try await change(port, cookie, to: "short")
            #expect(short.body.contains("operator.password-length"))
            for answer in [wrong, differing, same, short] {
                #expect(!answer.body.contains(Window.password) && !answer.body.contains(Self.own))
            }
            let session = try await logIn(port)
            #expect(!session.isEmpty, "the present one still holds")
        }
    }

    /// Whoever guesses at the old password waits as at the log-in.
    @Test func guessingAtTheOldPasswordMeansAWait() async throws {
        try await Window().open { port in
            let cookie = try await logIn(port)
            for _ in 0..<5 { _ = try await change(port, cookie, from: "not the password") }
            let answer = try await change(port, cookie)
            #expect(answer.body.contains("counter.login-wait"))
        }
    }

    @Test func theRegisterKnowsWhoseAPasswordIs() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "own-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let register = OperatorRegister(dataFolder: folder, cost: KeyDerivation.ScryptCost(cost: 2))
        let person = Operator(number: 1001, name: "张一", roles: [.teller])
        try register.add(person, password: SecretBytes(copying: Array(Window.password.utf8)))
        #expect(try register.operation(1001)?.isPasswordGiven == true)
        try register.setPassword(of: 1001, SecretBytes(copying: Array(Self.own.utf8)), by: 1001)
        #expect(try register.operation(1001)?.isPasswordGiven == false)
        try register.setPassword(of: 1001, SecretBytes(copying: Array(Window.password.utf8)))
        #expect(try register.operation(1001)?.isPasswordGiven == true, "the machine's user knows this one")
    }
}
