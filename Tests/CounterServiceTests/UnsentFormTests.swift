import CardData
import Synchronization
import Testing

@testable import CounterService

/// A session that runs out does not lose its form: what was typed comes back to its officer at the same browser, and to nobody else.
@Suite struct UnsentFormTests {
    private static let page = "/people/new"
    private static let typed = [
        "name": "王小明", "birthPlace": "990165", "second-password": "gone-with-it", "proof-identity-document": "on",
    ]

    /// A form that comes after its session's end, and where it leads.
    private static func late(
        _ window: Window, _ port: UInt16, token wrong: String? = nil, to path: String = page
    ) async throws -> (cookie: String, place: String) {
        let (cookie, token) = try await formSession(port)
        window.passMinutes(11)
        let fields = typed.merging(["form-token": wrong ?? token, "key": "a-form-that-comes-late"]) { $1 }
        return (cookie, try await send(path, fields, cookie, port).header("Location") ?? "")
    }

    /// Logs in at a browser that has this cookie; gives the new one.
    private static func logInAgain(_ cookie: String, _ port: UInt16, as number: UInt64 = 1001) async throws -> String {
        let answer = try await send(
            "/login", ["number": String(number), "password": Window.password, "to": page], cookie, port)
        #expect(answer.header("Location") == page)
        return answer.header("Set-Cookie")?.split(separator: ";").first.map(String.init) ?? ""
    }

    private static func shown(_ cookie: String, _ port: UInt16) async throws -> String {
        try await ask(port, "GET", page, headers: ["Cookie": cookie]).body
    }

    /// Whether the page shows what was typed.
    private static func isBack(_ cookie: String, _ port: UInt16) async throws -> Bool {
        try await shown(cookie, port).contains("王小明")
    }

    @Test func whatWasTypedComesBackUntilItIsSent() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, place) = try await Self.late(window, port)
            #expect(place == "/login?ended=1&kept=1&to=/people/new")
            let told = try await ask(port, "GET", place, headers: ["Cookie": cookie]).body
            #expect(told.contains("15 分钟内重新登录"))
            let again = try await Self.logInAgain(cookie, port)
            for _ in 0..<2 {
                let page = try await Self.shown(again, port)
                #expect(page.contains("value=\"王小明\"") && page.contains("没有办理，也没有登记任何内容"))
                #expect(!page.contains("gone-with-it"))
            }
            let stock = try await ask(port, "GET", "/stock/receive", headers: ["Cookie": again]).body
            #expect(!stock.contains("没有办理"), "at another page")
            let isLeft = try await Self.isBack(again, port)
            #expect(!isLeft, "left for another page, and still there")
            let (second, _) = try await Self.late(window, port)
            let third = try await Self.logInAgain(second, port)
            let live = try await ask(port, "GET", Self.page + "?again=1", headers: ["Cookie": third]).body
            #expect(!live.isEmpty)
            let form = try await Self.shown(third, port)
            #expect(form.contains("value=\"a-form-that-comes-late\""), "the key that it had")
            #expect(!form.contains("checked"), "what was seen is seen again")
            let token = form.firstMatch(of: /name="form-token" value="([0-9A-F]+)"/)
            let fields = ["form-token": token.map { String($0.1) } ?? "", "key": "a-form-sent-again", "name": "x"]
            let refused = try await send(Self.page, fields, third, port)
            #expect(refused.status == 422)
            let isStillThere = try await Self.isBack(third, port)
            #expect(!isStillThere, "sent, and still there")
        }
        #expect(window.logged.contains("form kept until its officer logs in again route=/people/new"))
    }

    @Test func itComesBackToItsOwnOfficerAlone() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, _) = try await Self.late(window, port)
            let other = try await Self.logInAgain(cookie, port, as: 2001)
            let isOthers = try await Self.isBack(other, port)
            #expect(!isOthers)
            let own = try await Self.logInAgain(cookie, port)
            let isOwn = try await Self.isBack(own, port)
            #expect(!isOwn, "somebody else has been there since")
        }
    }

    @Test func itComesBackAtItsOwnBrowserAlone() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, _) = try await Self.late(window, port)
            let elsewhere = try await Self.logInAgain("", port)
            let isElsewhere = try await Self.isBack(elsewhere, port)
            #expect(!isElsewhere)
            let here = try await Self.logInAgain(cookie, port)
            let isHere = try await Self.isBack(here, port)
            #expect(isHere)
        }
    }

    @Test func itIsForgottenAfterMinutes() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, _) = try await Self.late(window, port)
            let late = try await Self.logInAgain(cookie, port)
            window.passMinutes(8)
            let isInTime = try await Self.isBack(late, port)
            #expect(isInTime)
            window.passMinutes(8)
            let isLate = try await Self.isBack(late, port)
            #expect(!isLate)
            let (second, _) = try await Self.late(window, port)
            window.passMinutes(15)
            let later = try await Self.logInAgain(second, port)
            let isLater = try await Self.isBack(later, port)
            #expect(!isLater)
        }
    }

    @Test func aFormWithoutItsSessionsTokenIsNotKept() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, place) = try await Self.late(window, port, token: "00")
            #expect(place == "/login?ended=1")
            let again = try await Self.logInAgain(cookie, port)
            let isBack = try await Self.isBack(again, port)
            #expect(!isBack)
        }
    }

    @Test func whoLoggedOutLeavesNothing() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, token) = try await formSession(port)
            _ = try await send("/logout", ["form-token": token], cookie, port)
            let answer = try await send(Self.page, Self.typed.merging(["form-token": token]) { $1 }, cookie, port)
            #expect(answer.header("Location") == "/login?ended=1")
        }
    }

    @Test(arguments: [
        "/search", "/chip", "/password", "/approvals/batch", "/intake", "/issues/1", "/stock/receive",
    ])
    func otherFormsAreFilledInAgain(path: String) async throws {
        let window = Window()
        try await window.open { port in
            let place = try await Self.late(window, port, to: path).place
            #expect(place.hasPrefix("/login?ended=1") && !place.contains("kept"))
        }
    }

    @Test func aFormWithAFileIsNotRead() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, token) = try await formSession(port)
            window.passMinutes(11)
            let body = "--b\r\nContent-Disposition: form-data; name=\"form-token\"\r\n\r\n\(token)\r\n--b--\r\n"
            let answer = try await ask(
                port, "POST", Self.page,
                headers: ["Cookie": cookie, "Content-Type": "multipart/form-data; boundary=b"], body: body)
            #expect(answer.header("Location") == "/login?ended=1")
        }
    }

    @Test func secretsAndMarksAreNotWhatSomebodyTyped() {
        let fields = Fields(values: [
            "name": "n", "password": "p", "second-password": "p", "second-number": "2001", "old-pin": "1",
            "new-pin": "1", "new-pin-again": "1", "form-token": "t", "key": "k", "seen": "7",
            "differs": "name", "assigned": "on", "proof-signature": "on", "restriction-7-12": "on", "ticket": "A001",
        ])
        #expect(fields.typed == ["name": "n"])
    }

    @Test func theOldestGiveWay() throws {
        let clock = TestClock()
        let table = SessionTable(idleMinutes: 1) { clock.milliseconds.withLock { $0 } }
        let person = Operator(number: 1001, name: "张一", roles: [.teller])
        let sessions = try (0...EndedSessions.mostForms).map { _ in try table.open(for: person) }
        clock.milliseconds.withLock { $0 += 60_000 }
        _ = table.touch("nobody's")
        for session in sessions {
            clock.milliseconds.withLock { $0 += 1 }
            #expect(table.keep(["name": "n"], key: "k", at: "/x", token: session.formToken, of: session.identifier))
        }
        #expect(!table.hasEnded(sessions[0].identifier))
        #expect(sessions.dropFirst().allSatisfy { table.hasEnded($0.identifier) })
    }

    private final class TestClock: Sendable {
        let milliseconds = Mutex<UInt64>(0)
    }
}
