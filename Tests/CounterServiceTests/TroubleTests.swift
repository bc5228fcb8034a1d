import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What stands in the way of work is told everywhere, and who tried what that was refused.
@Suite struct TroubleTests {
    /// An act that is recorded meanwhile does not make the clock right.
    @Test func aClockThatWentBackIsToldUntilItHasCaughtUpWithTheLog() async throws {
        let window = Window()
        let prepare: (Registry) throws -> Void = { _ = try Newcomer.register(in: $0) }
        try await window.open(prepare: prepare) { port in
            let cookie = try await logIn(port)
            let before = try await ask(port, "GET", "/health")
            #expect(before.body.contains("\"clock\":\"good\"") && before.body.contains("\"status\":\"up\""))
            window.setWallBack(hours: 3)
            let (own, token) = try await formSession(port)
            let looked = try await send(
                "/search",
                [
                    "form-token": token, "query": "990165200802116857", "purpose": "inquiry",
                    "key": "0123456789ABCDEF",
                ], own, port)
            #expect(looked.status == 303)
            for _ in 0..<2 {
                let health = try await ask(port, "GET", "/health")
                #expect(health.body.contains("\"clock\":\"back\"") && health.body.contains("\"status\":\"degraded\""))
                let home = try await ask(port, "GET", "/", headers: ["Cookie": cookie])
                #expect(home.body.contains("counter.clock-back"))
            }
            let event = try await ask(port, "GET", "/events/2", headers: ["Cookie": cookie])
            #expect(event.body.contains("时间存疑"))
            let first = try await ask(port, "GET", "/events/1", headers: ["Cookie": cookie])
            #expect(first.status == 200 && !first.body.contains("时间存疑"))
            window.passWallHours(4)
            let after = try await ask(port, "GET", "/health")
            #expect(after.body.contains("\"clock\":\"good\""))
        }
    }

    @Test func aServiceWithoutItsKeysOrRoomIsDegraded() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "health-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let numbers = try Registry.open(at: folder, counter: 7, policy: .load()) { 1_790_000_000_000 }.deskNumbers(
            of: 0)
        func told(_ faults: [Fault], hasKeys: Bool = true, isKept: Bool = true) -> [String] {
            let report = HealthReport(
                numbers, troubles: faults, hasKeys: hasKeys, isClockKept: isKept, pages: .good, verification: .none,
                verified: nil)
            return [report.status, report.keys, report.disk, report.clock]
        }
        #expect(told([]) == ["up", "open", "good", "good"])
        #expect(told([], isKept: false) == ["up", "open", "good", "unsynchronised"])
        #expect(told([Fault("counter.clock-back")], isKept: false).last == "back")
        #expect(told([], hasKeys: false) == ["up", "none", "good", "good"])
        #expect(told([Fault("key-log.closed")]) == ["degraded", "closed", "good", "good"])
        #expect(told([Fault("counter.disk-unwritable")]) == ["degraded", "open", "unwritable", "good"])
        let low = try #require(Disk.lowFault(255 << 20))
        #expect(Disk.lowFault(256 << 20) == nil)
        #expect(told([low]) == ["degraded", "open", "low", "good"])
    }

    @Test func aRefusedActStandsInTheServicesLogWithWhoTriedIt() async throws {
        let window = Window()
        let made = Mutex<CardNumber?>(nil)
        let prepare: (Registry) throws -> Void = { registry in
            let number = try Self.makeCard(in: registry)
            made.withLock { $0 = number }
        }
        try await window.open(prepare: prepare) { port in
            let number = try #require(made.withLock { $0 })
            let (cookie, token) = try await formSession(port)
            let refused = try await send(
                "/cards/\(number.text)/hold", ["form-token": token, "key": "0123456789ABCDEF", "reason": "court"],
                cookie, port)
            #expect(refused.status == 409)
            let line = try #require(window.logged.first { $0.hasPrefix("act refused") })
            #expect(line.contains("operator=1001") && line.contains("act=hold"))
            let reference = try Self.card().text
            #expect(line.contains("card=\(reference)"))
            #expect(line.contains("codes=lifecycle.second-person-missing"))
            // What somebody types into an address is nobody's to keep.
            _ = try await send(
                "/cards/990165200802116857/hold",
                ["form-token": token, "key": "0123456789ABCDEF", "second-password": "hunter2-secret"], cookie, port)
            #expect(window.logged.filter { $0.hasPrefix("act refused") }.count == 2)
            #expect(!window.logged.contains { $0.contains("990165200802116857") || $0.contains("hunter2") })
            #expect(!window.logged.contains { $0.contains(number.text) })
        }
    }

    /// A card in use that was found: in the list of those that wait, on its page, and on the first page.
    @Test func aFoundCardIsToldWhereItLiesUntilItIsGivenBack() async throws {
        let window = Window()
        let made = Mutex<CardNumber?>(nil)
        let prepare: (Registry) throws -> Void = { registry in
            let number = try Self.makeCard(in: registry)
            for act in [Act.handedOver, .enabled, .recovered(.found)] {
                try registry.record(act, on: Self.card(), handledBy: Self.everything)
            }
            made.withLock { $0 = number }
        }
        try await window.open(prepare: prepare) { port in
            let number = try #require(made.withLock { $0 })
            let (cookie, _) = try await formSession(port)
            let home = try await ask(port, "GET", "/", headers: ["Cookie": cookie])
            #expect(home.body.contains("/found-cards"))
            let list = try await ask(port, "GET", "/found-cards", headers: ["Cookie": cookie])
            #expect(list.body.contains("/cards/\(number.text)") && list.body.contains("张一"))
            // Whose it is, whoever looks them up is told, and nobody else.
            #expect(!list.body.contains(Self.masked) && list.body.contains("本次登录未查询"))
            let (own, token) = try await formSession(port)
            _ = try await send(
                "/search",
                ["form-token": token, "query": number.text, "purpose": "inquiry", "key": "0123456789ABCDEF"], own, port)
            let seen = try await ask(port, "GET", "/found-cards", headers: ["Cookie": own])
            #expect(seen.body.contains(Self.masked))
            let page = try await ask(port, "GET", "/cards/\(number.text)", headers: ["Cookie": cookie])
            #expect(page.body.contains("此卡在本网点等持卡人领回"))
        }
    }

    /// The holder's number as pages show it.
    private static let masked = "990165**********57"

    private static let everything = Handling(
        by: Officer(number: 1001, role: .teller), proofs: Proofs(Proofs.named.map(\.proof)))

    private static func card() throws -> CardReference {
        CardReference(
            try IdentificationCode(areaCode: "990101", serial: [0, 0, 0, 1], authenticationCode: [1, 2, 3, 4]))
    }

    /// Makes a card for the registered person; gives its number.
    private static func makeCard(in registry: Registry) throws -> CardNumber {
        let maker = Handling(by: Officer(number: 1001, role: .personalizer))
        let person = try Newcomer.register(in: registry)
        let number = try registry.reserveCardNumber(for: "journal-1", handledBy: maker)
        let facts = CardFacts(
            number: number, person: person, layout: "national-2.0", profile: "fmcos-ssse", area: "990101",
            issued: try CardDate("20260901"), expires: try CardDate("20360901"),
            planHash: Array(repeating: 0x5A, count: 32), blankSerial: [1, 2, 3, 4])
        try registry.record(.personalized(facts), on: card(), handledBy: maker)
        return number
    }

    @Test func whomALookUpWasOfIsShownMaskedToThoseWhoSeeReportsAlone() async throws {
        let window = Window()
        let prepare: (Registry) throws -> Void = { registry in
            let person = try Newcomer.register(in: registry)
            _ = try registry.lookUpPerson(person, purpose: .loss, handledBy: Newcomer.teller)
        }
        try await window.open(prepare: prepare) { port in
            let (teller, supervisor) = (try await logIn(port), try await logIn(port, as: 2001))
            for sequence in 1...2 {
                let own = try await ask(port, "GET", "/events/\(sequence)", headers: ["Cookie": teller])
                #expect(own.status == 200 && !own.body.contains("张*"))
                let audited = try await ask(port, "GET", "/events/\(sequence)", headers: ["Cookie": supervisor])
                #expect(audited.body.contains("张*") && !audited.body.contains("张三"))
                #expect(!audited.body.contains("990165200802116857"))
            }
            let event = try await ask(port, "GET", "/events/2", headers: ["Cookie": teller])
            #expect(event.body.contains("挂失"), "the purpose is for every office")
            let report = try await ask(port, "GET", "/api/reports", headers: ["Cookie": supervisor])
            #expect(report.body.contains("\"purpose\":\"loss\"") && report.body.contains("张*"))
            let page = try await ask(port, "GET", "/reports", headers: ["Cookie": supervisor])
            #expect(page.body.contains("张*"))
        }
    }
}
