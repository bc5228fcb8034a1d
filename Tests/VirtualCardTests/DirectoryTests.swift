import ByteText
import Testing

/// Making and erasing files and directories (cos-dialects §2.1, §2.3, §3.1).
@Suite struct DirectoryTests {
    private let card: TestCard

    /// An MF in which only the stay that makes it allows anything: create and erase right EF.
    private static let closedMasterFile = "80E03F000D38FFFFEFEF01FFFFFFFFFFFFFF"

    init() throws { card = try TestCard() }

    /// CREATE DF with create right, erase right and a name of five letters.
    private func directory(_ identifier: String, size: String = "0400", rights: String = "F0F0") -> String {
        "80E0\(identifier)0D38\(size)\(rights)FFFFFF" + Array("A\(identifier)".utf8).hexadecimal
    }

    // MARK: - The empty directory

    @Test func inAnEmptyDirectoryEverythingIsFreeForOneStay() throws {
        try card.accept(
            Self.closedMasterFile, "80E00000073F00F001EFFFFF", "80D401001539EFEF0133" + TestCard.key,
            "80E000010728000AEFEFFFFF", "00D681000411223344")
        #expect(try card.send("00B0810004") == "112233449000")
    }

    @Test func theFreedomEndsAtReset() throws {
        try card.accept(Self.closedMasterFile, "80E00000073F00F001EFFFFF", "80E000010728000AEFEFFFFF")
        card.powerOn()
        try card.refuse("80E000020728000AF0F0FFFF", "6982")
        try card.refuse("80D401001539F0F00133" + TestCard.key, "6982")
        try card.refuse("00D681000411223344", "6982")
        try card.refuse("00B081000A", "6982")
        try card.refuse("800E000000", "6982")
        try card.refuse(directory("3F01"), "6982")
    }

    @Test func theFreedomEndsWhenTheDirectoryIsEnteredAgain() throws {
        try card.accept(TestCard.masterFile, directory("3F01", rights: "EFEF"), "00A40000023F01")
        try card.accept("80E000010728000AEFEFFFFF", "80E000020728000AEFEFFFFF")
        #expect(try card.send("00A40000023F00").hasSuffix("9000"))
        try card.accept("00A40000023F01")
        try card.refuse("80E000030728000AEFEFFFFF", "6982")
        try card.refuse("00B081000A", "6982")
    }

    @Test func anEmptyDirectoryIsFreeEachTimeItIsEntered() throws {
        try card.accept(TestCard.masterFile, directory("3F01", rights: "EFEF"))
        card.powerOn()
        try card.accept("00A40000023F01", "80E000010728000AEFEFFFFF")
    }

    /// What may be done to the directory above is not loosened by an empty directory below it.
    @Test func leavingAnEmptyDirectoryTakesItsFreedomAlong() throws {
        try card.accept(Self.closedMasterFile, directory("3F01", rights: "EFEF"), "00A40000023F01")
        #expect(try card.send("00A40000023F00").hasSuffix("9000"))
        try card.refuse(directory("3F02"), "6982")
    }

    // MARK: - Erasing

    @Test func erasingNeedsTheRightAndBringsTheFreedomBack() throws {
        try card.accept(
            "80E03F000D38FFFFEF0501FFFFFFFFFFFFFF", TestCard.keyFile, "80D40100073AF0EF05331234",
            "80E000010728000AEFEFFFFF")
        card.powerOn()
        try card.refuse("800E000000", "6982")
        try card.accept("00200000021234", "800E000000", "80E000010728000AEFEFFFFF", "80E000020728000AEFEFFFFF")
        #expect(try card.send("00B081000A") == "FFFFFFFFFFFFFFFFFFFF6281")
    }

    @Test func anErasedDirectoryKeepsItsRightsAndSize() throws {
        try card.accept(TestCard.masterFile, directory("3F01", size: "0030", rights: "EFF0"), "00A40000023F01")
        try card.accept("80E0000107280010EFEFFFFF", "800E000000", "80E0000107280015F0F0FFFF")
        try card.refuse("80E0000207280001F0F0FFFF", "6A84")
        try card.accept("00A40000023F01")
        try card.refuse("80E0000207280001F0F0FFFF", "6982")
    }

    @Test func erasingTheMasterFileAllowsANewOne() throws {
        try card.accept(TestCard.masterFile, directory("3F01"))
        try card.refuse(TestCard.masterFile, "6A86")
        try card.accept("800E000000", TestCard.masterFile)
        try card.refuse("00A40000023F01", "6A82")
    }

    /// Some programs leave out the trailing 00 (cos-dialects §3.1).
    @Test func eraseIsTakenWithAndWithoutItsLastByte() throws {
        try card.accept("800E0000", "800E000000", TestCard.masterFile, "800E0000")
        try card.refuse("800E010000", "6A86")
        try card.refuse("800E00000101", "6700")
    }

    // MARK: - What cannot be made

    @Test func theKeyFileIsTheFirstFileAndTheOnlyOne() throws {
        try card.accept(TestCard.masterFile, TestCard.keyFile)
        try card.refuse(TestCard.keyFile, "6A86")
        try card.accept(directory("3F01"), "00A40000023F01", "80E000010728000AF0F0FFFF")
        try card.refuse(TestCard.keyFile, "6A86")
        try card.accept("00A40000023F01", "800E000000", directory("3F02", size: "0100"))
        try card.refuse(TestCard.keyFile, "6A86")
    }

    @Test func whatExistsIsNotMadeTwice() throws {
        try card.accept(TestCard.masterFile, "80E000010728000AF0F0FFFF", directory("3F01"))
        try card.refuse("80E000010728000AF0F0FFFF", "6A86")
        try card.refuse("80E000010728000BF0F0FFFF", "6A86")
        try card.refuse("80E03F010728000AF0F0FFFF", "6A86")
        try card.refuse(directory("0001"), "6A86")
        try card.refuse(directory("3F01"), "6A86")
        // another identifier, the same name
        try card.refuse("80E03F020D380400F0F0FFFFFF4133463031", "6A86")
        try card.refuse("80E03F000728000AF0F0FFFF", "6A86")
        try card.refuse(TestCard.masterFile, "6A86")
    }

    /// Other systems answer 6A89 (cos-dialects §3.5); the profile says which.
    @Test func theProfileNamesTheAnswerToWhatExists() throws {
        let card = try TestCard("fileExists: 6A89")
        try card.accept(TestCard.masterFile, "80E000010728000AF0F0FFFF")
        try card.refuse("80E000010728000AF0F0FFFF", "6A89")
    }

    /// Header 11 bytes, directory 11 + name (cos-dialects §2.1): 48 bytes hold a file of 48 - 16 - 11 = 21.
    @Test func aFileNeedsRoomInItsDirectory() throws {
        try card.accept(TestCard.masterFile, directory("3F01", size: "0030"), "00A40000023F01")
        try card.refuse("80E0000107280016F0F0FFFF", "6A84")
        try card.refuse("80E00000073F001601F0FFFF", "6A84")
        // three records of seven bytes with one more each
        try card.refuse("80E00001072A0307F0F0FFFF", "6A84")
        try card.refuse(directory("3F02", size: "0031"), "6A84")
        try card.accept("80E00001072A0306F0F0FFFF")
        try card.refuse("80E0000207280000F0F0FFFF", "6A84")
    }

    @Test func theChipIsFullAtTheSizeOfTheProfile() throws {
        let card = try TestCard("memorySize: 1024")
        try card.accept(TestCard.masterFile)
        // 1024 - 11 for the MF - 11 for the file
        try card.refuse("80E00001072803EBF0F0FFFF", "6A84")
        try card.accept("80E00001072803EAF0F0FFFF")
    }

    @Test func aThirdLevelBelowTheMasterFileIsRefused() throws {
        try card.accept(
            TestCard.masterFile, directory("3F01"), "00A40000023F01", directory("3F02", size: "0200"), "00A40000023F02")
        try card.refuse(directory("3F03", size: "0040"), "6A80")
        try card.accept("80E000010728000AF0F0FFFF")
    }

    @Test func malformedCreationsAreRefused() throws {
        try card.refuse("80E03F000C38FFFFF0F001FFFFFFFFFFFF", "6700")
        try card.accept(TestCard.masterFile)
        try card.refuse("80E0000106280010F0F0FF", "6700")
        try card.refuse("80E000010828000AF0F0FFFF01", "6700")
        try card.refuse("80E00000063F00F001F0FF", "6700")
        // DF names have 5 to 16 bytes
        try card.refuse("80E03F010C380400F0F0FFFFFF41424344", "6700")
        try card.refuse("80E03F0119380400F0F0FFFFFF4142434445464748494A4B4C4D4E4F5051", "6700")
        // fewer than two records, records without length, a kind that is none
        try card.refuse("80E00001072A0105F0F0FFFF", "6A80")
        try card.refuse("80E00001072E0200F0F0FFFF", "6A80")
        try card.refuse("80E00001072D0208F000FF18", "6A80")
        // wallets have one size and no protected form
        try card.refuse("80E00001072F0209F000FF18", "6A80")
        try card.refuse("80E0000107AF0208F000FF18", "6A80")
        try card.refuse("80E00001", "6700")
    }

    @Test func aNewFileIsNotSelectedAndANewMasterFileIs() throws {
        try card.refuse("80E000010728000AF0F0FFFF", "6A81")
        try card.refuse("00A40000023F00", "6A81")
        try card.accept(TestCard.masterFile, "80E000010728000AF0F0FFFF", directory("3F01"))
        try card.refuse("00B000000A", "6A82")
        #expect(try card.send("00B081000A") == "FFFFFFFFFFFFFFFFFFFF6281")
    }

    /// Bits 8 and 7 of the type ask for protected writing (cos-dialects §3.1); 68 is taken for E8.
    @Test(arguments: ["A8", "E8", "68"]) func transparentFilesForProtectedWritingTakeNoPlainWrites(type: String) throws
    {
        try card.accept(TestCard.masterFile, "80E0000107\(type)0004F0F0FFFF")
        try card.refuse("00D6810001AA", "6987")
        #expect(try card.send("00B0810004") == "FFFFFFFF6281")
    }

    @Test(arguments: ["AC", "EC", "AA", "EA", "AE", "EE"])
    func recordFilesForProtectedWritingTakeNoPlainWrites(type: String) throws {
        try card.accept(TestCard.masterFile, "80E0000107\(type)0403F0F0FFFF")
        try card.refuse("00E2000803010155", "6987")
        try card.refuse("00DC010C03010155", "6987")
        try card.refuse("00B2010C03", "6A83")
    }
}
