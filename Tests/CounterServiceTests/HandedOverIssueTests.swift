import CardData
import Foundation
import Lifecycle
import Personalization
import Registry
import Testing

@testable import CounterService
@testable import Issuing

/// An issue that has done its hand-over stands in the way of nothing that becomes of the card at the window afterwards.
@Suite struct HandedOverIssueTests {
    private static let card = "/cards/\(CrossedWindowsTests.number)"
    private static let issue = "0123456789ABCDEF"
    private static let everything = Proofs(Proofs.named.map(\.proof))

    private static func handling(_ role: Role) -> Handling {
        Handling(
            by: Officer(number: 1002, role: role), second: Officer(number: 2009, role: .supervisor), proofs: everything)
    }

    /// A card whose issue is open and has come as far as a step, as its file says.
    private static func make(_ step: IssueStep, _ window: Window, _ registry: Registry) throws -> CardReference {
        try CrossedWindowsTests.makeCard(registry)
        let card = try #require(try registry.card(number: CardNumber(CrossedWindowsTests.number))).reference
        let folder = window.folder + "/issue"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var progress = IssueProgress(identifier: issue, layoutName: "national-3.0", officer: 1002, begunAt: 1)
        (progress.done, progress.card) = (step, card)
        try IssueFile(folder: folder).write(progress)
        return card
    }

    private static func offers(_ act: String, _ cookie: String, _ port: UInt16) async throws -> [Bool] {
        let page = try await ask(port, "GET", card, headers: ["Cookie": cookie]).body
        let told = try await ask(port, "GET", "/api" + card, headers: ["Cookie": cookie]).body
        let form = try await ask(port, "GET", "\(card)/\(act)", headers: ["Cookie": cookie]).body
        return [
            page.contains("href=\"\(card)/\(act)\""), told.contains("\"\(act)\""), !form.contains("issue.card-open"),
        ]
    }

    private static func perform(
        _ act: String, _ session: (cookie: String, token: String), _ port: UInt16
    ) async throws -> WireAnswer {
        let wish = [
            "form-token": session.token, "key": "an-act-beside-the-issue", "proof-identity-document": "on",
            "proof-signature": "on",
        ]
        return try await send("\(card)/\(act)", wish, session.cookie, port)
    }

    /// An error of the hand-over was undone: the card lies at the window, and its holder comes again.
    @Test func aCardWhoseHandOverWasUndoneIsHandedOverAtTheWindow() async throws {
        let window = Window()
        try await window.open { registry in
            let card = try Self.make(.handOver, window, registry)
            let handed = try registry.record(.handedOver, on: card, handledBy: Self.handling(.teller)).identifier
            try registry.record(
                .corrected(Correction(of: handed, kind: .handedOver, reason: .wrongCard)), on: card,
                handledBy: Self.handling(.supervisor))
        } _: { port in
            let session = try await formSession(port)
            #expect(try await Self.offers("hand-over", session.cookie, port) == [true, true, true])
            let answer = try await Self.perform("hand-over", session, port).body
            #expect(answer.contains("reader.") && !answer.contains("issue.card-open"), "all that it lacks is the card")
        }
    }

    /// The holder lost it on the way home, before it was enabled, and it was found.
    @Test func aCardThatWasFoundIsGivenBackBesideItsOpenIssue() async throws {
        let window = Window()
        try await window.open { registry in
            let card = try Self.make(.handOver, window, registry)
            try registry.record(.handedOver, on: card, handledBy: Self.handling(.teller))
            try registry.record(.recovered(.found), on: card, handledBy: Self.handling(.teller))
        } _: { port in
            let session = try await formSession(port)
            #expect(try await Self.offers("give-back", session.cookie, port) == [true, true, true])
            let answer = try await Self.perform("give-back", session, port).body
            #expect(answer.contains("reader.") && !answer.contains("issue.card-open"), "all that it lacks is the card")
        }
    }

    @Test func aCardThatItsIssueHasNotHandedOverLeavesByThatAlone() async throws {
        let window = Window()
        try await window.open { registry in
            _ = try Self.make(.setPIN, window, registry)
        } _: { port in
            let session = try await formSession(port)
            #expect(try await Self.offers("hand-over", session.cookie, port) == [false, false, false])
            #expect(try await Self.perform("hand-over", session, port).body.contains("issue.card-open"))
        }
    }
}
