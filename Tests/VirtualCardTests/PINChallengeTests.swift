import Testing
import VirtualCard

/// `pinChallenge`: how many bytes the card gives before RESET AND UNBLOCK PIN, and how they begin its MAC (cos-dialects §5, §6.6).
///
/// Cipher texts and MACs by Python's cryptography: key 0123456789ABCDEFFEDCBA9876543210, PIN 567890, initial value the challenge and
/// zeros behind it; or a session key of the challenge, and zeros.
@Suite struct PINChallengeTests {
    /// A profile, whose key protects, the bytes of the challenge, and the command that they make.
    struct Case: Sendable, CustomTestStringConvertible {
        let profile: String
        var pinKey = "card-key"
        let count: Int
        let command: String
        var testDescription: String { "\(profile) \(pinKey) \(count)" }
    }

    static let cases = [
        Case(profile: "fmcos-ssse", count: 4, command: "842400010CC0DD66581259438DC382F9F1"),
        Case(profile: "fmcos-ssse", count: 8, command: "842400010CC0DD66581259438D732878D2"),
        Case(
            profile: "fmcos-ssse", pinKey: "session-key", count: 8, command: "842400010CAEEEB7A585E854B88C08F0C8"),
        Case(
            profile: "fmcos-ssse-sm4", count: 4, command: "8424000114C82E6AA29106001AB830AAFB05CAFC308F452EDF"),
        Case(
            profile: "fmcos-ssse-sm4", count: 8, command: "8424000114C82E6AA29106001AB830AAFB05CAFC304053AB1D"),
        Case(
            profile: "fmcos-ssse-sm4", count: 16, command: "8424000114C82E6AA29106001AB830AAFB05CAFC30472D8F46"),
    ]

    @Test(arguments: cases) func aChallengeOfTheProfilesLengthMakesTheMAC(example: Case) throws {
        let challenge = String("112233445566778899AABBCCDDEEFF00".prefix(2 * example.count))
        let card = try TestCard(
            "secureMessaging: {pinChallenge: \(example.count), pinKey: \(example.pinKey)}", of: example.profile,
            challenges: [challenge])
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001537F0F0FF33" + TestCard.key, "80D40100083AF0EF0133123456")
        #expect(try card.send("00840000" + (example.count < 16 ? "0\(example.count)" : "10")) == challenge + "9000")
        #expect(try card.send(example.command) == "9000")
        try card.accept("0020000003567890")
    }
}
