import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What somebody at a window is told, and where it leads.
@Suite struct WindowWordsTests {
    private static let card = "/cards/\(CrossedWindowsTests.number)"
    private static let everything = Proofs(Proofs.named.map(\.proof))
    private static let teller = Handling(
        by: Officer(number: 1001, role: .teller), second: Officer(number: 2009, role: .supervisor), proofs: everything)
    private static let supervisor = Handling(by: Officer(number: 2009, role: .supervisor))

    private static func get(_ path: String, _ cookie: String, _ port: UInt16) async throws -> String {
        try await ask(port, "GET", path, headers: ["Cookie": cookie]).body
    }

    private static func card(in registry: Registry) throws -> RegisteredCard {
        try CrossedWindowsTests.makeCard(registry)
        return try #require(try registry.card(number: CardNumber(CrossedWindowsTests.number)))
    }

    private static func submit(
        _ way: ApplicationFacts.Way, for person: PersonReference, in registry: Registry
    ) throws -> EventIdentifier {
        let facts = ApplicationFacts(person: person, kind: .first, way: way, channel: .counter)
        return try registry.record(.submitted(facts), handledBy: teller).identifier
    }

    /// 待我审批: without the role nothing, and never what one has added to oneself; acts that wait are in the same sum everywhere.
    @Test func whatWaitsForAWordIsCountedForWhoMaySayIt() async throws {
        let window = Window()
        try await window.open { registry in
            try window.add(2003, "孙七", .teller, .supervisor)
            _ = try Self.card(in: registry)
            let own = Handling(by: Officer(number: 2003, role: .teller), proofs: Self.everything)
            for number in ["990101199003070015", "990100199003070115"] {
                let citizen = try CitizenNumber(number)
                let person = try registry.register(
                    Person(
                        number: .citizen(citizen), name: try PersonName("李四"), sex: citizen.sex,
                        ethnicGroup: try EthnicGroup("01"), birthDate: citizen.birthDate, birthPlace: "990101"),
                    handledBy: Self.teller)
                let name = try Self.submit(.instant, for: person, in: registry)
                try registry.record(.application(name, .supplementAsked()), handledBy: Self.supervisor)
                try registry.record(
                    .application(name, .supplemented), handledBy: number.hasSuffix("0015") ? own : Self.teller)
            }
            #expect(try registry.applications(in: .submitted).count == 2)
        } _: { port in
            func toApprove(_ number: UInt64) async throws -> [String] {
                let cookie = try await logIn(port, as: number)
                let home = try await Self.get("/api/home", cookie, port)
                let page = try await Self.get("/", cookie, port)
                let told = home.firstMatch(of: /"toApprove":(\d+)/).map { String($0.1) } ?? ""
                let tile = page.firstMatch(of: /id="tile-toApprove"><a href="\/approvals">.*?figure">(\d+)/)
                return [told, tile.map { String($0.1) } ?? ""]
            }
            #expect(try await toApprove(1001) == ["0", "0"], "a teller approves nothing")
            #expect(try await toApprove(2001) == ["2", "2"])
            #expect(try await toApprove(2003) == ["1", "1"], "not what they supplemented")
            let session = try await formSession(port)
            let wish = [
                "form-token": session.token, "key": "a-hold-that-waits-1", "reason": "court", "wait": "on",
            ]
            #expect(try await send(Self.card + "/hold", wish, session.cookie, port).status == 303)
            #expect(try await toApprove(2001) == ["3", "3"])
        }
    }

    /// 退回补件 and a rejection say in words why, to whoever opens the application, its history and its slip.
    @Test func whyAnApplicationCameBackIsToldInWords() async throws {
        let window = Window()
        let word = Mutex("")
        let holder = Mutex("")
        try await window.open { registry in
            let person = try Newcomer.register(in: registry)
            holder.withLock { $0 = person.bytes.map { String(format: "%02X", $0) }.joined() }
            word.withLock { $0 = (try? Self.submit(.instant, for: person, in: registry).word) ?? "" }
        } _: { port in
            let path = "/applications/\(word.withLock { $0 })"
            let session = try await formSession(port, as: 2001)
            func step(_ note: String, _ key: String) async throws -> WireAnswer {
                try await send(
                    path + "/ask-supplement", ["form-token": session.token, "key": key, "note": note],
                    session.cookie, port)
            }
            let form = try await Self.get(path + "/ask-supplement", session.cookie, port)
            #expect(form.contains("name=\"note\""))
            #expect(try await step("缺 990165200802116857 的照片", "with-a-number-in-it").body.contains("application.note"))
            let long = try await step(String(repeating: "长", count: 101), "longer-than-the-log")
            #expect(long.body.contains("application.note"))
            let event = try #require(try await step("缺监护人证件", "what-is-missing-now").header("Location"))
            #expect(try await Self.get(path, session.cookie, port).components(separatedBy: "缺监护人证件").count == 3)
            let slip = try await ask(
                port, "POST", event + "/slip",
                headers: ["Cookie": session.cookie, "Content-Type": "application/x-www-form-urlencoded"],
                body: "form-token=\(session.token)&key=the-slip-of-the-notice")
            #expect(slip.status == 200 && slip.body.contains("缺监护人证件"))
            #expect(slip.body.contains("补件（不予办理）告知单") && slip.body.contains("张*"))
            let person = try await Self.get("/people/\(holder.withLock { $0 })", session.cookie, port)
            #expect(person.contains("缺监护人证件"))
        }
    }

    /// What a factory could not make stands on the first page and in the list.
    @Test func anOrderThatFailedIsTold() async throws {
        let window = Window()
        try await window.open { registry in
            let person = try Newcomer.register(in: registry)
            let name = try Self.submit(.factory, for: person, in: registry)
            let maker = Handling(by: Officer(number: 1002, role: .personalizer))
            try registry.record(.application(name, .approved), handledBy: Self.supervisor)
            try registry.record(.application(name, .productionBegun), handledBy: maker)
            try registry.record(
                .application(name, .productionFailed(why: FailureNote("照片太暗"))), handledBy: maker)
        } _: { port in
            let cookie = try await logIn(port)
            let home = try await Self.get("/", cookie, port)
            #expect(home.contains(/id="tile-failedOrders"><a href="\/applications\?state=approved">.*?figure">1</))
            let list = try await Self.get("/applications?state=approved", cookie, port)
            #expect(list.contains("工厂制卡失败") && list.contains("照片太暗"))
        }
    }

    @Test func aBlockedChipIsNotOfferedToBeBlocked() async throws {
        let window = Window()
        try await window.open(site: "two-person: []") { registry in
            let card = try Self.card(in: registry).reference
            try registry.record(.handedOver, on: card, handledBy: Self.teller)
            try registry.record(.recovered(.handedIn), on: card, handledBy: Self.teller)
            try registry.record(.cancelled(.death), on: card, handledBy: Self.teller)
            let open = try #require(try registry.card(card)?.state.openRestrictions.first)
            let tier = Handling(by: Officer(number: 9001, role: .upperTier))
            try registry.record(.cancellationConfirmed(open.openedBy), on: card, handledBy: tier)
        } _: { port in
            let cookie = try await logIn(port)
            #expect(try await Self.get(Self.card, cookie, port).contains("href=\"\(Self.card)/end-chip\""))
        }
        let blocked = Window()
        try await blocked.open(site: "two-person: []") { registry in
            let card = try Self.card(in: registry).reference
            try registry.record(.handedOver, on: card, handledBy: Self.teller)
            try registry.record(.recovered(.handedIn), on: card, handledBy: Self.teller)
            try registry.record(.cancelled(.death), on: card, handledBy: Self.teller)
            let open = try #require(try registry.card(card)?.state.openRestrictions.first)
            let tier = Handling(by: Officer(number: 9001, role: .upperTier))
            try registry.record(.cancellationConfirmed(open.openedBy), on: card, handledBy: tier)
            // By somebody else: whoever did it is told that it is done.
            let other = Handling(
                by: Officer(number: 1002, role: .teller), second: Self.teller.second, proofs: Self.teller.proofs)
            try registry.record(.chipEnded(.blocked), on: card, handledBy: other)
        } _: { port in
            let cookie = try await logIn(port)
            #expect(try await !Self.get(Self.card, cookie, port).contains("href=\"\(Self.card)/end-chip\""))
            let screen = try await Self.get(Self.card + "/end-chip", cookie, port)
            #expect(screen.contains("counter.chip-blocked-already"))
        }
    }

    /// An administrator handles no cards, and is shown what an administrator does.
    @Test func anAdministratorsFirstPageRefusesNothing() async throws {
        let window = Window()
        try await window.open { _ in
            try window.add(9000, "管九", .administrator)
        } _: { port in
            let cookie = try await logIn(port, as: 9000)
            let home = try await Self.get("/", cookie, port)
            let links = home.matches(of: /href="(\/[a-z\/]*)"/).map { String($0.1) }
            #expect(links.contains("/operations") && !links.contains("/approvals"))
            for link in Set(links) where link != "/password" {
                let answer = try await ask(port, "GET", link, headers: ["Cookie": cookie])
                #expect(answer.status == 200 || answer.status == 303, "\(link)")
            }
        }
    }

    /// The other language opens beside a form, which keeps what is filled in.
    @Test func theOtherLanguageDropsNothingThatWasTyped() async throws {
        try await Window().open { port in
            let cookie = try await logIn(port)
            let link = /<a class="quiet" href="\/language\/en[^>]*target="_blank"/
            #expect(try await Self.get("/people/new", cookie, port).contains(link))
            #expect(try await !Self.get("/applications", cookie, port).contains(link))
        }
    }

    /// A page that looks again by itself keeps no session alive that nobody uses.
    @Test func aPageThatLooksAgainKeepsNoSessionAlive() async throws {
        let window = Window()
        try await window.open { port in
            let cookie = try await logIn(port)
            window.passMinutes(6)
            let again = try await ask(port, "GET", "/intake?again=1", headers: ["Cookie": cookie])
            #expect(again.status == 200)
            window.passMinutes(6)
            let ended = try await ask(port, "GET", "/intake?again=1", headers: ["Cookie": cookie])
            #expect(ended.status == 303 && ended.header("Location")?.hasPrefix("/login") == true)
            let used = try await logIn(port)
            window.passMinutes(6)
            _ = try await ask(port, "GET", "/intake", headers: ["Cookie": used])
            window.passMinutes(6)
            #expect(try await ask(port, "GET", "/intake", headers: ["Cookie": used]).status == 200)
        }
    }

    /// A program's number is read as people type it, when it is registered, sent again, and looked up.
    @Test func aNumberThatIsTypedWideIsTheSame() async throws {
        try await Window().open { port in
            let session = try await formSession(port)
            func call(_ path: String, _ body: String, _ key: String) async throws -> WireAnswer {
                try await ask(
                    port, "POST", path,
                    headers: [
                        "Cookie": session.cookie, "X-Form-Token": session.token, "Content-Type": "application/json",
                        "Idempotency-Key": key,
                    ], body: body)
            }
            let body = """
                {"citizenNumber": "９９０１６５ 20080211 6857", "name": "张三", "sex": "1", "ethnicGroup": "01",
                "birthDate": "20080211", "birthPlace": "990165"}
                """
            for _ in 0..<2 { #expect(try await call("/api/people", body, "a-person-typed-wide-1").status == 201) }
            let wish = "{\"number\": \"９９０１６５ 20080211 6857\", \"purpose\": \"inquiry\"}"
            #expect(try await call("/api/people/look-up", wish, "looked-up-typed-wide").status == 200)
        }
    }

    /// Who comes for the holder with a loss is written down, and told what is wrong with their name.
    @Test func anAgentAtTheCounterIsNamed() async throws {
        try await Window().open(prepare: CrossedWindowsTests.makeCard) { port in
            let session = try await formSession(port)
            func report(_ more: [String: String], _ key: String) async throws -> WireAnswer {
                let wish = ["form-token": session.token, "key": key, "reporter": "agent"]
                return try await send(
                    Self.card + "/temporary-loss", wish.merging(more) { $1 }, session.cookie, port)
            }
            let nobody = try await report([:], "an-agent-of-no-name-1")
            #expect(nobody.body.contains("counter.agent-wanted") && nobody.body.contains("<details open>"))
            let agent = ["agentDocument": "E12345678", "proof-agent-document": "on"]
            let rare = try await report(agent.merging(["agentName": "李𠀀"]) { $1 }, "an-agent-of-rare-name")
            #expect(rare.body.contains("agent.name-not-in-gbk") && rare.body.contains("同一种写法"))
            #expect(rare.body.contains(/id="agentName"[^>]*aria-invalid="true"/))
            let named = try await report(agent.merging(["agentName": "李四"]) { $1 }, "an-agent-with-a-name-1")
            #expect(named.status == 303)
            let phone = try await report(["channel": "telephone"], "an-agent-who-calls-us")
            #expect(!phone.body.contains("counter.agent-wanted"))
        }
    }

    /// A change that the end of a program broke off is told so.
    @Test func aPINChangeThatBrokeOffIsToldInWords() async throws {
        try await Window().open { registry in
            let card = try Self.card(in: registry).reference
            try registry.record(.handedOver, on: card, handledBy: Self.teller)
            try registry.record(.pinServed(.change, ticket: "中断 interrupted"), on: card, handledBy: Self.teller)
        } _: { port in
            let cookie = try await logIn(port)
            let page = try await Self.get(Self.card, cookie, port)
            #expect(page.contains("不知道卡上是新密码还是旧密码") && !page.contains("interrupted"))
        }
    }

    /// The hall reads the window's name, and nobody's number.
    @Test func theBoardNamesTheWindowAndNoOperator() async throws {
        try await Window().open { port in
            let session = try await formSession(port)
            func step(_ step: String, _ more: [String: String] = [:]) async throws -> WireAnswer {
                let wish = ["form-token": session.token, "key": "a-step-of-the-queue-\(step)"]
                return try await send("/queue/\(step)", wish.merging(more) { $1 }, session.cookie, port)
            }
            _ = try await step("take", ["errand": "issue"])
            _ = try await step("next")
            let board = try await ask(port, "GET", "/queue/board").body
            #expect(board.contains("A001") && !board.contains("1001"))
            #expect(try await Self.get("/queue", session.cookie, port).contains("还没有登记窗口号"))
            #expect(try await step("sit", ["place": ""]).body.contains("queue.place"))
            let seated = try await send(
                "/queue/sit", ["form-token": session.token, "key": "i-sit-at-window-three", "place": "3号"],
                session.cookie, port)
            #expect(seated.status == 303)
            let named = try await ask(port, "GET", "/queue/board").body
            #expect(named.contains("<td class=\"mono\">3号</td>") && !named.contains("1001"))
            let stream = try await ask(port, "GET", "/queue/board/events") { $0.contains("data: ") }
            #expect(stream.body.contains("\"place\":\"3号\"") && !stream.body.contains("1001"))
        }
    }
}
