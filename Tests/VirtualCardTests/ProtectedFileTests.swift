import ByteText
import Testing
import VirtualCard

/// Files under line protection (cos-dialects §3.1, §3.3, §5).
///
/// MACs and cipher texts of samples that are not published were
/// computed with Python's cryptography, which gives the published ones too.
@Suite struct ProtectedFileTests {
    private static let other = String(repeating: "36", count: 16)

    /// Line-protection keys 36/00 and 36/01, then the files.
    private func card(
        _ files: String..., of profile: String = "fmcos-ssse", settings: String = "", challenges: [String]
    ) throws -> TestCard {
        let card = try TestCard(settings, of: profile, challenges: challenges)
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001536F0F0FF33" + TestCard.key,
            "80D401011536F0F0FF33" + Self.other)
        for file in files { try card.accept(file) }
        return card
    }

    private func sendProtected(
        _ card: TestCard, _ command: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        #expect(try card.send("0084000004").hasSuffix("9000"), sourceLocation: sourceLocation)
        return try card.send(command)
    }

    /// The command of a real card, with its key and challenge.
    @Test func theRealCardsUpdateIsTaken() throws {
        let card = try TestCard(challenges: ["A3BBCFC8"])
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001536F0F0FF33" + Self.other, "80E0001507A8001EF0F0FFFF")
        #expect(
            try sendProtected(card, "04D6950022000122000001FFFF0101000022000000000000062016010120501231000096E32EF1")
                == "9000")
        #expect(try card.send("00B095001E") == "000122000001FFFF010100002200000000000006201601012050123100009000")
    }

    /// The manual's READ BINARY, key zero (Huada MCOS).
    @Test func theManualsProtectedReadIsAnswered() throws {
        let card = try TestCard(challenges: ["9951EF63", "9951EF63"])
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001536F0F0FF33" + String(repeating: "00", count: 16),
            "80E0001507A80004F0F0FFFF", "00A4000002" + "0015")
        #expect(
            try sendProtected(card, "04B0000004B97F4D32") == "FFFFFFFF379534D66281")
        #expect(try sendProtected(card, "04B0000004B97F4D3300") == "6988")
    }

    @Test func dataTravelsInPlainWithAMACOrEnciphered() throws {
        let plain = try card("80E0001607A80010F0F0FFFF", challenges: ["11223344", "55667788"])
        #expect(try sendProtected(plain, "04D6960009AABBCCDDEE68837F83") == "9000")
        #expect(
            try sendProtected(plain, "04B0960004A8CF366F09")
                == "AABBCCDDEEB14FE5359000")
        let enciphered = try card("80E0001607E80010F0F0FFFF", challenges: ["11223344", "55667788"])
        #expect(try sendProtected(enciphered, "04D696000C39E94D275832B50C4655FCF9") == "9000")
        #expect(try enciphered.send("00B0960005") == "AABBCCDDEE9000")
        #expect(try sendProtected(enciphered, "04B096000C3B0869AEBDECFDBB4AF2B99100") == "B55F32C781B5074F14245E629000")
        let sm4 = try card("80E0001607E80010F0F0FFFF", of: "fmcos-ssse-sm4", challenges: ["11223344", "55667788"])
        #expect(try sendProtected(sm4, "04D6960014B5969514DABED7BBD320EE326E8643B7F7F35994") == "9000")
        #expect(
            try sendProtected(sm4, "04B0960014062070AF0F57183D38AD578FCDC3AF80AC03E4FE00")
                == "89E721C78E4A4A47CC340EF01B514369532D73F49000")
    }

    @Test func recordsAreProtectedToo() throws {
        let card = try card("80E0000307EC0040F0F0FFFF", challenges: ["11223344", "11223344", "55667788"])
        #expect(try sendProtected(card, "04E2001C0C0E5F20DF2B4DDEB09A181712") == "9000")
        #expect(try sendProtected(card, "04DC011C0CDEE9D9EE73E1456F1286A407") == "9000")
        #expect(try card.send("00B2011C05") == "0103DDEEFF9000")
        #expect(
            try sendProtected(card, "04B2011C0C3B0869AEBDECFDBB3A00B20A00")
                == "F26EEB770438AE4276DD074C9000")
    }

    /// Missing, not fitting, wrong; and no second use of a challenge.
    @Test func whatDoesNotFitTheProtectionIsRefused() throws {
        let card = try card(
            "80E0001607A80010F0F0FFFF", "80E0001707280010F0F0FF7F", "80E0001807280010F0F0FFFF",
            challenges: ["11223344", "55667788", "55667788", "11223344", "11223344", "11223344", "11223344"])
        try card.refuse("00D6960001AA", "6987")
        // control byte b8 clear: reading must be protected
        try card.refuse("00B0970001", "6987")
        #expect(try sendProtected(card, "04B09700049F06FFFF05") == "FF70567E146281")
        // no protection at all
        #expect(try sendProtected(card, "04B0980004632A2E9F05") == "6900")
        #expect(try sendProtected(card, "04D6980005AAE937F67A") == "6900")
        // without a challenge, and with a used one
        #expect(try card.send("04D6960005AA89D66C2D") == "6985")
        #expect(try sendProtected(card, "04D6960005AA89D66C2D") == "9000")
        #expect(try card.send("04D6960005AA89D66C2D") == "6985")
        // too short for a MAC; more than the file holds; a wrong length asked for
        #expect(try sendProtected(card, "04D6960003AABBCC") == "6700")
        #expect(try sendProtected(card, "04D6960F06AABB8C2B8DCE") == "6B00")
        #expect(try sendProtected(card, "04B0960004FA1E696AEF") == "6C14")
    }

    /// Control byte b4–b3 the key for reading, b2–b1 for writing; 11 is key 00, 10 key 01 (cos-dialects §3.3).
    @Test func theControlByteChoosesTheKeys() throws {
        let card = try card(
            "80E0001607A80010F0F0FFFB", "80E0001707A80010F0F0FFFE",
            challenges: Array(
                repeating: "11223344", count: 7))
        #expect(try sendProtected(card, "04D6960005AA89D66C2D") == "9000")
        #expect(try sendProtected(card, "04B0960004A76DF70505") == "AAAE8D24B99000")
        #expect(try sendProtected(card, "04B0960004FA1E696A05") == "6988")
        #expect(try sendProtected(card, "04D6970005BBA0862684") == "6988")
        #expect(try sendProtected(card, "04D6970005BBFA5D8766") == "9000")
        #expect(try sendProtected(card, "04B09700049F06FFFF05") == "BBEE04B7269000")
        try card.accept("80E0001807A80010F0F0FFFC")
        #expect(try sendProtected(card, "04D6980005BBAF3FAFD8") == "9403")
    }

    /// Three protected writes that fail in a row lock the application for good (cos-dialects §5, §11, 8).
    @Test func theThirdFailureInARowLocksForGood() throws {
        let good = "04D6960005AA89D66C2D"
        let bad = String(good.dropLast(2)) + "00"
        let card = try card("80E0001607A80010F0F0FFFF", challenges: Array(repeating: "11223344", count: 9))
        #expect(try sendProtected(card, bad) == "6988")
        #expect(try sendProtected(card, bad) == "6988")
        #expect(try sendProtected(card, good) == "9000")
        #expect(try sendProtected(card, bad) == "6988")
        card.powerOff()
        #expect(try sendProtected(card, bad) == "6988")
        // wrong reading does not count, and does not help
        #expect(try sendProtected(card, "04B09600040000000000") == "6988")
        #expect(try sendProtected(card, bad) == "9303")
        #expect(try sendProtected(card, good) == "9303")
        for command in ["00B0960001", "00D6960001AA", "80E0000507280010F0F0FFFF", "00200000021234", "800E000000"] {
            try card.refuse(command, "9303")
        }
        card.powerOff()
        try card.refuse("00A40000023F00", "6A81")
        try card.refuse("00B0960001", "9303")
    }
}
