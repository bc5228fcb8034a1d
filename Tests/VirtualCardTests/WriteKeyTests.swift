import ByteText
import Testing

/// WRITE KEY in plain and by cipher and MAC (cos-dialects §4), with the published commands of §5.
@Suite struct WriteKeyTests {
    /// `80D401001539F0F0AA33` ‖ FF×16: the master key of the manual's sample and of blank cards.
    private static let master = "80D401001539F0F0AA33FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
    /// A real card's WRITE KEY that adds F9/02 under challenge 4C45BAB9.
    private static let published = "84D40102147C87BC23140021B3AFEA67E6359DDCFED7C943F6"

    private func card(challenges: [String]? = nil, _ settings: String = "") throws -> TestCard {
        let card = try TestCard(settings, challenges: challenges)
        try card.accept(TestCard.masterFile, TestCard.keyFile, Self.master)
        return card
    }

    /// Three commands recorded on a real card, one after the other, then FMCOS's own external authentication.
    @Test func aCardTakesThePublishedCommands() throws {
        let card = try card(challenges: ["4C45BAB9", "EF364818", "C0B3549C", "BB83BFF3"])
        #expect(try card.send("0084000004") == "4C45BAB99000")
        try card.accept(Self.published)
        // F9: the plain form is refused, whatever it carries
        try card.refuse("80D4F9020DF9F0F0AAFF0102030405060708", "6982")
        try card.refuse("80D439020D39F0F0AAFF0102030405060708", "6982")

        try card.accept("80D401010D39F0F0AAFF0102030405060708")
        try card.send("0084000004")
        try card.accept("84D43901147C87BC23140021B3AFEA67E6359DDCFE9095E4E1")
        try card.refuse("80D439010D39F0F0AAFF0102030405060708", "6982")

        try card.send("0084000004")
        try card.accept("84D4F902147E65DE142F66CA41AFEA67E6359DDCFE012EF5F5")
        try card.accept("80D439020D39F0F0AAFF0102030405060708")
        // key 0102030405060708, challenge BB83BFF3
        try card.send("0084000004")
        try card.accept("008200020874B0047DD681D96C")
    }

    @Test func aWrongMACChangesNothing() throws {
        let card = try card(challenges: Array(repeating: "4C45BAB9", count: 4))
        // another MAC; another cipher, another P2, under the MAC of the first
        for command in [
            "84D40102147C87BC23140021B3AFEA67E6359DDCFED7C943F7", "84D40102147D87BC23140021B3AFEA67E6359DDCFED7C943F6",
            "84D40103147C87BC23140021B3AFEA67E6359DDCFED7C943F6",
        ] {
            try card.send("0084000004")
            try card.refuse(command, "9302")
        }
        try card.send("0084000004")
        try card.accept(Self.published)
    }

    @Test func aMACUnderAnotherChallengeIsWrong() throws {
        let card = try card(challenges: ["4C45BAB9", "4C45BABA"])
        try card.send("0084000004")
        try card.send("0084000004")
        try card.refuse(Self.published, "9302")
    }

    @Test func theProtectedFormNeedsAChallengeAndAMaster() throws {
        let card = try card(challenges: ["4C45BAB9"])
        try card.refuse(Self.published, "6985")
        let bare = try TestCard(challenges: ["4C45BAB9"])
        try bare.accept(TestCard.masterFile, TestCard.keyFile)
        try bare.send("0084000004")
        try bare.refuse(Self.published, "6A88")
        // cipher text that is no whole number of blocks
        try card.send("0084000004")
        try card.refuse("84D401020F7C87BC23140021B3AFEA67D7C943F6", "6700")
    }

    @Test func aLockedMasterProtectsNothingAnyMore() throws {
        let card = try TestCard(challenges: ["53FD1F262EC4E6E2", "4C45BAB9"])
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001539F0F0AA11FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")
        try card.send("0084000008")
        #expect(try card.send("00820000080000000000000000") == "63C0")
        try card.send("0084000004")
        try card.refuse(Self.published, "6983")
    }

    // MARK: - Plain

    @Test func keysAreAddedOnceWhereThereIsRoom() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile)
        try card.refuse(Self.master, "6A82")
        // 24 bytes for a key of 16, 16 for one of 8: the file holds one of each (cos-dialects §2.1)
        try card.accept("80E00000073F002801F0FFFF", Self.master)
        try card.refuse(Self.master, "6A86")
        try card.refuse("80D401011539F0F0AA33FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "6A84")
        try card.accept("80D401000D36F0F0FF33FFFFFFFFFFFFFFFF")
        try card.refuse("80D40102073AF0EF01331234", "6A84")
    }

    /// Keys are found by type and identifier together.
    @Test func keysOfAnotherTypeMayHaveTheSameIdentifier() throws {
        let card = try card()
        try card.accept(
            "80D401001536F0F0FF33" + TestCard.key, "80D401001534F0F00001" + TestCard.key, "80D40100073AF0EF01331234")
        try card.refuse("80D40100153AF0EF0133" + TestCard.key, "6700")
        try card.refuse("80D4010015F9F0F0AA33" + TestCard.key, "6A86")
    }

    @Test func malformedKeysAreRefused() throws {
        let card = try card()
        try card.refuse("80D4010106390102030405", "6700")
        try card.refuse("80D401010E39F0F0AA33010203040506070809", "6700")
        try card.refuse("80D401010E3AF0EF0133010203040506070809", "6700")
        try card.refuse("80D401010D33F0F0AA330102030405060708", "6A80")
        try card.refuse("80D401010D00F0F0AA330102030405060708", "6A80")
        // identifier FF is forbidden (cos-dialects §4.1)
        try card.refuse("80D401FF0D39F0F0AA330102030405060708", "6A86")
    }

    @Test func addingNeedsTheKeyFilesRight() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile, "80E00000073F00F00155FFFF", "80D40100073AF0EF05331234")
        card.powerOn()
        try card.refuse(Self.master, "6982")
        try card.accept("00200000021234", Self.master)
    }

    @Test func updatingNeedsTheKeysChangeRight() throws {
        let card = try TestCard()
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D40100073AF0EF05331234", "80D401011539F0550233" + TestCard.key)
        card.powerOn()
        try card.refuse("80D439011539F0550233FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "6982")
        // a PIN of the sample forms cannot be changed so: change right EF
        try card.refuse("80D43A00073AF0EF05335678", "6982")
        try card.accept("00200000021234", "80D439011539F0550233FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")
        try card.refuse("80D43A00073AF0EF05335678", "6982")
    }

    /// Header and length must equal the old ones (cos-dialects §4.3).
    @Test(arguments: [
        "80D439011539F1F00233", "80D439011539F0EF0233", "80D439011539F0F00333", "80D439011536F0F00233",
    ])
    func anUpdateKeepsTheHeader(command: String) throws {
        let card = try card()
        try card.accept("80D401011539F0F00233" + TestCard.key)
        try card.refuse(command + "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "6A80")
        try card.refuse("80D439010D39F0F00233FFFFFFFFFFFFFFFF", "6A80")
        try card.refuse("80D439021539F0F00233" + TestCard.key, "6A88")
    }

    /// The last header byte of an internal key is its algorithm, no counter (cos-dialects §4.1).
    @Test func anUpdateKeepsTheAlgorithmOfAKeyWithoutCounter() throws {
        let card = try card()
        try card.accept("80D401001534F0F00004" + TestCard.key)
        let before = card.image
        try card.accept("80D434001534F0F00004" + TestCard.key)
        #expect(card.image == before)
        try card.refuse("80D434001534F0F00001" + TestCard.key, "6A80")
    }

    /// A locked key 39 is lost for good (cos-dialects §4.1); updating does not change the counter.
    @Test func aLockedKeyIsNotRevivedByUpdatingIt() throws {
        let card = try TestCard(challenges: ["53FD1F262EC4E6E2"])
        try card.accept(TestCard.masterFile, TestCard.keyFile, "80D401011539F0F00211" + TestCard.key)
        try card.send("0084000008")
        #expect(try card.send("00820001080000000000000000") == "63C0")
        try card.refuse("80D439011539F0F00211" + TestCard.key, "6983")
    }

    /// A protected command uses its challenge up, right or wrong, whatever the profile's rule for authentication is: else who
    /// listens could send it again (cos-dialects §5).
    @Test(arguments: ["social-security", "next-command"])
    func aProtectedUpdateCannotBeSentAgain(life: String) throws {
        let card = try card(challenges: ["4C45BAB9", "4C45BAB9"], "challengeLife: \(life)")
        try card.send("0084000004")
        try card.accept(Self.published)
        try card.refuse(Self.published, "6985")
        try card.send("0084000004")
        try card.refuse(String(Self.published.dropLast()) + "7", "9302")
        try card.refuse(Self.published, "6985")
    }

    /// Bit 7 alone: the record's update comes in plain with a MAC, here by Python's cryptography (cos-dialects §4.1).
    @Test func aRecordOfBitSevenIsUpdatedInPlainWithAMAC() throws {
        let card = try card(challenges: ["4C45BAB9", "4C45BAB9"])
        try card.accept("80D401050D76F0F0FF331122334455667788")
        try card.refuse("80D476050D76F0F0FF338877665544332211", "6982")
        try card.send("0084000004")
        try card.refuse("84D476051176F0F0FF33887766554433221100000000", "9302")
        try card.send("0084000004")
        try card.accept("84D476051176F0F0FF338877665544332211026FB429")
    }
}
