import Foundation
import Synchronization
import Testing

@testable import CounterService

/// The service as it listens, spoken to over a socket.
@Suite struct ServiceTests {
    @Test func aSessionEndsAfterIdlingByTheClockThatWasPassedIn() async throws {
        let window = Window()
        try await window.open { port in
            let cookie = try await logIn(port)
            #expect(cookie.hasPrefix("sscard-session="))
            window.passMinutes(9)
            let page = try await ask(port, "GET", "/", headers: ["Cookie": cookie])
            #expect(page.status == 200)
            // The request before counted: nine more minutes are not ten of idling.
            window.passMinutes(9)
            let later = try await ask(port, "GET", "/", headers: ["Cookie": cookie])
            #expect(later.status == 200)
            window.passMinutes(10)
            let answer = try await ask(port, "GET", "/", headers: ["Cookie": cookie])
            #expect(answer.status == 303)
            #expect(answer.header("Location") == "/login")
            let home = try await ask(port, "GET", "/api/home", headers: ["Cookie": cookie])
            #expect(home.status == 401)
        }
    }

    @Test func afterWrongPasswordsANumberWaitsByTheClockThatWasPassedIn() async throws {
        let window = Window()
        try await window.open { port in
            for _ in 0..<5 {
                let refused = try await logIn(port, password: "wrong")
                #expect(refused.isEmpty)
            }
            let waiting = try await logIn(port)
            #expect(waiting.isEmpty, "the right password does not help while the number waits")
            window.passMinutes(1)
            let session = try await logIn(port)
            #expect(!session.isEmpty)
        }
    }

    @Test func aNewPasswordEndsTheSessionsOfTheOld() async throws {
        let window = Window()
        try await window.open { port in
            let cookie = try await logIn(port)
            try window.setPassword("quite another phrase 52")
            let answer = try await ask(port, "GET", "/", headers: ["Cookie": cookie])
            #expect(answer.header("Location") == "/login")
            let session = try await logIn(port, password: "quite another phrase 52")
            let page = try await ask(port, "GET", "/", headers: ["Cookie": session])
            #expect(page.status == 200)
        }
    }

    @Test(arguments: ["//evil.example", "/%5Cevil.example", "/%09/evil.example", "evil.example", "http://evil.example"])
    func theLanguageLinkLeadsToNoOtherPlace(back: String) async throws {
        let window = Window()
        try await window.open { port in
            let answer = try await ask(port, "GET", "/language/en?back=\(back)")
            #expect(answer.header("Location") == "/")
            let ours = try await ask(port, "GET", "/language/en?back=/stock")
            #expect(ours.header("Location") == "/stock")
        }
    }

    @Test func aLookUpIsAnEventWhetherThePersonIsFoundOrNot() async throws {
        let window = Window()
        try await window.open { port in
            let answer = try await ask(
                port, "POST", "/api/session", headers: ["Content-Type": "application/json"],
                body: "{\"number\": 1001, \"password\": \"\(Window.password)\"}")
            let cookie = answer.header("Set-Cookie")?.split(separator: ";").first.map(String.init) ?? ""
            let token = answer.body.split(separator: "\"").dropFirst(3).first.map(String.init) ?? ""
            let headers = ["Cookie": cookie, "X-Form-Token": token, "Content-Type": "application/json"]
            let looked = try await ask(
                port, "POST", "/api/people/look-up", headers: headers,
                body: "{\"number\": \"HKG12345678\", \"purpose\": \"inquiry\"}")
            #expect(looked.status == 422)
            #expect(looked.body.contains("counter.no-such-person"))
            #expect(!looked.body.contains("HKG12345678"))
            let home = try await ask(port, "GET", "/api/home", headers: ["Cookie": cookie])
            #expect(home.body.contains("\"head\":1"))
        }
    }

    @Test func oneStreamTellsReadersAndQueue() async throws {
        let window = Window()
        try await window.open { port in
            let cookie = try await logIn(port)
            let told = try await ask(port, "GET", "/live", headers: ["Cookie": cookie]) {
                $0.contains("event: readers\ndata: {") && $0.contains("event: queue\ndata: {")
            }
            #expect(told.status == 200)
            #expect(told.header("Content-Type") == "text/event-stream")
            let stranger = try await ask(port, "GET", "/live")
            #expect(stranger.header("Location") == "/login")
        }
    }

    @Test func aStreamHoldsNobodyUpAndEndsWithTheService() async throws {
        let window = Window()
        let streams = Streams()
        try await window.open { port in
            let cookie = try await logIn(port)
            streams.all.withLock {
                $0.append(Task { try await ask(port, "GET", "/live", headers: ["Cookie": cookie]) })
            }
            let health = try await ask(port, "GET", "/health")
            #expect(health.status == 200)
        }
        // The answer is read to its end, which only the service's own end brings.
        for stream in streams.all.withLock({ $0 }) { _ = try? await stream.value }
    }

    private final class Streams: Sendable {
        let all = Mutex<[Task<WireAnswer, any Error>]>([])
    }
}
