import ByteText
import Testing

/// INTERNAL AUTHENTICATE in the social security form (card.md §2.1; fmcos-ssse); answers computed with `openssl enc`.
@Suite struct InternalAuthenticationTests {
    private static let first = "1122334455667788"
    private static let second = "99AABBCCDDEEFF01"
    private static let command = "0088000010" + first + second

    private func card(
        _ settings: String = "", of profile: String = "fmcos-ssse", transport: String = "direct"
    ) throws -> TestCard {
        let card = try TestCard(
            settings, of: profile, transport: transport,
            challenges: [ExternalAuthenticationTests.older, ExternalAuthenticationTests.newer])
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001534F0F00000" + TestCard.key,
            "80D401011539F0F00533" + TestCard.key, "80D401021534F5F00000" + TestCard.key)
        return card
    }

    /// SK = 3DES(K, factor), answer = DES(SK, original); the order of both is the profile's.
    @Test(arguments: [
        ("internalAuthenticationOrder: factor-first", "fmcos-ssse", "F7BD8CBB91BBF8ED"),
        ("internalAuthenticationOrder: original-first", "fmcos-ssse", "8E767791E67737C0"),
        ("sessionKeyWidth: 16", "fmcos-ssse", "1C3AB80A8715D4FB"),
        ("sm4Authentication: left8", "fmcos-ssse-sm4", "B9E5A5C5BC7572A7"),
    ])
    func theAnswerHasTheProfilesForm(settings: String, profile: String, answer: String) throws {
        let card = try card(settings, of: profile)
        #expect(try card.send(Self.command) == answer + "9000")
    }

    @Test func sm4MayAnswerAWholeBlock() throws {
        let card = try card("sm4Authentication: full16", of: "fmcos-ssse-sm4")
        let data = "00112233445566778899AABBCCDDEEFF" + "FFEEDDCCBBAA99887766554433221101"
        #expect(try card.send("0088000020" + data) == "ACE92DB8103E54F0993FB63512F035FB" + "9000")
        try card.refuse(Self.command, "6700")
    }

    /// The challenges of external authentication stay, and so does the register (fmcos-ssse, cos-dialects §6.6).
    @Test func itLeavesChallengesAndStates() throws {
        let card = try card()
        try card.challenge(2)
        #expect(try card.send(Self.command).hasSuffix("9000"))
        try card.refuse("0088000210" + Self.first + Self.second, "6982")
        try card.accept(ExternalAuthenticationTests.session)
        #expect(try card.send("0088000210" + Self.first + Self.second) == "F7BD8CBB91BBF8ED9000")
    }

    @Test func otherKeysLengthsAndParametersAreRefused() throws {
        let card = try card()
        try card.refuse("0088000110" + Self.first + Self.second, "9403")
        try card.refuse("0088000008" + Self.first, "6700")
        try card.refuse("0088010010" + Self.first + Self.second, "6A86")
        let bare = try TestCard()
        try bare.accept(TestCard.masterFile)
        try bare.refuse(Self.command, "6A82")
    }

    @Test func underT0TheAnswerWaits() throws {
        let card = try card(transport: "t0")
        #expect(try card.send(Self.command) == "6108")
        #expect(try card.send("00C0000008") == "F7BD8CBB91BBF8ED9000")
    }
}
