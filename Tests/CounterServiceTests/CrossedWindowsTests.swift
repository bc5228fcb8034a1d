import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// Windows that act on one card at the same moment.
@Suite struct CrossedWindowsTests {
    static let number = "D00000005"  // the check character of D0000000 is 11 − (13·3 mod 11) = 5

    static func makeCard(_ registry: Registry) throws {
        let personalizer = Handling(by: Officer(number: 1002, role: .personalizer))
        let citizen = try CitizenNumber("990165200802116857")
        let person = try registry.register(
            Person(
                number: .citizen(citizen), name: try PersonName("张三"), sex: citizen.sex,
                ethnicGroup: try EthnicGroup("01"), birthDate: citizen.birthDate, birthPlace: "990165"),
            handledBy: personalizer)
        let card = CardReference(
            try IdentificationCode(
                areaCode: "990100", serial: [0, 0, 0, 1], authenticationCode: [0x11, 0x22, 0x33, 0x44]))
        let facts = CardFacts(
            number: try CardNumber(number), person: person, layout: "national-3.0", profile: "fmcos",
            area: "990101", issued: try CardDate("20251009"), expires: try CardDate("20351008"), blankSerial: [1])
        try registry.record(.personalized(facts), on: card, handledBy: personalizer)
    }

    @Test func ofManyThatSawOneStateAndPressAtOnceOneActs() async throws {
        let window = Window()
        try await window.open(prepare: Self.makeCard) { port in
            let session = try await ask(
                port, "POST", "/api/session", headers: ["Content-Type": "application/json"],
                body: "{\"number\": 1001, \"password\": \"\(Window.password)\"}")
            let cookie = try #require(session.header("Set-Cookie")?.split(separator: ";").first.map(String.init))
            let token = try #require(session.body.firstMatch(of: /"formToken":"([0-9A-F]+)"/).map { String($0.1) })
            let place = "/api/cards/\(Self.number)"
            let shown = try await ask(port, "GET", place, headers: ["Cookie": cookie]).body
            let seen = try #require(shown.firstMatch(of: /"seen":(\d+)/).map { String($0.1) })
            let answers = try await withThrowingTaskGroup(of: WireAnswer.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await ask(
                            port, "POST", "\(place)/acts/temporary-loss",
                            headers: [
                                "Cookie": cookie, "X-Form-Token": token, "Content-Type": "application/json",
                                "Idempotency-Key": "the-key-of-window-\(number)",
                            ], body: "{\"reporter\": \"holder\", \"seen\": \(seen)}")
                    }
                }
                var answers: [WireAnswer] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.map(\.status).sorted() == [201] + Array(repeating: 409, count: 7))
            #expect(answers.filter { $0.body.contains("registry.card-changed") }.count == 7)
            let after = try await ask(port, "GET", place, headers: ["Cookie": cookie]).body
            let card = try JSONSerialization.jsonObject(with: Data(after.utf8)) as? [String: Any]
            #expect((card?["restrictions"] as? [Any])?.count == 1)
        }
    }

    /// The answer to the first sending got lost with the service that had done the act.
    @Test func aFormThatIsSentAgainAfterARestartIsNotDoneTwice() async throws {
        let window = Window()
        let answers = Mutex<[WireAnswer]>([])
        let report: @Sendable (UInt16) async throws -> Void = { port in
            let session = try await ask(
                port, "POST", "/api/session", headers: ["Content-Type": "application/json"],
                body: "{\"number\": 1001, \"password\": \"\(Window.password)\"}")
            let cookie = try #require(session.header("Set-Cookie")?.split(separator: ";").first.map(String.init))
            let token = try #require(session.body.firstMatch(of: /"formToken":"([0-9A-F]+)"/).map { String($0.1) })
            let answer = try await ask(
                port, "POST", "/api/cards/\(Self.number)/acts/temporary-loss",
                headers: [
                    "Cookie": cookie, "X-Form-Token": token, "Content-Type": "application/json",
                    "Idempotency-Key": "sent-before-and-after",
                ], body: "{\"reporter\": \"holder\"}")
            answers.withLock { $0.append(answer) }
            let card = try await ask(port, "GET", "/api/cards/\(Self.number)", headers: ["Cookie": cookie]).body
            let told = try JSONSerialization.jsonObject(with: Data(card.utf8)) as? [String: Any]
            #expect((told?["restrictions"] as? [Any])?.count == 1)
        }
        try await window.open(prepare: Self.makeCard, report)
        try await window.open(report)
        let told = answers.withLock { $0 }
        #expect(told.map(\.status) == [201, 201])
        #expect(told[0].body == told[1].body)
    }
}
