import CardData
import Hummingbird
import Testing

@testable import CounterService

/// Pages that answer forms: kept for whoever sent them, with their fields marked, and addresses that stay on this site.
@Suite struct FormPageTests {
    // MARK: - Fields

    @Test func aFieldIsMarkedAndItsFaultLeadsToIt() {
        let page = [
            #"<li id="fault-0"><strong>long</strong> cut</li>"#, #"<li id="fault-1"><strong>no day</strong></li>"#,
            #"<input type="hidden" name="day" value="x">"#, #"<input id="day" name="day" aria-describedby="hint">"#,
            #"<input name="days">"#,
        ]
        var marked = page
        marked[1] = ##"<li id="fault-1"><a href="#day"><strong>no day</strong></a></li>"##
        marked[3] = #"<input id="day" name="day" aria-describedby="fault-1 hint" aria-invalid="true">"#
        #expect(FieldMarks.marked(page.joined(), [["elsewhere"], ["nowhere", "day"]]) == marked.joined())
    }

    @Test func ofSeveralChoicesAllAreMarkedAndTheFirstIsLedTo() {
        let page = #"<li id="fault-0"><strong>a</strong></li><input name="why" value="1"><input name="why" value="2">"#
        #expect(
            FieldMarks.marked(page, [["why"]])
                == ##"<li id="fault-0"><a href="#field-why"><strong>a</strong></a></li>"##
                + #"<input name="why" value="1" id="field-why" aria-describedby="fault-0" aria-invalid="true">"#
                + #"<input name="why" value="2" aria-describedby="fault-0" aria-invalid="true">"#)
    }

    @Test func whatWasTypedIsTakenForNoField() {
        let page =
            #"<li id="fault-0"><strong>a</strong></li><input name="q" value="&lt;input name=&quot;why&quot;&gt;">"#
        #expect(FieldMarks.marked(page, [["why"]]) == page)
        #expect(FieldMarks.marked(page, [["\" onfocus=\""]]) == page)
    }

    @Test func theTableNamesFaultsThatThereAre() throws {
        let fields = try FaultFields.bundled()
        let subjects: Set = [
            "citizen-number", "assigned-number", "card-number", "pin-approval", "approval", "stock", "reader", "chip",
            "name",
        ]
        for name in fields.known where !subjects.contains(name) {
            #expect(MessageCatalogue.standard.exitCode(for: FaultCode(rawValue: name)) != 70, "\(name)")
        }
        #expect(fields.names(of: Fault("date.calendar", ["column": "birthDate"])).first == "birthDate")
        #expect(fields.names(of: Fault("citizen-number.length")) == ["citizenNumber", "query"])
        #expect(
            fields.names(of: Fault("lifecycle.proof-missing", ["proofs": "face / signature"])) == [
                "proof-face", "proof-signature",
            ])
    }

    // MARK: - Addresses

    @Test(arguments: [
        "//evil.example", "/\\evil.example", "https://evil.example/", "/\tevil", "evil", "", "/ ", "/é",
        "/" + String(repeating: "x", count: 300),
    ])
    func anotherSitesAddressIsNone(text: String) {
        #expect(OwnPath.checked(text) == nil)
        #expect(OwnPath.wanted(text) == nil)
    }

    @Test func aLoginLeadsBackToPagesAndNothingElse() {
        #expect(
            OwnPath.login(backTo: "/cards/D00000000/hold?a=1&b=2") == "/login?to=/cards/D00000000/hold%3Fa%3D1%26b%3D2")
        #expect(OwnPath.login(backTo: "/search?answer=00", hasEnded: true) == "/login?ended=1&to=/search")
        for path in ["/", "/login?to=/x", "/logout", "/language/en", "/api/home", "/live"] {
            #expect(OwnPath.login(backTo: path) == "/login")
        }
    }

    // MARK: - Answers

    @Test func anAnswerIsForItsOwnPathAndTheOldestGiveWay() throws {
        var answers = KeptAnswers(most: 2)
        let first = try answers.keep(Response(status: .conflict), at: "/search")
        #expect(answers.answer(first, at: "/search")?.status == .conflict)
        #expect(answers.answer(first, at: "/stock") == nil)
        #expect(answers.answer("", at: "/search") == nil)
        let second = try answers.keep(Response(status: .ok), at: "/search")
        #expect(first != second)
        _ = try answers.keep(Response(status: .ok), at: "/search")
        #expect(answers.answer(first, at: "/search") == nil)
        #expect(answers.answer(second, at: "/search")?.status == .ok)
    }
}
