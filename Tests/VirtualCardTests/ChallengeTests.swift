import ByteText
import Testing
import VirtualCard

/// GET CHALLENGE and how long its answer can be used (cos-dialects §5, §11; fmcos-ssse `challengeLife`).
@Suite struct ChallengeTests {
    private static let newer = ExternalAuthenticationTests.newer
    private static let plain = ExternalAuthenticationTests.plain

    private func card(_ settings: String, challenges: [String]) throws -> TestCard {
        let card = try TestCard(settings, challenges: challenges)
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401011539F0F00533" + TestCard.key, "80E0000107280001F0F0FFFF",
            "80E03F010D380200F0F0FFFFFF4144463031")
        card.powerOn()
        return card
    }

    @Test func fourEightAndSixteenBytesAreGiven() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile)
        for (length, count) in [("04", 4), ("08", 8), ("10", 16)] {
            #expect(try card.send("00840000" + length).count == 2 * count + 4)
        }
        for command in ["0084000005", "0084000000", "00840000", "008400000400", "0084000001AA08"] {
            try card.refuse(command, "6700")
        }
        try card.refuse("0084010008", "6A86")
        try card.refuse("0084000108", "6A86")
    }

    @Test func theSystemsChallengesDoNotRepeat() throws {
        let card = try VirtualCard(profile: TestProfile.socialSecurity(), serialNumber: [0, 0, 0, 0, 0, 1])
        var seen: Set<[UInt8]> = []
        for _ in 0..<100 { seen.insert(card.respond(to: [0x00, 0x84, 0x00, 0x00, 0x08])) }
        #expect(seen.count == 100)
    }

    /// Read, write, fail, select a file, authenticate the card: none of it costs the challenge.
    @Test(arguments: ["00B0810001", "00D6810001AA", "00FF0000", "00B08F0001", "00A40000020001", "00A4000002FFFF"])
    func underTheSocialSecurityRuleItOutlivesOtherCommands(command: String) throws {
        let card = try card("challengeLife: social-security", challenges: [Self.newer])
        try card.challenge()
        try card.send(command)
        try card.accept(Self.plain)
    }

    @Test(arguments: ["00B0810001", "00D6810001AA", "00FF0000", "00B08F0001", "00A40000020001", "00A4000002FFFF"])
    func underTheOtherRuleItOutlivesNoCommand(command: String) throws {
        let card = try card("challengeLife: next-command", challenges: [Self.newer, Self.newer])
        try card.challenge()
        try card.send(command)
        try card.refuse(Self.plain, "6985")
        try card.challenge()
        try card.accept(Self.plain)
    }

    @Test(arguments: ["social-security", "next-command"]) func selectionResetAndUseEndIt(life: String) throws {
        let card = try card("challengeLife: \(life)", challenges: Array(repeating: Self.newer, count: 4))
        try card.challenge()
        try card.send("00A40000023F00")
        try card.refuse(Self.plain, "6985")
        try card.challenge()
        card.powerOn()
        try card.refuse(Self.plain, "6985")
        try card.challenge()
        try card.accept(Self.plain)
        try card.refuse(Self.plain, "6985")
        try card.challenge()
        #expect(try card.send("0082000108" + "0000000000000000") == "63C2")
        try card.refuse(Self.plain, "6985")
    }

    @Test func onlyTheLastTwoCount() throws {
        let older = ExternalAuthenticationTests.older
        let card = try card(
            "", challenges: ["0101010101010101", older, Self.newer, older, Self.newer, "0202020202020202"])
        try card.challenge(3)
        try card.accept(ExternalAuthenticationTests.session)
        try card.challenge(3)
        #expect(try card.send(ExternalAuthenticationTests.session) == "63C2")
    }

    /// Also a failing command is the one that follows (cos-dialects §11, 3).
    @Test func aFailingChallengeEndsTheOneBefore() throws {
        let card = try card("challengeLife: next-command", challenges: [Self.newer])
        try card.challenge()
        try card.send("0084000005")
        try card.refuse(Self.plain, "6985")
    }
}
