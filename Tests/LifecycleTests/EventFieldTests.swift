import CardData
import Lifecycle
import Testing

/// Fields of a body that came later than its kind: left out where there is nothing to say, so that no byte of before moves.
@Suite struct EventFieldTests {
    @Test func `the versions of a card's keys are a field of their own, left out when there are none`() throws {
        let plain = try Samples.facts()
        let facts = CardFacts(
            number: plain.number, person: plain.person, layout: plain.layout, profile: plain.profile, area: plain.area,
            issued: plain.issued, expires: plain.expires, planHash: plain.planHash, blankSerial: plain.blankSerial,
            keyVersions: "2,STKDF03=1")
        func body(_ facts: CardFacts) -> EventBody {
            EventBody(
                act: .personalized(facts), role: .personalizer, secondRole: nil, proofs: [], policyVersion: "default-1")
        }
        let with = body(facts).encoded
        // tag 29, two bytes of length, the text; the last field, for its tag is the highest
        #expect(with == body(plain).encoded + [0x29, 0, 11] + Array("2,STKDF03=1".utf8))
        #expect(try EventBody(kind: .personalized, encoded: with) == body(facts))
        #expect(throws: EventFormatError.fieldValue(0x29)) {
            try EventBody(kind: .personalized, encoded: body(plain).encoded + [0x29, 0, 0])
        }
    }

    @Test func `the return that told of a failed making is a field of its own, left out when there was none`() throws {
        func body(_ mark: ReturnMark?) -> EventBody {
            EventBody(
                act: .application(EventIdentifier(counter: 7, sequence: 3), .productionFailed(mark)),
                role: .personalizer, secondRole: nil, proofs: [], policyVersion: "default-1")
        }
        let hash = [UInt8](repeating: 0xC3, count: 32)
        let with = body(ReturnMark(bytes: hash)).encoded
        // tag 54, two bytes of length, the hash; behind the application, whose tag is lower
        #expect(with == body(nil).encoded + [0x54, 0, 32] + hash)
        #expect(try EventBody(kind: .productionFailed, encoded: with) == body(ReturnMark(bytes: hash)))
        #expect(throws: EventFormatError.fieldValue(0x54)) {
            try EventBody(kind: .productionFailed, encoded: body(nil).encoded + [0x54, 0, 1, 0xC3])
        }
    }

    @Test func `an agent stands sealed behind the policy, and is left out where the holder came`() throws {
        func body(_ agent: [UInt8]) -> EventBody {
            EventBody(
                act: .handedOver, role: .teller, secondRole: nil, proofs: [], policyVersion: "p", sealedAgent: agent)
        }
        let plain = body([]).encoded
        #expect(body([7, 7]).encoded == plain + [0x05, 0, 2, 7, 7])
        #expect(try EventBody(kind: .handedOver, encoded: plain + [0x05, 0, 2, 7, 7]) == body([7, 7]))
        #expect(throws: EventFormatError.fieldValue(0x05)) {
            try EventBody(kind: .handedOver, encoded: plain + [0x05, 0, 0])
        }
    }

    @Test(arguments: [
        ("李四", "990101199003070018", "applicant"), ("12345", "E12345678", "name.character"),
        ("李四", "E123", "agent.document"), ("李四", "<script>", "agent.document"),
    ])
    func `an agent has a name and a document`(name: String, document: String, code: String) throws {
        let agent = try Agent(name: "李四", document: " e1234 5678 ")
        #expect(agent.document == "E12345678")
        #expect("\(agent)" == "李* E1*****78")
        #expect(Agent(plain: agent.plain) == agent)
        #expect(throws: Faults.self) { try Agent(name: name, document: document) }
        if code != "applicant" {
            let faults = #expect(throws: Faults.self) { try Agent(name: name, document: document) }
            #expect(faults?.faults.map(\.code.rawValue) == [code])
        }
    }

    @Test func `why a making failed stands behind the return that told it, on one line and without a person's number`()
        throws
    {
        func body(_ why: FailureNote?) -> EventBody {
            EventBody(
                act: .application(
                    EventIdentifier(counter: 7, sequence: 3),
                    .productionFailed(ReturnMark(bytes: [UInt8](repeating: 0xC3, count: 32)), why: why)),
                role: .personalizer, secondRole: nil, proofs: [], policyVersion: "default-1")
        }
        let why = FailureNote(" 照片不清\n99012420260125311X，第 12345 行 ")
        #expect(why?.text == "照片不清 …第 12345 行")
        #expect(FailureNote(" \r\n") == nil)
        let with = body(why).encoded
        let text = Array("照片不清 …第 12345 行".utf8)
        #expect(with == body(nil).encoded + [0x55, 0, UInt8(text.count)] + text)
        #expect(try EventBody(kind: .productionFailed, encoded: with) == body(why))
        #expect(throws: EventFormatError.fieldValue(0x55)) {
            try EventBody(kind: .productionFailed, encoded: body(nil).encoded + [0x55, 0, 1, 0x0A])
        }
    }

    @Test func `why an application was sent back or rejected is a field of its own, left out where nobody said it`()
        throws
    {
        func body(_ step: ApplicationStep) -> EventBody {
            EventBody(
                act: .application(EventIdentifier(counter: 7, sequence: 3), step), role: .supervisor, secondRole: nil,
                proofs: [], policyVersion: "default-1")
        }
        let note = try #require(FailureNote("no photo"))
        let steps: [(ApplicationStep, ApplicationStep)] = [
            (.supplementAsked(), .supplementAsked(why: note)), (.rejected(.other), .rejected(.other, why: note)),
        ]
        for (plain, told) in steps {
            let with = body(told).encoded
            // tag 55, two bytes of length, the words; behind the application, whose tag is lower
            #expect(with == body(plain).encoded + [0x55, 0, 8] + Array("no photo".utf8))
            #expect(try EventBody(kind: told.kind, encoded: with) == body(told))
            #expect(try EventBody(kind: told.kind, encoded: body(plain).encoded) == body(plain))
        }
    }
}
