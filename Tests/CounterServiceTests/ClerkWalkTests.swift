import CardData
import Foundation
import Issuing
import Lifecycle
import Registry
import Testing

@testable import CounterService

/// What a first-time clerk runs into at a window: nothing is cut unseen, nothing is taken without a question, and what was done is told.
@Suite struct ClerkWalkTests {
    private static let number = CrossedWindowsTests.number
    private static let newcomer = [
        "citizenNumber": "990165200802116857", "name": "张三", "sex": "1", "ethnicGroup": "01", "birthDate": "20080211",
        "birthPlace": "990165",
    ]

    private static func get(
        _ path: String, _ session: (cookie: String, token: String), _ port: UInt16
    ) async throws -> String {
        try await ask(port, "GET", path, headers: ["Cookie": session.cookie]).body
    }

    /// A form as the page has it: what it shows, and a key.
    private static func shown(_ path: String, _ session: (cookie: String, token: String), _ port: UInt16) async throws
        -> [String: String]
    {
        let page = try await get(path, session, port)
        let seen = try #require(page.firstMatch(of: /name="seen" value="([^"]*)"/), "\(path)").1
        return ["seen": String(seen), "form-token": session.token, "key": "a-form-\(UUID().uuidString)"]
    }

    /// A PIN of which the browser drops a digit is one that the holder does not know.
    @Test func noMaskedFieldCutsWhatIsTyped() throws {
        let folder = try PageFiles.folder
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".mustache") }
        var masked = 0
        for file in files {
            for match in try PageFiles.text(file).matches(of: /<input\b[^>]*type="password"[^>]*>/) {
                masked += 1
                #expect(!match.0.contains("maxlength"), "\(file): \(match.0)")
            }
        }
        #expect(masked > 8)
    }

    @Test func aDayOfBirthMayHaveDashesAndIsNeverCut() async throws {
        try await Window().open { port in
            let session = try await formSession(port)
            var fields = Self.newcomer
            (fields["form-token"], fields["key"]) = (session.token, "the-key-of-the-first-form")
            fields["birthDate"] = "2008-02-111"
            let refused = try await send("/people/new", fields, session.cookie, port)
            #expect(refused.status == 422 && refused.body.contains("date.form"))
            fields["birthDate"] = "2008-02-11"
            #expect(try await send("/people/new", fields, session.cookie, port).status == 303)
            #expect(!refused.body.contains("name=\"assigned\""), "asked of a citizen number")
        }
    }

    /// Three digits typed by mistake are a number that could have been assigned: the clerk is asked, with all else that is wrong.
    @Test func aNumberThatIsNoCitizensIsAskedFor() async throws {
        try await Window().open { port in
            let session = try await formSession(port)
            var fields = Self.newcomer
            fields["citizenNumber"] = "123"
            (fields["form-token"], fields["key"]) = (session.token, "the-key-of-the-first-form")
            fields["birthPlace"] = "000000"
            let refused = try await send("/people/new", fields, session.cookie, port)
            #expect(refused.status == 422)
            #expect(refused.body.contains("assigned-number.unconfirmed") && refused.body.contains("area-code.unknown"))
            #expect(refused.body.contains("name=\"assigned\"") && refused.body.contains("href=\"#citizenNumber\""))
            fields["birthPlace"] = "990165"
            let alone = try await send("/people/new", fields, session.cookie, port)
            #expect(alone.body.contains("assigned-number.unconfirmed"))
            fields["assigned"] = "on"
            #expect(try await send("/people/new", fields, session.cookie, port).status == 303)
        }
    }

    /// The page of the person says what became of the form, by its event.
    @Test func aRegistrationIsToldWithItsEvent() async throws {
        try await Window().open { port in
            let session = try await formSession(port)
            var fields = Self.newcomer
            (fields["form-token"], fields["key"]) = (session.token, "the-key-of-the-first-form")
            let place = try #require(
                try await send("/people/new", fields, session.cookie, port).header("Location"))
            #expect(
                try await Self.get(place, session, port).contains("已登记，事件 <a class=\"mono\" href=\"/events/1\">7/1"))
            fields["key"] = "the-key-of-a-second-form"
            #expect(try await send("/people/new", fields, session.cookie, port).status == 303)
            #expect(try await Self.get(place, session, port).contains("资料相同，没有改动"))
            (fields["name"], fields["key"]) = ("张四", "the-key-of-a-third-form")
            let asked = try await send("/people/new", fields, session.cookie, port)
            let differs = try #require(asked.body.firstMatch(of: /name="differs" value="([^"]*)"/)).1
            (fields["differs"], fields["proof-identity-document"]) = (String(differs), "on")
            fields["key"] = "the-key-of-a-fourth-form"
            #expect(try await send("/people/new", fields, session.cookie, port).status == 303)
            #expect(try await Self.get(place, session, port).contains("登记资料已变更，事件"))
            // That the record was looked at for it was to register, and no holder has asked anything.
            let supervisor = try await formSession(port, as: 2001)
            let report = try await Self.get("/api/reports", supervisor, port)
            #expect(!report.contains("\"purpose\":\"inquiry\""))
        }
    }

    /// A second tab, or the browser's way back, leads to what was done and not to a riddle.
    @Test func anActThatIsDoneIsToldWithItsEvent() async throws {
        try await Window().open(prepare: CrossedWindowsTests.makeCard) { port in
            let session = try await formSession(port)
            let place = "/cards/\(Self.number)/missing"
            var form = try await Self.shown(place, session, port)
            form.merge(["second-number": "2001", "second-password": Window.password]) { $1 }
            let event = try #require(try await send(place, form, session.cookie, port).header("Location"))
            let again = try await ask(port, "GET", place, headers: ["Cookie": session.cookie])
            #expect(again.status == 409)
            #expect(again.body.contains("counter.act-done") && again.body.contains("href=\"\(event)\""))
            form["key"] = "the-same-in-another-tab"
            let tab = try await send(place, form, session.cookie, port)
            #expect(tab.body.contains("counter.act-done") && !tab.body.contains("counter.act-not-offered"))
            // What somebody else has done is told as it was.
            let other = try await formSession(port, as: 2001)
            #expect(try await !Self.get(place, other, port).contains("counter.act-done"))
        }
    }

    /// A supervisor who opens what waits looks at the holder to rule on it, whichever way; who does not rule has looked for nothing.
    @Test func aLookAtWhatWaitsIsForRulingOnIt() async throws {
        try await Window().open(prepare: CrossedWindowsTests.makeCard) { port in
            let (teller, supervisor) = (try await formSession(port), try await formSession(port, as: 2001))
            let card = "/cards/\(Self.number)/hold"
            var form = try await Self.shown(card, teller, port)
            form.merge(["reason": "court", "wait": "on"]) { $1 }
            let place = try #require(try await send(card, form, teller.cookie, port).header("Location"))
            _ = try await Self.get(place, supervisor, port)
            let shown = try await Self.get("/events/3", supervisor, port)
            #expect(shown.contains("复核他人提交的业务"), "no look-up, or for another purpose")
            func lookUpsWithoutAct() async throws -> Substring? {
                try await Self.get("/api/reports", supervisor, port).firstMatch(of: /"lookUpsWithoutAct":(\d+)/)?.1
            }
            #expect(try await lookUpsWithoutAct() == "1", "nothing was ruled on yet")
            var ruling = ["form-token": supervisor.token, "key": "sent-back-after-looking", "reason": "核实"]
            ruling["decision"] = "send-back"
            #expect(try await send(place, ruling, supervisor.cookie, port).status == 303)
            #expect(try await lookUpsWithoutAct() == "0")
            let closed = ["form-token": teller.token, "key": "read-that-it-came-back", "decision": "close"]
            #expect(try await send(place, closed, teller.cookie, port).status == 303)
            #expect(try await lookUpsWithoutAct() == "0", "what was read since is not forgotten")
            // Nobody says of themselves that they rule on something.
            let search = try await send(
                "/search", ["form-token": supervisor.token, "query": "990165200802116857", "purpose": "confirming"],
                supervisor.cookie, port)
            #expect(search.body.contains("counter.choice"))
        }
    }

    @Test func aStoppedCardSaysWhyAndUntilWhen() async throws {
        try await Window().open(prepare: CrossedWindowsTests.makeCard) { port in
            let session = try await formSession(port)
            let place = "/cards/\(Self.number)/hold"
            var form = try await Self.shown(place, session, port)
            form.merge([
                "reason": "court", "until": "2026-10-01", "proof-paper": "on", "second-number": "2001",
                "second-password": Window.password,
            ]) { $1 }
            let done = try await send(place, form, session.cookie, port)
            let event = try #require(done.header("Location"), "\(done.body)")
            let card = try await Self.get("/cards/\(Self.number)", session, port)
            let told = try #require(card.firstMatch(of: /<ul class="restrictions">(.*?)<\/ul>/)?.1)
            #expect(told.contains("司法文书") && told.contains("停用截止日 2026-10-01"))
            // The hint of the form is no label of a paper, and the paper's number is one that can be searched for.
            let slip = try await send(
                event + "/slip", ["form-token": session.token, "key": "the-paper-of-this-hold", "paper": "a4"],
                session.cookie, port
            ).body
            #expect(slip.contains("停用截止日") && !slip.contains("不定期则留空"))
            let number = try #require(slip.firstMatch(of: /凭证号<\/dt><dd class="mono">([^<]*)</)?.1)
            let found = try await send(
                "/search", ["form-token": session.token, "query": String(number), "purpose": "inquiry"],
                session.cookie, port)
            #expect(found.header("Location") == event)
        }
    }

    @Test func aCardIsFoundByItsChip() async throws {
        try await Window().open { registry in
            let maker = Handling(by: Officer(number: 1002, role: .personalizer))
            let person = try Newcomer.register(in: registry)
            let card = CardReference(
                try IdentificationCode(
                    areaCode: "990100", serial: [0, 0, 0, 1], authenticationCode: [0x11, 0x22, 0x33, 0x44]))
            let facts = CardFacts(
                number: try CardNumber(Self.number), person: person, layout: "national-3.0", profile: "fmcos",
                area: "990101", issued: try CardDate("20251009"), expires: try CardDate("20351008"),
                blankSerial: [0x99, 0x01, 0, 0, 0, 2])
            try registry.record(.personalized(facts), on: card, handledBy: maker)
        } _: { port in
            let session = try await formSession(port)
            let found = try await send(
                "/search", ["form-token": session.token, "query": "9901 0000 0002", "purpose": "inquiry"],
                session.cookie, port)
            #expect(found.header("Location") == "/cards/\(Self.number)")
        }
    }

    /// The acceptance slip is called by the application's own name, and who handed it in may not rule on it only while it waits.
    @Test func anApplicationIsNamedOnItsSlip() async throws {
        try await Window().open { registry in
            _ = try Newcomer.register(in: registry)
        } _: { port in
            let (teller, supervisor) = (try await formSession(port), try await formSession(port, as: 2001))
            let person = try #require(
                try await send(
                    "/search",
                    ["form-token": teller.token, "query": "990165200802116857", "purpose": "issuing"], teller.cookie,
                    port
                ).header("Location"))
            let taken = try await send(
                person + "/apply",
                [
                    "form-token": teller.token, "key": "the-key-of-an-application", "kind": "first", "way": "factory",
                    "proof-identity-document": "on",
                ], teller.cookie, port)
            let event = try #require(taken.header("Location"), "\(taken.body)")
            let page = try await Self.get(event, teller, port)
            #expect(page.contains("<dt>申请编号</dt><dd>7/\(event.split(separator: "/")[1])</dd>"))
            let name = "7-\(event.split(separator: "/")[1])"
            let own = "您受理的业务须由他人审批"
            #expect(try await Self.get("/approvals/applications/\(name)", teller, port).contains(own))
            let opened = try await Self.get("/approvals/applications/\(name)", supervisor, port)
            // The act that is done most stands under the keyboard, and not a reason below the fold.
            #expect(opened.contains("autofocus"))
            let seen = try #require(opened.firstMatch(of: /name="seen" value="(\d+)"/)).1
            let done = try await send(
                "/approvals/applications/\(name)/approve",
                ["form-token": supervisor.token, "key": "the-key-of-the-approval", "seen": String(seen)],
                supervisor.cookie, port)
            #expect(done.status == 303)
            #expect(try await !Self.get("/approvals/applications/\(name)", teller, port).contains(own))
        }
    }

    @Test func aFullStopBetweenIdeographsIsTheDotOfTheName() async throws {
        #expect(CounterWeb.name("买买提.吐尔逊") == "买买提·吐尔逊")
        #expect(CounterWeb.name("武．凯") == "武·凯")
        #expect(CounterWeb.name("John.Smith") == nil)
        #expect(CounterWeb.name("李四.") == "李四.")
    }

    /// What a chip has shown is no word about it once it was written.
    @Test func whatAChipHadShownIsForgottenAtEveryWindow() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "read-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let registry = try Registry.open(at: folder, counter: 7, policy: .load()) { 1_790_000_000_000 }
        try CrossedWindowsTests.makeCard(registry)
        let card = try #require(try registry.card(number: try CardNumber(Self.number)))
        let sessions = SessionTable(idleMinutes: 10) { 0 }
        let person = Operator(number: 1001, name: "张一", roles: [.teller])
        let identifiers = try [sessions.open(for: person), sessions.open(for: person)].map(\.identifier)
        let other = CardReference(
            try IdentificationCode(areaCode: "990100", serial: [0, 0, 0, 2], authenticationCode: [1, 2, 3, 4]))
        let cards = [card.reference, other]
        let read = ReadChip(ChipComparison(chip: nil, values: [:], card: card, holder: nil), at: 1)
        for identifier in identifiers {
            for card in cards { sessions.note(read, of: card, in: identifier) }
        }
        sessions.forgetRead(of: cards[0])
        for identifier in identifiers {
            #expect(sessions.touch(identifier)?.read.keys.map(\.self) == [cards[1]])
        }
    }

    /// A supervisor's long lists: each is reached from the top, and says of itself what belongs to it.
    @Test func aReportsListsAreReachedFromItsTop() async throws {
        try await Window().open(prepare: CrossedWindowsTests.makeCard) { port in
            let supervisor = try await formSession(port, as: 2001)
            let page = try await Self.get("/reports", supervisor, port)
            for name in ["losses", "lookUps", "outside", "repeats", "waiting", "blanks", "acts"] {
                #expect(page.contains("href=\"#\(name)-title\"") && page.contains("id=\"\(name)-title\""), "\(name)")
            }
            let repeats = try #require(page.range(of: "id=\"repeats-title\""))
            #expect(page[repeats.upperBound...].contains("距上一张卡的天数不超过"))
            #expect(!page[..<repeats.lowerBound].contains("距上一张卡的天数不超过"))
        }
    }

    /// The chip is spoken of where it is one of the proofs that are missing, and nowhere else.
    @Test func aMissingPaperSaysNothingOfACard() {
        func told(_ proofs: Proofs) -> String {
            let faults = LifecycleRefusal(.hold, [.proofMissing(proofs)])?.faults ?? []
            return faults.map {
                MessageCatalogue.standard.text(for: $0, language: .chinese, isAtWindow: true).next
            }.joined()
        }
        #expect(!told(.paper).contains("读卡"))
        #expect(told([.paper, .cardRead]).contains("读卡一项不用勾选"))
    }
}
