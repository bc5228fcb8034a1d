import Testing
import VirtualCard

/// How MACs and cipher texts of line protection are made, each value of each setting by a command whose bytes nobody here computed, and
/// the command of the other value refused (cos-dialects §5, §8).
///
/// MACs and cipher texts by Python's cryptography: UPDATE BINARY of 11 bytes A5, which fill a block of SM4 with their header, or of 15,
/// which fill one with their length in front; key 0123456789ABCDEFFEDCBA9876543210, challenge 1122334455667788.
@Suite struct LineFormTests {
    /// A setting, the type of the file, and the data that go with it and with another value.
    struct Case: Sendable, CustomTestStringConvertible {
        let profile: String
        let setting: String
        var type = "A8"
        let right: String
        let other: String
        var testDescription: String { "\(profile) \(setting)" }
    }

    private static let data = "0FA5A5A5A5A5A5A5A5A5A5A5"
    private static let padded = "24E66DC2EA86EAA223BFEED29473A97EAE8C338E5A27E349BEAE39214FEDA970997212EDBC"
    private static let unpadded = "14E66DC2EA86EAA223BFEED29473A97EAE65128FC6"

    static let cases = [
        Case(
            profile: "fmcos-ssse", setting: "key: card-key", right: data + "93CB771E", other: data + "C9F8FE7C"),
        Case(
            profile: "fmcos-ssse", setting: "key: session-key", right: data + "C9F8FE7C", other: data + "93CB771E"),
        Case(
            profile: "fmcos-ssse-sm4", setting: "sm4: {initialValue: zero-filled}", right: data + "6CCC2566",
            other: data + "CF57295E"),
        Case(
            profile: "fmcos-ssse-sm4", setting: "sm4: {initialValue: complemented}", right: data + "CF57295E",
            other: data + "6CCC2566"),
        Case(
            profile: "fmcos-ssse-sm4", setting: "sm4: {macPadding: always}", right: data + "6CCC2566",
            other: data + "9F90CD7E"),
        Case(
            profile: "fmcos-ssse-sm4", setting: "sm4: {macPadding: when-needed}", right: data + "9F90CD7E",
            other: data + "6CCC2566"),
        Case(
            profile: "fmcos-ssse-sm4", setting: "sm4: {dataPadding: when-needed}", type: "E8", right: unpadded,
            other: padded),
        Case(
            profile: "fmcos-ssse-sm4", setting: "sm4: {dataPadding: always}", type: "E8", right: padded, other: unpadded
        ),
    ]

    @Test(arguments: cases) func aCommandOfTheProfilesFormIsTakenAndOneOfAnotherIsNot(example: Case) throws {
        let card = try TestCard(
            "secureMessaging: {\(example.setting)}", of: example.profile,
            challenges: Array(repeating: "1122334455667788", count: 4))
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001536F0F0FF33" + TestCard.key,
            "80E0001607\(example.type)0010F0F0FF7F")
        try card.challenge()
        #expect(try card.send("04D69600" + example.other) != "9000")
        try card.challenge()
        #expect(try card.send("04D69600" + example.right) == "9000")
    }
}
