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
        // SK = SM4(K, factor ‖ 00×8); then SM4(SK, original ‖ NOT original) under SM4(K, factor ‖ NOT factor)
        ("secureMessaging: {sm4: {sessionKey: zero-filled}}", "fmcos-ssse-sm4", "88270FEEE64A8D2C"),
        ("secureMessaging: {sm4: {original: complemented}}", "fmcos-ssse-sm4", "777F1CA952A0A598"),
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
        // a key of another kind; a parameter that is none
        try card.refuse("0088010010" + Self.first + Self.second, "6981")
        try card.refuse("0088030010" + Self.first + Self.second, "6A86")
        let bare = try TestCard()
        try bare.accept(TestCard.masterFile)
        try bare.refuse(Self.command, "6A82")
    }

    @Test func underT0TheAnswerWaits() throws {
        let card = try card(transport: "t0")
        #expect(try card.send(Self.command) == "6108")
        #expect(try card.send("00C0000008") == "F7BD8CBB91BBF8ED9000")
    }

    /// The manuals' samples (FMCOS with an 8-byte key, TimeCOS with its factory key): P1 00 enciphers, 01 deciphers, 02 makes
    /// a MAC, each with a key type of its own.
    @Test(arguments: [
        ("1122334455667788", "0102030405060708", "178F59F8578E0D3F", "A82A8CEB"),
        ("57415443484441544154696D65434F53", "1122334455667788", "07CBF615E7D72F96", "8756E285"),
    ])
    func thePlainFormsAreThoseOfTheManuals(key: String, data: String, cipher: String, mac: String) throws {
        let card = try TestCard()
        let length = key.count == 16 ? "0D" : "15"
        try card.accept(TestCard.masterFile, TestCard.keyFile)
        for type in ["30", "31", "32"] {
            try card.accept("80D401\(type)\(length)\(type)F0F00001\(key)")
        }
        #expect(try card.send("0088003008\(data)") == cipher + "9000")
        #expect(try card.send("0088013108\(cipher)") == data + "9000")
        #expect(try card.send("0088023208\(data)") == mac + "9000")
        #expect(try card.send("0088003010\(data)\(data)") == cipher + cipher + "9000")
        try card.refuse("0088003008\(data.dropLast(2))".replacing("003008", with: "003007"), "6700")
        try card.refuse("0088013008\(data)", "6981")
        try card.refuse("0088023308\(data)", "9403")
    }

    /// A key that makes session cryptograms enciphers nothing else: its session keys could be had by asking.
    @Test func theInternalKeyOfASocialSecurityCardAnswersInOneFormOnly() throws {
        try card().refuse("0088000008" + Self.first, "6700")
        let plain = try card("authenticationForms: [8]")
        #expect(try plain.send("0088000008" + Self.first).count == 20)
    }
}
