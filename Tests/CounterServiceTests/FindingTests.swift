import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What is found by what people have before them: a slip, a card's code, the page they came from.
@Suite struct FindingTests {
    @Test func aSlipIsCheckedByItsNameOrItsHashTypedByHand() async throws {
        let window = Window()
        let made = Mutex<[String]>([])
        let prepare: (Registry) throws -> Void = { registry in
            let person = try Newcomer.register(in: registry)
            for _ in 0..<2 { _ = try registry.lookUpPerson(person, purpose: .inquiry, handledBy: Newcomer.teller) }
            let hashes = try registry.log().map { try EventHash(of: $0.bytes).text }
            made.withLock { $0 = hashes }
        }
        try await window.open(prepare: prepare) { port in
            let hashes = made.withLock { $0 }
            #expect(hashes.count == 3)
            let (cookie, token) = try await formSession(port)
            func found(_ query: String) async throws -> (Int, String?) {
                let answer = try await send(
                    "/search", ["form-token": token, "query": query, "purpose": "inquiry"], cookie, port)
                return (answer.status, answer.header("Location"))
            }
            let named = try await found("7/2")
            #expect(named == (303, "/events/2"))
            // In groups of eight, as slips print it; of the newest event too, whose hash no other carries yet.
            for (index, hash) in hashes.enumerated() {
                let groups = stride(from: 0, to: 64, by: 8).map { hash.dropFirst($0).prefix(8) }.joined(separator: " ")
                let printed = try await found(groups)
                #expect(printed == (303, "/events/\(index + 1)"))
            }
            let false1 = try await found(String(repeating: "A", count: 64))
            #expect(false1.0 == 409)
            let elsewhere = try await found("8/2")
            #expect(elsewhere.0 == 422)
            let later = try await found("7/99")
            #expect(later.0 == 409)
            let card = try await send(
                "/search",
                ["form-token": token, "query": "990100D1560000050000000255667788", "purpose": "inquiry"], cookie, port)
            #expect(card.body.contains("counter.no-such-card"), "looked for as a card and not as a person")
        }
    }

    /// A change of the language leads from a form's answer to a page that is there.
    @Test func everyFormStandsOnAPageOfItsOwn() async throws {
        let routes = try await Window().routes()
        func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
        let pages = routes.filter { $0.hasPrefix("GET ") }.map { parts(String($0.dropFirst(4))) }
        let forms = routes.filter { $0.hasPrefix("POST ") && !$0.contains(" /api/") }.map { String($0.dropFirst(5)) }
        #expect(forms.count > 20)
        for form in forms {
            let route = form.replacing("{", with: ":").replacing("}", with: "")
            let place = parts(CounterWeb.place(ofForm: route, at: form))
            let isPage = pages.contains { page in
                page.count == place.count && zip(page, place).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
            }
            #expect(isPage, "\(form) leads to \(place)")
        }
    }

    @Test func textsForTheShellAreNotShownAtTheWindow() throws {
        let shown = PageRenderer.views(
            of: [Fault("card.last-try", ["secret": "PIN"]), Fault("registry.lease-unknown", ["lease": "1/2"])], .english
        )
        for view in shown {
            let next = try #require(view["next"] as? String)
            #expect(!next.contains("--") && !next.contains("sscard"), "\(next)")
        }
        let own = PageRenderer.views(of: [Fault("counter.form-used")], .english).first?["next"] as? String
        #expect(own == MessageCatalogue.standard.text(for: Fault("counter.form-used"), language: .english).next)
    }
}
