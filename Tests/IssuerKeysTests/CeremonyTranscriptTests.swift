import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct CeremonyTranscriptTests {
    private static let refused: Set<String> = [
        "transcript.form", "transcript.not-finished", "transcript.opening", "transcript.order", "transcript.time",
        "transcript.chain", "transcript.signature", "transcript.equal-components", "transcript.not-in-roster",
    ]

    @Test func `a transcript is verified without a secret, and with the roster`() throws {
        let custodians = try Custodians()
        let transcript = try custodians.finished().transcript
        let verified = try CeremonyTranscript.verify(Array(transcript.fileText.utf8), roster: custodians.roster)
        #expect(verified.record.outcome == transcript.record.outcome)
        _ = try CeremonyTranscript.verify(Array(transcript.fileText.utf8))
    }

    @Test func `a transcript with any one byte altered, left out or doubled is refused with a reason`() throws {
        let custodians = try Custodians(2)
        var ceremony = try custodians.committed(Array(Custodians.components.prefix(2)))
        let hierarchy = try Surroundings.hierarchy()
        let transcript = try ceremony.finish(custodians.keys, hierarchy: hierarchy, time: Custodians.start).transcript
        let text = Array(transcript.fileText.utf8)
        func check(_ altered: [UInt8], _ place: Int) {
            let found = codes { _ = try CeremonyTranscript.verify(altered) }
            #expect(found.count == 1 && Self.refused.isSuperset(of: found), "byte \(place): \(found)")
            // where its format stands, and here and there
            if !altered.isEmpty, place < 80 || place % 50 == 0 {
                #expect(SignedPaper(altered) == .transcript, "byte \(place)")
            }
        }
        for place in text.indices {
            var altered = text
            // stays a digit, letter or blank where it was one, so that the checks behind the syntax are met too
            altered[place] = [0x39: 0x38, 0x46: 0x45, 0x7A: 0x79, 0x20: 0x0A][text[place]] ?? text[place] + 1
            check(altered, place)
        }
        check(Array(text.dropLast()), text.count)
        check(text + [0x0A], text.count)
        check(text + text, text.count)
        check([], 0)
    }

    @Test func `a file of another kind is no transcript that somebody altered`() throws {
        let custodians = try Custodians()
        let (opened, ended) = (try custodians.committed(Custodians.components), try custodians.finished())
        #expect(SignedPaper(Array(ended.transcript.fileText.utf8)) == .transcript)
        for text in [opened.stateText, try custodians.roster.fileText, "", "citizenNumber,name\n", "{}"] {
            #expect(SignedPaper(Array(text.utf8)) == nil, "\(text.prefix(60))")
        }
    }

    @Test func `each fault is told by its name`() throws {
        let custodians = try Custodians()
        let record = try custodians.finished().transcript.record
        func codes(_ change: (inout CeremonyRecord) -> Void) -> [String] {
            var changed = record
            change(&changed)
            return IssuerKeysTests.codes {
                _ = try CeremonyTranscript.verify(Array(CeremonyTranscript(record: changed).fileText.utf8))
            }
        }
        #expect(codes { $0.outcome = nil } == ["transcript.not-finished"])
        #expect(codes { $0.commitments.swapAt(0, 1) } == ["transcript.order"])
        #expect(codes { $0.commitments.removeLast() } == ["transcript.order"])
        #expect(codes { $0.commitments.append($0.commitments[0]) } == ["transcript.order"])
        let other = try custodians.finished().transcript.record
        #expect(codes { $0.commitments[1] = other.commitments[1] } == ["transcript.chain"])
        #expect(codes { $0.outcome = other.outcome } == ["transcript.chain"])
    }

    @Test func `keys that are not the roster's are told`() throws {
        let transcript = try Custodians().finished().transcript
        let others = try Custodians().roster
        #expect(
            codes { _ = try CeremonyTranscript.verify(Array(transcript.fileText.utf8), roster: others) }
                == ["transcript.not-in-roster", "transcript.not-in-roster", "transcript.not-in-roster"])
    }

    @Test func `a custodian's file opens with its passphrase only, and no byte of it can be changed`() throws {
        let key = try CustodianKey.make(number: 1001, name: "张一")
        let secret = SecretBytes(copying: Array("correct horse".utf8))
        for seal in Seal.allCases {
            let text = try key.fileText(passphrase: secret, seal: seal, cost: Custodians.cheap)
            let opened = try CustodianKey.open(DataFile.parse(text, file: "key"), passphrase: secret)
            #expect(opened.custodian == key.custodian)
            let signature = try opened.sign([1, 2, 3])
            #expect(try key.custodian.hasSigned([1, 2, 3], signature))
            #expect(try !key.custodian.hasSigned([1, 2, 4], signature))
            let wrong = SecretBytes(copying: Array("correct house".utf8))
            #expect(
                codes { _ = try CustodianKey.open(DataFile.parse(text, file: "key"), passphrase: wrong) }
                    == ["custodian.not-opened"])
            let renamed = text.replacingOccurrences(of: "张一", with: "张二")
            #expect(
                codes { _ = try CustodianKey.open(DataFile.parse(renamed, file: "key"), passphrase: secret) }
                    == ["custodian.not-opened"])
        }
    }

    @Test func `a roster is read as it was written and refuses people who are in it twice`() throws {
        let custodians = try Custodians()
        try withFolder { folder in
            try DurableFile.create(custodians.roster.fileText, at: folder + "/roster.json")
            #expect(try CustodianRoster.read(folder + "/roster.json") == custodians.roster)
            #expect(
                codes { try DurableFile.create("x", at: folder + "/roster.json") } == ["record.exists"])
            #expect(try CustodianRoster.read(folder + "/roster.json") == custodians.roster)
        }
        let people = custodians.keys.map(\.custodian)
        #expect(codes { _ = try CustodianRoster(people + [people[1]]) } == ["custodian.twice"])
        for name in ["", " x", "x\n", "a\u{0}b", String(repeating: "x", count: 65)] {
            #expect(codes { _ = try Custodian(number: 1, name: name, point: people[0].point) } == ["custodian.value"])
        }
        #expect(codes { _ = try Custodian(number: 0, name: "x", point: people[0].point) } == ["custodian.value"])
        #expect(
            codes { _ = try Custodian(number: 1, name: "x", point: [UInt8](repeating: 4, count: 65)) }
                == ["custodian.value"])
    }

    /// Expected values of `date -u -d @N +%FT%TZ`.
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_795_891_620, "2026-11-28T18:47:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
    ])
    func `times are written and read`(seconds: UInt64, text: String) {
        #expect(RecordTime(seconds: seconds).description == text)
        #expect(RecordTime(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "2026-11-28", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-11-28T18:47:00+", "2026-11-28 18:47:00Z", "2026-00-10T00:00:00Z", "2026-01-01T00:60:00Z",
    ])
    func `what is no time is not read`(text: String) { #expect(RecordTime(text) == nil) }
}
