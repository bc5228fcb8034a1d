import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// Settings that no public text settles, each value through the making of a card: it is made, read back, and as the setting says.
@Suite struct SettingTests {
    private func made(
        _ settings: String, on chip: String = "fmcos-ssse", _ values: [String: String] = [:]
    ) throws -> (plan: CardPlan, sent: [CommandAPDU]) {
        let factory = try CardFactory(RegionLayout.compiled("profile: region", profile: settings, on: chip))
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(factory.blank()))
        let person = factory.person.merging(values) { $1 }
        let plan = try factory.plan(person)
        try workshop.begin(plan, on: relay, values: person)
        #expect(plan.commandCount == plan.minimum.total)
        return (plan, relay.sent)
    }

    /// T6 to TD of the answer to reset, or T8 to TD and 0000 (card.md §2.2): other keys, and so other cryptograms to the same challenges.
    @Test func cardFactor() throws {
        let answer = try AnswerToReset(
            bytes: #require([UInt8](hexadecimal: "3B6D000000904653318649990100000001")))
        for (setting, factor) in [
            ("{offset: 5, count: 8}", "8649990100000001"), ("{offset: 7, count: 6, suffix: 0000}", "9901000000010000"),
        ] {
            let profile = try RegionLayout.compiled("profile: region", profile: "cardFactor: \(setting)").profile
            #expect(profile.cardFactor.factor(of: answer)?.hexadecimal == factor)
            _ = try made("cardFactor: \(setting)")
        }
    }

    /// A photo of 4,096 bytes: 256 × 16, 41 × 100 (the last 96), 32 × 128, and 18 × 239, which is the most that a command takes.
    @Test(arguments: [("16", 256), ("100", 41), ("128", 32), ("255", 18)])
    func largestBinaryPiece(setting: String, pieces: Int) throws {
        let photo = [0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0x5A, count: 4091) + [0xFF, 0xD9]
        let (plan, sent) = try made("largestBinaryPiece: \(setting)", ["photo": photo.hexadecimal])
        #expect(plan.steps.count { $0.purpose == Purpose(.writeElement, "SSSE/EF08") } == pieces)
        let most = min(Int(setting) ?? 0, 239)
        #expect(sent.filter { $0.ins == 0xD6 }.map(\.data.count).max() == most)
    }

    /// With its value, by APPEND RECORD, or blank first, and then by UPDATE RECORD; the identification code is blank first in any case.
    @Test(arguments: [("with-value", 1), ("blank-first", 15)]) func recordCreation(setting: String, twice: Int) throws {
        let (plan, _) = try made("recordCreation: \(setting)")
        #expect(plan.recordsWrittenTwice == twice)
    }

    /// `blankAuthentication`: nothing, EXTERNAL AUTHENTICATE with the published transport key under 00, or T514's code of eight bytes in
    /// 80 E0 03 00 (cos-dialects §3.7); before the card is erased, or before its master file (§9).
    @Test(arguments: [
        ("none", "fmcos-ssse", ["800E0000", "80E03F00"]),
        ("transport-key", "fmcos-ssse", ["00840000", "00820000", "800E0000", "80E03F00"]),
        ("transport-code", "t514", ["80E10001", "80E00500", "80E00300", "80E00100"]),
    ])
    func blankAuthentication(setting: String, chip: String, first: [String]) throws {
        let (_, sent) = try made("blankAuthentication: \(setting)", on: chip)
        let headers = sent.map { [$0.cla, $0.ins, $0.p1, $0.p2].hexadecimal }
        #expect(Array(headers.prefix(first.count)) == first)
    }

    /// `firstMaster`: a published value in plain, which is replaced at once; or by cipher and MAC under the master above, which only the
    /// master file has not, and which takes a command less in each directory (cos-dialects §9).
    @Test(arguments: ["transport", "parent"]) func firstMaster(setting: String) throws {
        let (plan, sent) = try made("firstMaster: \(setting)")
        let keyFiles = plan.steps.count { $0.purpose.kind == .createKeyFile }
        let inPlain = setting == "transport" ? keyFiles : 1
        #expect(keyFiles > 1)
        #expect(sent.count { $0.ins == 0xD4 && $0.cla == 0x80 && $0.data.count >= 21 } == inPlain)
        #expect(plan.steps.count { $0.purpose.kind == .replaceMaster } == inPlain)
    }
}
