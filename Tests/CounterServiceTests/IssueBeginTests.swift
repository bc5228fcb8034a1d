import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What stands against an issue is asked when it is begun, also where it was asked for and waited; and where its button leads.
@Suite struct IssueBeginTests {
    private static let number = CrossedWindowsTests.number
    private static let everything = Proofs(Proofs.named.map(\.proof))
    private static let teller = Handling(
        by: Officer(number: 1001, role: .teller), second: Officer(number: 2009, role: .supervisor), proofs: everything)

    /// An adult's card, with its holder; and somebody who makes cards.
    private static func prepare(_ window: Window, _ registry: Registry) throws -> PersonReference {
        try window.add(1003, "钱五", .teller, .personalizer)
        let personalizer = Handling(by: Officer(number: 1002, role: .personalizer))
        let citizen = try CitizenNumber("990101199003070015")
        let person = try registry.register(
            Person(
                number: .citizen(citizen), name: try PersonName("李四"), sex: citizen.sex,
                ethnicGroup: try EthnicGroup("01"), birthDate: citizen.birthDate, birthPlace: "990101"),
            handledBy: teller)
        let card = CardReference(
            try IdentificationCode(
                areaCode: "990100", serial: [0, 0, 0, 1], authenticationCode: [0x11, 0x22, 0x33, 0x44]))
        let facts = CardFacts(
            number: try CardNumber(number), person: person, layout: "national-3.0", profile: "fmcos",
            area: "990101", issued: try CardDate("20251009"), expires: try CardDate("20351008"), blankSerial: [1])
        try registry.record(.personalized(facts), on: card, handledBy: personalizer)
        try registry.record(.handedOver, on: card, handledBy: teller)
        try registry.record(.enabled, on: card, handledBy: teller)
        return person
    }

    /// Asks for a renewal that waits.
    private static func ask(
        _ reason: String, _ session: (cookie: String, token: String), _ port: UInt16
    ) async throws -> WireAnswer {
        try await send(
            "/cards/\(number)/replace",
            [
                "form-token": session.token, "key": "a-renewal-that-waits-1", "replacement": reason,
                "layout": "national-2.0", "wait": "on", "proof-identity-document": "on", "proof-old-card-taken": "on",
                "proof-paper": "on",
            ], session.cookie, port)
    }

    @Test func nobodyWaitsForTheComingOfAgeOfAnAdult() async throws {
        let window = Window()
        try await window.open(site: "two-person: [renew]", withKeys: true) { registry in
            _ = try Self.prepare(window, registry)
        } _: { port in
            let maker = try await formSession(port, as: 1003)
            #expect(try await Self.ask("cameOfAge", maker, port).body.contains("counter.not-come-of-age"))
            let damaged = try await Self.ask("damaged", maker, port)
            #expect(damaged.header("Location")?.hasPrefix("/approvals/") == true)
        }
    }

    /// The renewal was applied for meanwhile, and nobody has approved it.
    @Test func whatStandsAgainstTheIssueIsAskedWhenItIsConfirmed() async throws {
        let window = Window()
        try await window.open(site: "two-person: [renew]", withKeys: true) { registry in
            let person = try Self.prepare(window, registry)
            let facts = ApplicationFacts(person: person, kind: .renewal, way: .instant, channel: .counter)
            try registry.record(.submitted(facts), handledBy: Self.teller)
        } _: { port in
            let maker = try await formSession(port, as: 1003)
            let path = try #require(try await Self.ask("damaged", maker, port).header("Location"))
            let supervisor = try await formSession(port, as: 2001)
            let wish = ["form-token": supervisor.token, "key": "the-renewal-is-confirmed", "decision": "confirm"]
            let confirmed = try await send(path, wish, supervisor.cookie, port)
            #expect(confirmed.body.contains("issue.application-stands"))
            let issues = try await CounterServiceTests.ask(
                port, "GET", "/api/issues", headers: ["Cookie": maker.cookie])
            #expect(issues.body.contains("\"issues\":[]"), "nothing was begun")
        }
    }

    /// An approved application leads to the making of its card, and one whose card is ready to the hand-over.
    @Test func anApplicationLeadsOn() async throws {
        let window = Window()
        let names = Mutex<[String]>([])
        try await window.open(withKeys: true) { registry in
            try window.add(1003, "钱五", .teller, .personalizer)
            let person = try Newcomer.register(in: registry)
            let facts = ApplicationFacts(person: person, kind: .first, way: .instant, channel: .counter)
            let name = try registry.record(.submitted(facts), handledBy: Self.teller).identifier
            let supervisor = Handling(by: Officer(number: 2009, role: .supervisor))
            try registry.record(.application(name, .approved), handledBy: supervisor)
            names.withLock { $0.append(name.word) }
        } _: { port in
            let maker = try await formSession(port, as: 1003)
            let path = "/applications/\(names.withLock { $0[0] })"
            func page() async throws -> String {
                try await CounterServiceTests.ask(port, "GET", path, headers: ["Cookie": maker.cookie]).body
            }
            #expect(try await page().contains("action=\"\(path)/applicant\""))
            let looked = try await send(
                path + "/applicant", ["form-token": maker.token, "key": "who-has-applied-for-it"], maker.cookie, port)
            #expect(looked.header("Location") == path)
            #expect(try await page().contains(/action="\/people\/[0-9A-F]+\/issue"/))
        }
    }

    @Test func aReadyCardIsHandedOverFromItsApplication() async throws {
        let window = Window()
        let name = Mutex("")
        try await window.open { registry in
            let person = try Newcomer.register(in: registry)
            let facts = ApplicationFacts(person: person, kind: .first, way: .factory, channel: .counter)
            let application = try registry.record(.submitted(facts), handledBy: Self.teller).identifier
            name.withLock { $0 = application.word }
            let supervisor = Handling(by: Officer(number: 2009, role: .supervisor))
            try registry.record(.application(application, .approved), handledBy: supervisor)
            // A factory's card of the same person answers it.
            try CrossedWindowsTests.makeCard(registry)
            #expect(try registry.application(application)?.state == .ready)
        } _: { port in
            let cookie = try await logIn(port)
            let path = "/applications/\(name.withLock { $0 })"
            let page = try await CounterServiceTests.ask(port, "GET", path, headers: ["Cookie": cookie]).body
            #expect(page.contains("href=\"/cards/\(Self.number)/hand-over\""))
        }
    }

    /// Where the button is missing it is said why.
    @Test func whyNoCardCanBeMadeIsTold() async throws {
        for (hasKeys, number, words) in [
            (false, 1003, "本服务没有配置密钥"), (true, 1001, "由有制卡岗位的人办理"),
        ] as [(Bool, UInt64, String)] {
            let window = Window()
            try await window.open(withKeys: hasKeys) { registry in
                try window.add(1003, "钱五", .teller, .personalizer)
                _ = try Newcomer.register(in: registry)
            } _: { port in
                let session = try await formSession(port, as: number)
                let found = try await send(
                    "/search",
                    ["form-token": session.token, "query": "990165200802116857", "purpose": "issuing"],
                    session.cookie, port)
                let path = try #require(found.header("Location"))
                let page = try await CounterServiceTests.ask(port, "GET", path, headers: ["Cookie": session.cookie])
                #expect(page.body.contains(words))
            }
        }
    }
}
