import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// Where the way to a new card leads, and what is said to stand against it.
@Suite struct ReplacementLeadTests {
    private static let card = "/cards/\(CrossedWindowsTests.number)"
    private static let teller = Handling(
        by: Officer(number: 1001, role: .teller), second: Officer(number: 2009, role: .supervisor),
        proofs: Proofs(Proofs.named.map(\.proof)))
    private static let wanted = "遗失补领须先办正式挂失"

    private static func lost(_ registry: Registry) throws -> CardReference {
        try CrossedWindowsTests.makeCard(registry)
        let card = try #require(try registry.card(number: CardNumber(CrossedWindowsTests.number))).reference
        try registry.record(.handedOver, on: card, handledBy: teller)
        try registry.record(
            .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card, handledBy: teller)
        return card
    }

    private static func page(_ path: String, _ port: UInt16) async throws -> String {
        try await ask(port, "GET", path, headers: ["Cookie": try await logIn(port)]).body
    }

    /// A loss for good helps nobody whose card is stopped as well.
    @Test func aLossForGoodIsAskedForWhereNothingElseStandsAgainstIt() async throws {
        try await Window().open(withKeys: true) { registry in
            _ = try Self.lost(registry)
        } _: { port in
            let page = try await Self.page(Self.card, port)
            #expect(page.contains(Self.wanted))
        }
        try await Window().open(withKeys: true) { registry in
            try registry.record(.held(.court), on: try Self.lost(registry), handledBy: Self.teller)
        } _: { port in
            for path in [Self.card, Self.card + "/replace"] {
                let page = try await Self.page(path, port)
                #expect(!page.contains(Self.wanted), "\(path)")
            }
        }
    }

    /// The old card had ended with one that was spoiled afterwards: what was approved leads to the next.
    @Test func whatWasApprovedLeadsToACardWhereThereIsNoOldOne() async throws {
        let window = Window()
        let name = Mutex("")
        let holder = Mutex("")
        try await window.open(withKeys: true) { registry in
            try window.add(1005, "赵五", .teller, .personalizer)
            let person = try Newcomer.register(in: registry)
            let facts = ApplicationFacts(person: person, kind: .replacement, way: .instant, channel: .counter)
            let application = try registry.record(.submitted(facts), handledBy: Self.teller).identifier
            try registry.record(
                .application(application, .approved), handledBy: Handling(by: Officer(number: 2009, role: .supervisor)))
            name.withLock { $0 = application.word }
            holder.withLock { $0 = person.bytes.map { String(format: "%02X", $0) }.joined() }
        } _: { port in
            let session = try await formSession(port, as: 1005)
            let search = ["form-token": session.token, "query": "990165200802116857", "purpose": "replacement"]
            #expect(try await send("/search", search, session.cookie, port).status == 303)
            let page = try await ask(
                port, "GET", "/applications/\(name.withLock { $0 })", headers: ["Cookie": session.cookie]
            ).body
            #expect(page.contains("action=\"/people/\(holder.withLock { $0 })/issue\""))
        }
    }
}
