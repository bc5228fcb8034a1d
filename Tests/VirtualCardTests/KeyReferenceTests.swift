import CardLayout
import Testing
import VirtualCard

/// How EXTERNAL AUTHENTICATE names keys, and what must be selected first: settings in which makers differ.
@Suite struct KeyReferenceTests {
    // E(K, 1122334455667788) under 0123456789ABCDEFFEDCBA9876543210, by `openssl enc -des-ede -nopad`
    private static let cryptogram = "3EB3B72576BBBE83"

    /// Key 39/05 in the master file and 39/06 in DF01, both free to use.
    private func card(_ settings: String) throws -> TestCard {
        let card = try TestCard(settings, challenges: Array(repeating: "1122334455667788", count: 9))
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401051539F0F00555" + TestCard.key,
            "80E0DF010D380200F0F0FFFFFF4142434445", "00A4000002DF01", TestCard.keyFile,
            "80D401061539F0F00655" + TestCard.key)
        return card
    }

    private func authenticate(_ card: TestCard, _ reference: String) throws -> String {
        try card.challenge()
        return try card.send("008200\(reference)08" + Self.cryptogram)
    }

    /// cos-dialects §3.6: bit 8 of P2 is 0 for a global key and 1 for a local one.
    @Test func aDirectorysOwnKeyIsNamedWithBitEight() throws {
        let card = try card("localKeyBit: true")
        #expect(try authenticate(card, "86") == "9000")
        #expect(try authenticate(card, "06") == "6A88")
        #expect(try authenticate(card, "05") == "9000")
        #expect(try authenticate(card, "85") == "6A88")
        #expect(try card.send("00A40000023F00").hasSuffix("9000"))
        #expect(try authenticate(card, "05") == "9000")
        #expect(try authenticate(card, "85") == "9403")
    }

    @Test func elsewhereTheIdentifierIsAllOfIt() throws {
        let card = try card("localKeyBit: false")
        #expect(try authenticate(card, "06") == "9000")
        #expect(try authenticate(card, "86") == "6A88")
        #expect(try authenticate(card, "05") == "6A88")
    }

    /// What is sent by the profiles of the makers.
    @Test(arguments: [("mcos", "8A", "00"), ("fmcos-ssse", "0A", "00")])
    func theReaderNamesKeysAsTheProfileSays(name: String, reference: String, ofMaster: String) throws {
        let profile = try LayoutLibrary(home: TestProfile.home).profile(named: name)
        let key = try #require(profile.directories["SSSE"]?.keys.first { $0.name == "RKSSSE" })
        #expect([key.reference] == [UInt8](try bytes(reference)))
        #expect(key.identifier == 0x0A)
        #expect(profile.directories["MF"]?.masterKey.map { [$0.reference] } == (try bytes(ofMaster)))
    }

    // MARK: - The master file first

    @Test func aCardMayOpenNothingBeforeItsMasterFile() throws {
        let card = try card("selectsMasterFileFirst: true")
        card.powerOn()
        try card.refuse("00A4000002DF01", "6A82")
        #expect(try card.send("00A40000023F00").hasSuffix("9000"))
        try card.accept("00A4000002DF01")
        card.powerOff()
        try card.refuse("00A40400054142434445", "6A82")
        let other = try self.card("selectsMasterFileFirst: false")
        other.powerOn()
        try other.accept("00A4000002DF01")
    }

    /// TimeCOS resets the PIN with P1 P2 00 00 (cos-dialects §6.6); its card takes the other forms too (§12), and has no PIN yet.
    @Test func aTimeCOSCardIsSentItsOwnResetAndTakesEach() throws {
        let profiles = LayoutLibrary(home: TestProfile.home)
        #expect(try profiles.profile(named: "timecos").pinCommands.resetParameters == [0x00, 0x00])
        #expect(try profiles.profile(named: "fmcos").pinCommands.resetParameters == [0x00, 0x01])
        let card = try TestCard("", of: "timecos")
        for parameters in ["0000", "0001", "0100"] {
            try card.refuse("8424\(parameters)0C112233445566778811223344", "9403")
        }
        try card.refuse("842400020C112233445566778811223344", "6A86")
    }
}
