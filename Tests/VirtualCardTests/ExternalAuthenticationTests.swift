import ByteText
import Testing

/// EXTERNAL AUTHENTICATE (cos-dialects §5, §6.6, §11; fmcos-ssse).
///
/// Cryptograms beside no source of their own were computed with `openssl enc` (des-ede, des-ecb, sm4-ecb) under
/// ``TestCard/key`` for the challenges ``older`` and ``newer``.
@Suite struct ExternalAuthenticationTests {
    static let older = "1122334455667788"
    static let newer = "99AABBCCDDEEFF01"
    /// SK = 3DES(K, newer); X = DES(SK, older); then Y = older.
    static let session = "0082000110" + "8E767791E67737C0" + older
    /// 3DES(K, newer).
    static let plain = "0082000108" + "FBAA1CFF20F35520"

    /// A card with key 39/01 that leads to state 5 after at most three tries, and a file that state 5 opens.
    private func card(
        _ settings: String = "", of profile: String = "fmcos-ssse", challenges: [String]? = [older, newer]
    ) throws -> TestCard {
        let card = try TestCard(settings, of: profile, challenges: challenges)
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401011539F0F00533" + TestCard.key, "80E000010728000155F0FFFF")
        card.powerOn()
        return card
    }

    private func isOpen(_ card: TestCard) throws -> Bool { try card.send("00B0810001") == "FF6281" }

    // MARK: - Plain

    /// FMCOS manual; a real FMCOS card with FF×8 and FF×16 (cos-dialects §5).
    @Test(arguments: [
        ("0D39F0F0AA330102030405060708", "BB83BFF3", "74B0047DD681D96C"),
        ("0D39F0F0AA33FFFFFFFFFFFFFFFF", "53FD1F262EC4E6E2", "A0DBBFC1192FF24A"),
        ("1539F0F0AA33FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "53FD1F262EC4E6E2", "A0DBBFC1192FF24A"),
    ])
    func thePublishedCryptogramsAreTaken(key: String, challenge: String, cryptogram: String) throws {
        let card = try TestCard(challenges: [challenge, challenge])
        try card.accept(TestCard.masterFile, TestCard.keyFile, "80D40100" + key)
        let length = challenge.count == 8 ? "04" : "08"
        #expect(try card.send("00840000" + length) == challenge + "9000")
        #expect(try card.send("0082000008" + "0" + cryptogram.dropFirst()) == "63C2")
        try card.send("00840000" + length)
        try card.accept("0082000008" + cryptogram)
    }

    @Test func thePlainFormUsesTheNewestChallenge() throws {
        let card = try card()
        try card.challenge(2)
        try card.accept(Self.plain)
        #expect(try isOpen(card))
    }

    @Test func sm4PlainTakesTheLeftHalf() throws {
        let card = try card(of: "fmcos-ssse-sm4")
        try card.challenge(2)
        // left 8 of SM4(K, newer ‖ NOT newer)
        try card.accept("0082000108" + "086E7FDCC9E5A120")
    }

    // MARK: - X ‖ Y

    @Test func theSessionFormUsesBothChallenges() throws {
        let card = try card()
        try card.challenge(2)
        #expect(try !isOpen(card))
        try card.accept(Self.session)
        #expect(try isOpen(card))
    }

    @Test func aKeyVersionMayFollow() throws {
        let card = try card()
        try card.challenge(2)
        try card.accept("0082000111" + "8E767791E67737C0" + Self.older + "00")
    }

    @Test func aWrongXAndAWrongYCostATryEach() throws {
        let card = try card(challenges: [Self.older, Self.newer, Self.older, Self.newer, Self.older, Self.newer])
        try card.challenge(2)
        #expect(try card.send("0082000110" + "8E767791E67737C1" + Self.older) == "63C2")
        try card.challenge(2)
        // X is right for this Y, but Y was never the card's challenge
        #expect(try card.send("0082000110" + "22D5B58029CCC8E6" + "0F1E2D3C4B5A6978") == "63C1")
        #expect(try !isOpen(card))
        try card.challenge(2)
        try card.accept(Self.session)
    }

    @Test func aProfileMayTakeAnyOriginalButNoWrongX() throws {
        let card = try card(
            "acceptsAnyOriginal: true", challenges: [Self.older, Self.newer, Self.older, Self.newer])
        try card.challenge(2)
        #expect(try card.send("0082000110" + "22D5B58029CCC8E7" + "0F1E2D3C4B5A6978") == "63C2")
        try card.challenge(2)
        try card.accept("0082000110" + "22D5B58029CCC8E6" + "0F1E2D3C4B5A6978")
    }

    @Test func theSessionKeyMayHaveSixteenBytes() throws {
        let card = try card("sessionKeyWidth: 16", challenges: [Self.older, Self.newer, Self.older, Self.newer])
        try card.challenge(2)
        #expect(try card.send(Self.session) == "63C2")
        try card.challenge(2)
        // SK = 3DES(K, newer) ‖ 3DES(K, NOT newer); X = 3DES(SK, older)
        try card.accept("0082000110" + "F3041DAD043EC64A" + Self.older)
    }

    /// Two drivers disagree on the order (card.md §2.2).
    @Test func theNewestChallengeMayBeTheOriginal() throws {
        let card = try card(
            "challengeOrder: newest-is-original", challenges: [Self.older, Self.newer, Self.older, Self.newer])
        try card.challenge(2)
        #expect(try card.send(Self.session) == "63C2")
        try card.challenge(2)
        // SK = 3DES(K, older); X = DES(SK, newer)
        try card.accept("0082000110" + "F7BD8CBB91BBF8ED" + Self.newer)
    }

    @Test func sm4KeepsTheLeftHalf() throws {
        let card = try card(of: "fmcos-ssse-sm4")
        try card.challenge(2)
        // SK = SM4(K, newer ‖ NOT newer); left 8 of SM4(SK, older ‖ 00×8)
        try card.accept("0082000110" + "5F8C4130C14E2B73" + Self.older)
        #expect(try isOpen(card))
    }

    /// What fills the blocks of SM4 is the profile's: each value by the commands beside `SM4BlocksTests`, and the other value's
    /// cryptogram refused.
    @Test(arguments: [
        ("sessionKey: zero-filled", "10" + "EF348DE84AAD242B" + older, "10" + "5F8C4130C14E2B73" + older),
        ("original: complemented", "10" + "318245DA7FC7E9D0" + older, "10" + "5F8C4130C14E2B73" + older),
        ("plainChallenge: zero-filled", "08" + "6EB8F44BC40D15CD", "08" + "086E7FDCC9E5A120"),
        ("sessionKey: complemented", "10" + "5F8C4130C14E2B73" + older, "10" + "EF348DE84AAD242B" + older),
        ("original: zero-filled", "10" + "5F8C4130C14E2B73" + older, "10" + "318245DA7FC7E9D0" + older),
        ("plainChallenge: complemented", "08" + "086E7FDCC9E5A120", "08" + "6EB8F44BC40D15CD"),
    ])
    func sm4FillsItsBlocksAsTheProfileSays(setting: String, right: String, other: String) throws {
        let card = try card(
            "secureMessaging: {sm4: {\(setting)}}", of: "fmcos-ssse-sm4",
            challenges: [Self.older, Self.newer, Self.older, Self.newer])
        try card.challenge(2)
        #expect(try card.send("00820001" + other) == "63C2")
        try card.challenge(2)
        try card.accept("00820001" + right)
        #expect(try isOpen(card))
    }

    @Test func sm4MayUseWholeBlocks() throws {
        let older = "00112233445566778899AABBCCDDEEFF"
        let newer = "FFEEDDCCBBAA99887766554433221101"
        let card = try card(
            "sm4Authentication: full16", of: "fmcos-ssse-sm4", challenges: [older, newer, older, newer, Self.older])
        for _ in 0..<2 { #expect(try card.send("0084000010").hasSuffix("9000")) }
        #expect(try card.send("0082000120" + "FF45CD7B84C83C923983F47E326E6884" + older) == "63C2")
        for _ in 0..<2 { try card.send("0084000010") }
        // SK = SM4(K, newer); X = SM4(SK, older)
        try card.accept("0082000120" + "FF45CD7B84C83C923983F47E326E6883" + older)
        #expect(try isOpen(card))
        try card.refuse("0082000110" + "5F8C4130C14E2B73" + Self.older, "6700")
    }

    // MARK: - What is missing

    @Test func withoutItsChallengesNothingIsTried() throws {
        let card = try card(challenges: [Self.newer, Self.older, Self.newer])
        try card.refuse(Self.plain, "6985")
        try card.refuse(Self.session, "6985")
        try card.challenge()
        try card.refuse(Self.session, "6985")
        // also that command used the challenge up
        try card.refuse(Self.plain, "6985")
        try card.challenge(2)
        try card.accept(Self.session)
    }

    /// Other systems answer 6984 (cos-dialects §12); the profile says which.
    @Test func theProfileNamesTheAnswerWithoutAChallenge() throws {
        try card("noChallenge: 6984").refuse(Self.plain, "6984")
    }

    @Test func keysThatAreNotThereAreTold() throws {
        let card = try card()
        try card.challenge(2)
        try card.refuse("0082000208" + "FBAA1CFF20F35520", "6A88")
        try card.refuse("0082000210" + "8E767791E67737C0" + Self.older, "9403")
        let bare = try TestCard()
        try bare.accept(TestCard.masterFile)
        try bare.refuse(Self.plain, "6A82")
    }

    @Test(arguments: [1, 7, 9, 15, 18, 32]) func otherLengthsAreRefused(count: Int) throws {
        let card = try card()
        try card.challenge(2)
        try card.refuse(
            "00820001" + UInt8(count).hexadecimal + String(repeating: "00", count: count), "6700")
    }

    @Test func aProfileTakesOnlyItsForms() throws {
        let plainOnly = try card("authenticationForms: [8]")
        try plainOnly.challenge(2)
        try plainOnly.refuse(Self.session, "6700")
        let sessionOnly = try card("authenticationForms: [16]")
        try sessionOnly.challenge(2)
        try sessionOnly.refuse(Self.plain, "6700")
    }

    @Test func theKeysUseRightComesBeforeTheTry() throws {
        let card = try TestCard(challenges: [Self.older, Self.newer])
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401011539F2F00533" + TestCard.key, "80D40100073AF0EF02331234")
        try card.challenge(2)
        try card.refuse("0082000108" + "0000000000000000", "6982")
        try card.accept("00200000021234")
        try card.refuse(Self.plain, "6985")
    }

    // MARK: - Tries

    @Test func triesRunOutForGood() throws {
        let card = try card(challenges: Array(repeating: Self.newer, count: 5))
        for answer in ["63C2", "63C1", "63C0", "6983"] {
            try card.challenge()
            #expect(try card.send("0082000108" + "0000000000000000") == answer)
        }
        card.powerOff()
        try card.challenge()
        try card.refuse(Self.plain, "6983")
        #expect(try !isOpen(card))
    }

    @Test func successRestoresTheTries() throws {
        let card = try card(challenges: Array(repeating: Self.newer, count: 6))
        let fresh = card.image
        for answer in ["63C2", "63C1"] {
            try card.challenge()
            #expect(try card.send("0082000108" + "0000000000000000") == answer)
        }
        try card.challenge()
        try card.accept(Self.plain)
        #expect(card.image == fresh)
        try card.challenge()
        #expect(try card.send("0082000108" + "0000000000000000") == "63C2")
        // a wrong try leaves the state reached before (cos-dialects §2.2, FMCOS)
        #expect(try isOpen(card))
    }

    // MARK: - Registers

    /// In the MF both registers change and the MF's is kept through directory changes; in a directory only its own does
    /// (cos-dialects §2.2).
    @Test func aKeyOfADirectoryLeavesTheMasterFilesRegister() throws {
        let card = try TestCard(challenges: Array(repeating: Self.newer, count: 2))
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401011539F0F00533" + TestCard.key,
            "80E000010728000105F0FFFF", "80E000020728000155F0FFFF", "80E03F010D380400F0F0FFFFFF4144463031",
            "00A40000023F01", TestCard.keyFile, "80D401011539F0F00533" + TestCard.key,
            "80E000010728000105F0FFFF", "80E000020728000155F0FFFF")
        card.powerOn()
        func reading() throws -> [Bool] { try ["00B0810001", "00B0820001"].map { try card.send($0) == "FF6281" } }

        try card.accept("00A40000023F01")
        try card.challenge()
        try card.accept(Self.plain)
        #expect(try reading() == [false, true])
        // selecting the directory itself clears its register
        try card.accept("00A40000023F01")
        #expect(try reading() == [false, false])

        try card.send("00A40000023F00")
        try card.challenge()
        try card.accept(Self.plain)
        #expect(try reading() == [true, true])
        try card.accept("00A40000023F01")
        #expect(try reading() == [true, false])
        try card.send("00A40000023F00")
        #expect(try reading() == [true, true])
        card.powerOn()
        #expect(try reading() == [false, false])
    }
}
