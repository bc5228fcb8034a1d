import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// Files whose commands travel under line protection: planned, made, torn, read, changed, and refused where somebody stands between.
@Suite struct ProtectedFileTests {
    // MARK: - Planned

    /// Type bytes EC, AE and A8, control bytes 7F and FF (cos-dialects §3.1, §3.3).
    @Test func theCreationBytesAreThoseOfTheManual() throws {
        let plan = try CardFactory(Self.compiled()).plan(Self.values)
        let created = plan.steps.filter { $0.purpose.kind == .createFile && $0.purpose.subject.hasPrefix("DF0A") }
            .map { $0.operation.printed(profile: plan.profile) }
        #expect(created == ["80E0EF0507EC00182144FF7F", "80E0EF0607AE0508F044FFFF", "80E0EF0707A8012C1144FF7F"])
        let one = try CardFactory(Self.compiled(profile: "secureMessaging: {encipheredFiles: 40}")).plan(Self.values)
        #expect(one.steps.contains { $0.operation.printed(profile: one.profile) == "80E0EF05076C00182144FF7F" })
    }

    /// `files`: bits of the type byte tell a protected file; of systems that have none, nothing is known, and the layout is refused.
    @Test(arguments: ["type-bits", "none"]) func aSystemWithoutATypeForThemHasNoProtectedFiles(setting: String) throws {
        do {
            let plan = try CardFactory(Self.compiled(profile: "secureMessaging: {files: \(setting)}"))
                .plan(Self.values)
            let created = plan.steps.map { $0.operation.printed(profile: plan.profile) }
            #expect(setting == "type-bits" && created.contains("80E0EF0507EC00182144FF7F"))
        } catch let error as any FaultReporting {
            #expect(setting == "none")
            #expect(Set(error.faults.map(\.code.rawValue)) == ["layout.protection-not-expressible"])
        }
    }

    @Test func eachProtectedCommandHasAChallengeAndNoneIsTooMany() throws {
        let plan = try CardFactory(Self.compiled()).plan(Self.values)
        #expect(plan.commandCount == plan.minimum.total)
        let steps = plan.steps
        var count = 0
        for (index, step) in steps.enumerated() {
            guard case .protected = step.operation else { continue }
            count += 1
            #expect(steps[index - 1].purpose.kind == .takeChallenge)
        }
        // EF05: two records made with their values, and read; EF06: two rows; EF07: 300 bytes in pieces of 235 to write and 240 to read
        #expect(count == 4 + 2 + 2 + 2)
        // a plan is for one person: what a slot will carry is in its hash
        let other = try CardFactory(Self.compiled()).plan(Self.values.merging(["libraryReader": "X"]) { $1 })
        #expect(try other.hash != plan.hash)
        // and its needs of the key service are foreseen
        #expect(plan.keyNeeds.contains(.lineProtection(.mac, .issuer(KeyName(rawValue: "STKDF0A")))))
        #expect(plan.keyNeeds.contains(.lineProtection(.encipheredWithMAC, .issuer(KeyName(rawValue: "STKDF0A")))))
        #expect(plan.keyNeeds.contains(.encipheredReading(.issuer(KeyName(rawValue: "STKDF0A")))))
    }

    // MARK: - Made

    @Test(arguments: [
        "", "secureMessaging: {readForm: counted}", "secureMessaging: {key: session-key, challenge: 8}",
        "secureMessaging: {encipheredFiles: 40}", "secureMessaging: {sm4: {macLength: 8, dataPadding: always}}",
    ])
    func aCardIsMadeAndReadBack(settings: String) throws {
        let finished = try Finished(settings)
        let read = try finished.read(VirtualCardChannel(finished.card))
        #expect(
            read["EF05"]
                == .records([
                    [0xED, 0x10] + Array(Self.secret.utf8) + [0, 0], [0xEE, 0x04, 0x20, 0x26, 0x07, 0x01],
                ]))
        #expect(read["EF07"] == .bytes([UInt8](repeating: 0x5A, count: 300)))
        guard case .records(let rows)? = read["EF06"] else { return #expect(Bool(false), "no rows") }
        // rows stand newest first, on the card as in the text
        #expect(rows.first == [0x20, 0x26, 0x07, 0x01] + Array("A1".utf8) + [0, 0])
    }

    @Test func whatIsSentHasTheLengthsOfThePlanAndHidesWhatItMust() throws {
        let factory = try CardFactory(Self.compiled())
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(factory.blank()))
        let plan = try factory.plan(Self.values)
        try workshop.begin(plan, on: relay, values: Self.values)
        let sent = relay.sent.filter { $0.ins != 0xC0 }
        #expect(sent.map(\.bytes.count) == plan.steps.map { $0.operation.length(profile: plan.profile) })
        let line = (relay.sent.map(\.bytes) + relay.answers.map(\.bytes)).map(\.hexadecimal)
        #expect(!line.contains { $0.contains(Array(Self.secret.utf8).hexadecimal) })
        #expect(line.contains { $0.contains("5A5A5A5A5A") }, "what has a MAC alone travels in plain")
    }

    // MARK: - Torn

    @Test(arguments: FaultChannel.Moment.allCases)
    func aTornCardIsFinishedFromEveryCut(moment: FaultChannel.Moment) throws {
        let factory = try CardFactory(Self.compiled())
        let plan = try factory.plan(Self.values)
        let whole = try Finished().card
        // The master file's key file stands and its first key does not: nobody has a right in the card any more.
        let keyFile = try #require(plan.steps.firstIndex { $0.purpose.kind == .createKeyFile })
        let fatal = moment == .beforeAnswer ? keyFile : keyFile + 1
        for step in 0..<plan.commandCount {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, moment) { card.powerOff() }
            #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn, values: Self.values) }
            do {
                try workshop.resume(plan, on: VirtualCardChannel(card))
                #expect(step != fatal, "step \(step)")
                #expect(card.image == whole.image, "step \(step)")
            } catch PersonalizationError.spoiled {
                #expect(step == fatal, "step \(step)")
            }
        }
    }
}
