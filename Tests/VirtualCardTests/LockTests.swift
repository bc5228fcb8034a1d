import ByteText
import Testing
import VirtualCard

/// APPLICATION BLOCK and UNBLOCK, CARD BLOCK (cos-dialects §6.7), with the Huada manual's commands of §5: key zero.
@Suite struct LockTests {
    private static let block = "841E00000434BE5E04"
    private static let blockChallenge = "B5B0C549"
    private static let unblock = "84180000047C76AAA0"
    private static let unblockChallenge = "DFBD968E"
    private static let cardBlock = "841600000400CE33E6"
    private static let cardBlockChallenge = "C2F02FFC"
    private static let zeros = String(repeating: "00", count: 16)

    /// An application with lock key 36/00 of zeros, entered; the same key blocks the card.
    private func card(challenges: [String], _ settings: String = "secureMessaging: {lockKeys: [00]}") throws -> TestCard
    {
        let card = try TestCard(settings, challenges: challenges)
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001536F0F0FF33" + Self.zeros,
            "80E03F010D380400F0F0FFFFFF4144463031", "00A40000023F01", TestCard.keyFile,
            "80D401001536F0F0FF33" + Self.zeros, "80E0001607280010F0F0FFFF", "00D6960001AA")
        return card
    }

    private func send(_ card: TestCard, _ command: String) throws -> String {
        #expect(try card.send("0084000004").hasSuffix("9000"))
        return try card.send(command)
    }

    @Test func aBlockedApplicationRefusesAllButTheWayOut() throws {
        let card = try card(challenges: [Self.blockChallenge, Self.unblockChallenge])
        #expect(try send(card, Self.block) == "9000")
        for command in ["00B0960001", "00D6960001BB", "00200000021234", "80E0000507280010F0F0FFFF", "0088000008"] {
            try card.refuse(command, "6A81")
        }
        card.powerOff()
        // entered all the same, with 6A81 as answer
        #expect(try card.send("00A40000023F01") == "6A81")
        try card.refuse("00B0960001", "6A81")
        #expect(try send(card, Self.unblock) == "9000")
        #expect(try card.send("00B0960001") == "AA9000")
    }

    @Test func otherApplicationsGoOn() throws {
        let card = try card(challenges: [Self.blockChallenge])
        #expect(try send(card, Self.block) == "9000")
        #expect(try card.send("00A40000023F00").hasSuffix("9000"))
        try card.accept("80E0000507280010F0F0FFFF")
    }

    /// P2 01 blocks for good.
    @Test func aPermanentBlockStays() throws {
        let card = try card(challenges: ["11223344", Self.unblockChallenge])
        #expect(try send(card, "841E000104CD9BDC7E") == "9000")
        try card.refuse("00B0960001", "9303")
        #expect(try send(card, Self.unblock) == "9303")
    }

    @Test func threeFailuresToUnblockLockForGood() throws {
        let card = try card(challenges: [Self.blockChallenge] + Array(repeating: Self.unblockChallenge, count: 4))
        #expect(try send(card, Self.block) == "9000")
        let wrong = String(Self.unblock.dropLast()) + "1"
        #expect(try send(card, wrong) == "6988")
        #expect(try send(card, wrong) == "6988")
        #expect(try send(card, wrong) == "9303")
        #expect(try send(card, Self.unblock) == "9303")
    }

    @Test func aBlockedCardRefusesEverythingButItsAnswerToReset() throws {
        let card = try card(challenges: [Self.cardBlockChallenge])
        #expect(try send(card, Self.cardBlock) == "9000")
        card.powerOff()
        for command in ["00A40000023F00", "0084000004", "00B0960001", "00C0000010", Self.unblock, "00FF0000"] {
            try card.refuse(command, "6A81")
        }
    }

    /// `cardBlock`: a card that has the command ends by it, one that has none does not know it.
    @Test(arguments: [("mac", "9000"), ("none", "6D00")])
    func aProfileMayHaveNoCardBlock(setting: String, answer: String) throws {
        let card = try card(challenges: [Self.cardBlockChallenge], "cardBlock: \(setting)")
        #expect(try send(card, Self.cardBlock) == answer)
        #expect(try card.send("00A40000023F00").hasSuffix(setting == "mac" ? "6A81" : "9000"))
    }

    @Test func wrongFormsAreRefused() throws {
        let card = try card(challenges: Array(repeating: "11223344", count: 4))
        try card.refuse(Self.block, "6985")
        try card.refuse("801E00000434BE5E04", "6987")
        try card.refuse("841E000004", "6700")
        try card.refuse("841E00020434BE5E04", "6A86")
        try card.refuse("841600010400CE33E6", "6A86")
        #expect(try send(card, Self.block) == "6988")
        #expect(try send(card, Self.cardBlock) == "6988")
        // none was locked by that
        #expect(try card.send("00B0960001") == "AA9000")
        #expect(try card.send("00A40000023F00").hasSuffix("9000"))
        #expect(try send(card, "841E000004F549FD88") == "6A81")
    }

    /// The social security profile locks with 36/01 where the application has it.
    @Test func theProfileNamesTheLockKey() throws {
        let card = try card(challenges: [Self.blockChallenge, "11223344"], "")
        try card.accept("80D401011536F0F0FF33" + TestCard.key)
        #expect(try send(card, Self.block) == "6988")
        #expect(try send(card, "841E00000440D016F4") == "9000")
    }
}
