import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Testing

@Suite struct ProfileReaderTests {
    @Test func theProfileStatesItsSettings() throws {
        let profile = try Home.library.profile(named: "fmcos-ssse")
        #expect(profile.algorithm == .tripleDES && profile.transport == .t0 && profile.pinLookup == .climb)
        #expect(profile.challengeLife == .socialSecurity && profile.challengeOrder == .newestIsFactor)
        #expect(profile.authenticationForms == [8, 16] && profile.sm4Authentication == .left8)
        #expect(profile.keyNotFound.rawValue == 0x9403 && profile.fileExists.rawValue == 0x6A86)
        #expect(profile.largestCommandData == 239 && profile.largestAnswerData == 239 && profile.longestRecord == 248)
        #expect(try Home.library.profile(named: "timecos").largestAnswerData == 178)
        #expect(profile.pinLength == 2...6)
        #expect(profile.transportKey == [UInt8](repeating: 0xFF, count: 16))
        let sm4 = try Home.library.profile(named: "fmcos-ssse-sm4")
        #expect(sm4.algorithm == .sm4)
        #expect(sm4.answerToResetPrefix != profile.answerToResetPrefix)
        #expect(sm4.directories["DF04"] == profile.directories["DF04"])
    }

    @Test func whatIsSaidOfSM4IsRead() throws {
        #expect(try Home.library.profile(named: "fmcos-ssse-sm4").secureMessaging.sm4 == .published)
        #expect(try Home.library.profile(named: "t514").secureMessaging.sm4 == .published)
        let scratch = try ScratchFolder()
        for name in ["fmcos-ssse", "fmcos-ssse-sm4"] {
            let text = try String(contentsOfFile: Home.path + "/CardLayouts/profiles/\(name).yaml", encoding: .utf8)
            _ = try scratch.write(text, to: name + ".yaml")
        }
        func read(_ name: String, _ settings: String) throws -> SM4LineForm {
            let text = "name: \(name)\nextends: fmcos-ssse-sm4\nsecureMessaging: {sm4: {\(settings)}}\n"
            return try COSProfileReader.read(scratch.write(text, to: name + ".yaml")).secureMessaging.sm4
        }
        #expect(try read("a", "macLength: 8") == SM4LineForm(macLength: 8))
        #expect(try read("b", "initialValue: complemented") == SM4LineForm(initialValue: .complemented))
        #expect(try read("c", "macPadding: when-needed") == SM4LineForm(macPadding: .whenNeeded))
        #expect(try read("d", "dataPadding: always") == SM4LineForm(dataPadding: .always))
        #expect(
            try read("i", "sessionKey: zero-filled") == SM4LineForm(blocks: SM4Blocks(sessionKey: .zeroFilled)))
        #expect(try read("j", "original: complemented") == SM4LineForm(blocks: SM4Blocks(original: .complemented)))
        #expect(
            try read("k", "plainChallenge: zero-filled")
                == SM4LineForm(blocks: SM4Blocks(plainChallenge: .zeroFilled)))
        for (name, wrong) in [
            ("l", "sessionKey: F"), ("m", "original: zeroFilled"), ("n", "plainChallenge: none"),
            ("e", "macLength: 16"), ("f", "initialValue: zero"), ("g", "macPadding: never"), ("h", "padding: always"),
        ] {
            #expect(throws: Faults.self, "\(wrong)") { try read(name, wrong) }
        }
    }

    /// Historical bytes T6–TD: card maker 2, then the six serial bytes that end the answer to reset.
    @Test func theCardFactorIsTheEndOfTheHistoricalBytes() throws {
        let profile = try Home.library.profile(named: "fmcos-ssse")
        let answer = try AnswerToReset(bytes: profile.answerToResetPrefix + [1, 2, 3, 4, 5, 6])
        #expect(answer.historicalBytes.count == 13)
        #expect(profile.cardFactor.factor(of: answer) == [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    }

    @Test func theKeysOfTheMedicalApplicationAllowPINThenKey() throws {
        let keys = try #require(try Home.library.profile(named: "fmcos-ssse").directories["DF04"]?.keys)
        let reading = keys.filter { $0.name == "RK1DF04" }
        #expect(reading.map(\.identifier) == [0xA1, 0xA9])
        #expect(reading.map(\.useRight) == [0xF0, 0x22])
        #expect(reading.map(\.nextState) == [1, 3])
    }

    @Test func faultsOfProfilesAreToldWithTheirPlaces() throws {
        let scratch = try ScratchFolder()
        let base = try String(contentsOfFile: Home.path + "/CardLayouts/profiles/fmcos-ssse.yaml", encoding: .utf8)
        _ = try scratch.write(base, to: "fmcos-ssse.yaml")
        let path = try scratch.write(
            """
            name: wrong
            extends: fmcos-ssse
            transport: t2
            sessionKeyWidth: 12
            cardFactor: {offset: 7, count: 6}
            transportKey: FFFF
            answerToReset: 3B00
            memorySize: lots
            directories:
              DF01:
                states:
                  F: RK1DF01
                  1: free
                keys:
                  39/91: {state: 7}
                  3A: {name: PIN}
                  3A/01: {name: PIN, state: 2, tries: 16}
            """, to: "wrong.yaml")
        let found = Home.faults { _ = try COSProfileReader.read(path) }
            .filter { $0.place?.file == path }
            .map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.code.rawValue)" }
        #expect(
            Set(found) == [
                "3:12 layout.unknown-choice", "4:18 layout.unknown-choice", "5:13 layout.card-factor-length",
                "6:15 data-file.not-hexadecimal", "7:16 layout.answer-to-reset", "8:13 data-file.not-an-integer",
                "12:7 layout.state-value", "13:10 layout.state-rule", "15:7 layout.state-of-key",
                "16:7 layout.key-identifier", "17:43 layout.out-of-range",
            ])
    }

    /// Who says that cards are blocked names the key for it.
    @Test func aCardBlockWantsItsKey() throws {
        let scratch = try ScratchFolder()
        let base = try String(contentsOfFile: Home.path + "/CardLayouts/profiles/fmcos-ssse.yaml", encoding: .utf8)
        let key = "      36/00: {name: BK}  # CARD BLOCK\n"
        #expect(base.contains(key))
        let path = try scratch.write(base.replacingOccurrences(of: key, with: ""), to: "fmcos-ssse.yaml")
        let found = Home.faults { _ = try COSProfileReader.read(path) }
        #expect(found.map(\.code) == ["layout.no-block-key"])
    }
}
