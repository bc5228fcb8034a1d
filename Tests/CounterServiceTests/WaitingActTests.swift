import CardCryptography
import CardData
import Foundation
import Lifecycle
import Personalization
import Registry
import Synchronization
import Testing

@testable import CounterService

/// Acts that wait for a second person: durable, expiring, refused when the card has changed, confirmed by another person alone.
@Suite struct WaitingActTests {
    private static let card = "/cards/\(CrossedWindowsTests.number)"

    private final class Kept: Sendable {
        let path = Mutex("")
    }

    // MARK: - Over the wire

    /// Puts a hold down that waits; gives its address.
    private static func putToWait(
        _ port: UInt16, _ teller: (cookie: String, token: String), key: String = "a-hold-that-waits"
    ) async throws -> String {
        let page = try await ask(port, "GET", card + "/hold", headers: ["Cookie": teller.cookie]).body
        let seen = try #require(page.firstMatch(of: /name="seen" value="(\d+)"/).map { String($0.1) })
        let answer = try await send(
            card + "/hold",
            ["form-token": teller.token, "key": key, "seen": seen, "reason": "court", "wait": "on"], teller.cookie, port
        )
        #expect(answer.status == 303)
        return try #require(answer.header("Location"))
    }

    private static func decide(
        _ path: String, _ decision: String, _ session: (cookie: String, token: String), _ port: UInt16,
        key: String = "a-decision-\(UUID().uuidString)", _ more: [String: String] = [:]
    ) async throws -> WireAnswer {
        try await send(
            path, ["form-token": session.token, "key": key, "decision": decision].merging(more) { $1 },
            session.cookie, port)
    }

    private static func restrictions(_ port: UInt16, _ cookie: String) async throws -> Int {
        let answer = try await ask(port, "GET", "/api" + card, headers: ["Cookie": cookie]).body
        let told = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        return try #require((told?["restrictions"] as? [Any])?.count)
    }

    @Test func anActWaitsAcrossARestartAndAnotherPersonConfirmsIt() async throws {
        let window = Window()
        let kept = Kept()
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            let teller = try await formSession(port)
            let path = try await Self.putToWait(port, teller)
            kept.path.withLock { $0 = path }
            #expect(try await Self.restrictions(port, teller.cookie) == 0, "nothing is done yet")
            #expect(try await Self.putToWait(port, teller) == path, "a second click is the same act")
            let own = try await Self.decide(path, "confirm", teller, port)
            #expect(own.body.contains("waiting.own"))
        }
        try await window.open { port in
            let path = kept.path.withLock { $0 }
            let supervisor = try await formSession(port, as: 2001)
            let home = try await ask(port, "GET", "/", headers: ["Cookie": supervisor.cookie]).body
            #expect(home.contains("href=\"/approvals\""))
            let list = try await ask(port, "GET", "/approvals", headers: ["Cookie": supervisor.cookie]).body
            #expect(list.contains(path) && list.contains("停用") && list.contains("1001 张一"))
            let done = try await Self.decide(path, "confirm", supervisor, port)
            #expect(done.status == 303)
            let event = try #require(done.header("Location"))
            let shown = try await ask(port, "GET", event, headers: ["Cookie": supervisor.cookie]).body
            #expect(shown.contains("1001 张一") && shown.contains("2001 李二") && shown.contains("司法文书"))
            #expect(try await Self.restrictions(port, supervisor.cookie) == 1)
            let again = try await Self.decide(path, "confirm", supervisor, port)
            #expect(again.body.contains("waiting.over"))
            #expect(try await Self.restrictions(port, supervisor.cookie) == 1)
            let rest = try await ask(port, "GET", "/approvals", headers: ["Cookie": supervisor.cookie]).body
            #expect(!rest.contains(path), "what is done waits no more")
        }
    }

    /// Only who asked for it, or may rule on it, is shown whose act it is, and only while it waits.
    @Test func whoHasNoSayInItDoesNotLookWhoseItIs() async throws {
        let window = Window()
        try await window.open { registry in
            try window.add(1003, "王三", .teller)
            try CrossedWindowsTests.makeCard(registry)
        } _: { port in
            let (teller, other) = (try await formSession(port), try await formSession(port, as: 1003))
            let supervisor = try await formSession(port, as: 2001)
            let path = try await Self.putToWait(port, teller)
            func look(_ session: (cookie: String, token: String), _ key: String) async throws -> WireAnswer {
                try await send(
                    path + "/applicant", ["form-token": session.token, "key": key], session.cookie, port)
            }
            #expect(try await look(other, "a-look-of-somebody").body.contains("waiting.no-say"))
            #expect(try await look(supervisor, "a-look-to-rule-on-it").header("Location") == path)
            let back = ["reason": "核实"]
            #expect(try await Self.decide(path, "send-back", supervisor, port, back).status == 303)
            #expect(try await look(supervisor, "a-look-after-the-fact").body.contains("waiting.no-say"))
        }
    }

    @Test func whatTheCardHasGoneThroughSinceRefusesIt() async throws {
        let window = Window()
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            let teller = try await formSession(port)
            let supervisor = try await formSession(port, as: 2001)
            let path = try await Self.putToWait(port, teller)
            let loss = try await send(
                Self.card + "/temporary-loss",
                ["form-token": teller.token, "key": "a-loss-in-between", "reporter": "holder"], teller.cookie, port)
            #expect(loss.status == 303)
            let page = try await ask(port, "GET", path, headers: ["Cookie": supervisor.cookie]).body
            #expect(page.contains("提交之后这张卡已有新的业务") && !page.contains("value=\"confirm\""))
            let refused = try await Self.decide(path, "confirm", supervisor, port)
            #expect(refused.status == 409 && refused.body.contains("waiting.changed"))
            #expect(try await Self.restrictions(port, teller.cookie) == 1, "the loss alone")
            let reasonless = try await Self.decide(path, "send-back", supervisor, port)
            #expect(reasonless.body.contains("waiting.reason"))
            let back = try await Self.decide(path, "send-back", supervisor, port, ["reason": "卡已挂失 <b>"])
            #expect(back.header("Location") == "/approvals")
            let told = try await ask(port, "GET", path, headers: ["Cookie": teller.cookie]).body
            #expect(told.contains("卡已挂失 &lt;b&gt;") && told.contains("已退回"))
            let closed = try await Self.decide(path, "close", teller, port)
            #expect(closed.header("Location") == "/approvals")
            let list = try await ask(port, "GET", "/approvals", headers: ["Cookie": teller.cookie]).body
            #expect(!list.contains(path))
        }
    }

    @Test func whatHasWaitedADayIsExpiredAndSaysSo() async throws {
        let window = Window()
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            let teller = try await formSession(port)
            let supervisor = try await formSession(port, as: 2001)
            let path = try await Self.putToWait(port, teller)
            window.passWallHours(23)
            let waits = try await ask(port, "GET", path, headers: ["Cookie": supervisor.cookie]).body
            #expect(waits.contains("value=\"confirm\""))
            window.passWallHours(1)
            let page = try await ask(port, "GET", path, headers: ["Cookie": supervisor.cookie]).body
            #expect(page.contains("已过期") && !page.contains("value=\"confirm\""))
            let late = try await Self.decide(path, "confirm", supervisor, port)
            #expect(late.status == 409 && late.body.contains("waiting.expired"))
            #expect(try await Self.restrictions(port, teller.cookie) == 0)
        }
    }

    @Test func whatWouldBeRefusedIsRefusedAtOnceAndWhatOnePersonDoesDoesNotWait() async throws {
        let window = Window()
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            let teller = try await formSession(port)
            // A cancellation wants a paper.
            let proofless = try await send(
                Self.card + "/cancel",
                ["form-token": teller.token, "key": "a-cancellation-1", "reason": "death", "wait": "on"],
                teller.cookie, port)
            #expect(proofless.body.contains("lifecycle.proof-missing"))
            let alone = try await send(
                Self.card + "/temporary-loss",
                ["form-token": teller.token, "key": "a-loss-to-wait-1", "reporter": "holder", "wait": "on"],
                teller.cookie, port)
            #expect(alone.body.contains("waiting.not-needed"))
            let list = try await ask(port, "GET", "/approvals", headers: ["Cookie": teller.cookie]).body
            #expect(list.contains("没有待复核的业务"))
        }
    }

    @Test func whoAskedForItTakesItBackWithOneConfirmationAndNobodyElseDoes() async throws {
        let window = Window()
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            let teller = try await formSession(port)
            let supervisor = try await formSession(port, as: 2001)
            let path = try await Self.putToWait(port, teller)
            let list = try await ask(port, "GET", "/approvals", headers: ["Cookie": teller.cookie]).body
            #expect(list.contains("href=\"\(path)/withdraw\""))
            let theirs = try await ask(port, "GET", "/approvals", headers: ["Cookie": supervisor.cookie]).body
            #expect(theirs.contains(path) && !theirs.contains("\(path)/withdraw"))
            let asked = try await ask(port, "GET", path + "/withdraw", headers: ["Cookie": teller.cookie]).body
            #expect(asked.contains("value=\"withdraw\"") && asked.contains("action=\"\(path)\""))
            let looked = try await ask(port, "GET", path + "/withdraw", headers: ["Cookie": supervisor.cookie]).body
            #expect(!looked.contains("value=\"withdraw\""))
            #expect(try await Self.decide(path, "close", teller, port).body.contains("waiting.withdraw-instead"))
            #expect(try await Self.decide(path, "withdraw", supervisor, port).body.contains("waiting.not-yours"))
            let key = "taken-back-by-two-clicks"
            let done = try await Self.decide(path, "withdraw", teller, port, key: key)
            #expect(done.status == 303)
            let again = try await Self.decide(path, "withdraw", teller, port, key: key)
            #expect(again.status == 303 && again.header("Location") == done.header("Location"))
            #expect(try await Self.decide(path, "confirm", supervisor, port).body.contains("waiting.over"))
            #expect(try await ask(port, "GET", path, headers: ["Cookie": teller.cookie]).body.contains("已撤回"))
            #expect(try await Self.restrictions(port, teller.cookie) == 0, "nothing was done")
            let waiting = path.split(separator: "/").last.map(String.init) ?? ""
            let logged = window.logged.filter { $0.hasPrefix("act withdrawn") }
            #expect(logged == ["act withdrawn act=held operator=1001 waiting=\(waiting)"])
        }
    }

    // MARK: - On the disk

    @Test func aFileThatWasTouchedIsDamagedAndNothingOfItIsBelieved() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "waiting-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = SealingKey(SecretBytes(copying: Array(repeating: 7, count: 32)))
        let store = try WaitingActs(dataFolder: folder, sealingKey: key)
        let card = try #require(CardReference(bytes: Array(repeating: 9, count: 16)))
        let waiting = WaitingAct(
            identifier: "0123456789ABCDEF", act: .held(.court), card: card, seen: 4,
            officer: Officer(number: 1001, role: .teller), proofs: [.paper], policyVersion: "p", layout: nil, madeAt: 5)
        try store.put(waiting)
        #expect(try store.act(waiting.identifier) == waiting)
        let path = folder + "/waiting/0123456789ABCDEF.act"
        var bytes = try #require(FileManager.default.contents(atPath: path))
        #expect(!String(decoding: bytes, as: UTF8.self).contains("1001"), "not sealed")
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(filePath: path))
        #expect(throws: Faults("waiting.damaged", ["name": waiting.identifier])) { try store.act(waiting.identifier) }
        #expect(store.listing().damaged == [waiting.identifier] && store.listing().acts.isEmpty)
        // Under another's name it opens nothing either.
        try store.put(waiting)
        try FileManager.default.copyItem(atPath: path, toPath: folder + "/waiting/FEDCBA9876543210.act")
        #expect(store.listing().damaged == ["FEDCBA9876543210"])
    }

    @Test func theTakerOfStockAloneConfirmsItsHandOver() throws {
        let serials = try #require(ChipSerials([[1, 2, 3]]))
        let waiting = WaitingAct(
            identifier: "0123456789ABCDEF", act: .stock(.handedOver(.blank, serials, from: 1001, to: 1002)), card: nil,
            seen: nil, officer: Officer(number: 1001, role: .teller), proofs: [], policyVersion: "p", layout: nil,
            madeAt: 0)
        func person(_ number: UInt64) -> Operator {
            Operator(number: number, name: "某", roles: [.teller, .supervisor])
        }
        let policy = try LifecyclePolicy.load()
        #expect(waiting.role(of: person(1002), on: nil, under: policy) != nil)
        #expect(waiting.role(of: person(1001), on: nil, under: policy) == nil)
        #expect(waiting.role(of: person(2001), on: nil, under: policy) == nil)
    }
}
