import ByteText
import Testing

/// READ BINARY and UPDATE BINARY (cos-dialects §6.2, §6.4).
@Suite struct BinaryFileTests {
    private let card: TestCard

    /// File 0001 of 8 bytes and file 0002 of 300.
    init() throws {
        card = try TestCard()
        try card.accept(TestCard.masterFile, "80E0000107280008F0F0FFFF", "80E000020728012CF0F0FFFF")
    }

    @Test func readingBeforeTheFirstWriteWarns() throws {
        #expect(try card.send("00B0810008") == "FFFFFFFFFFFFFFFF6281")
        try card.accept("00D6810201AA")
        #expect(try card.send("00B0810008") == "FFFFAAFFFFFFFFFF9000")
    }

    @Test func readsFromAnOffsetToTheEnd() throws {
        try card.accept("00D68100080102030405060708")
        #expect(try card.send("00B0810302") == "04059000")
        #expect(try card.send("00B0810700") == "089000")
        #expect(try card.send("00B0810702") == "6C01")
        try card.refuse("00B0810801", "6B00")
        try card.refuse("00B0810800", "6B00")
        try card.refuse("00B081FF01", "6B00")
    }

    @Test func writesNothingBeyondTheEnd() throws {
        try card.refuse("00D68107020102", "6B00")
        try card.refuse("00D681080101", "6B00")
        try card.refuse("00D6810009010203040506070809", "6B00")
        try card.refuse("00D68100", "6700")
        #expect(try card.send("00B0810008") == "FFFFFFFFFFFFFFFF6281")
    }

    /// Bit 8 of P1 clear: a 15-bit offset in the current file, which a short identifier has set (cos-dialects §11, 6).
    @Test func longOffsetsBelongToTheCurrentFile() throws {
        try card.refuse("00B0010002", "6A82")
        #expect(try card.send("00B0820001") == "FF6281")
        try card.accept("00D601000411223344")
        #expect(try card.send("00B0010104") == "223344FF9000")
        try card.refuse("00B0012C01", "6B00")
        try card.refuse("00B07FFF01", "6B00")
        let all = String(repeating: "FF", count: 256)
        #expect(try card.send("00B0000000") == all + "9000")
        #expect(try card.send("00B000FF2E") == "6C2D")
    }

    /// Le is bounded as Lc is, 00 apart (cos-dialects §2.1): 239 bytes on FMCOS, 178 on TimeCOS.
    @Test(arguments: [
        ("", "fmcos-ssse", "EF", "F0"), ("", "fmcos", "EF", "F0"), ("largestAnswerData: 178", "fmcos", "B2", "B3"),
    ])
    func asksForNoMoreThanTheCardGives(settings: String, profile: String, most: String, more: String) throws {
        let card = try TestCard(settings, of: profile)
        try card.accept(TestCard.masterFile, "80E000020728012CF0F0FFFF", "00D6820001AA")
        try card.refuse("00B08200" + more, "6700")
        #expect(try card.send("00B08200" + most).hasSuffix("9000"))
        #expect(try card.send("00B0820000").count == 2 * (256 + 2))
    }

    /// D0 is taken for D6.
    @Test func writeBinaryIsTakenToo() throws {
        try card.accept("00D0810001AA")
        #expect(try card.send("00B0810001") == "AA9000")
    }

    @Test func filesAndKindsAreJudged() throws {
        try card.accept("80E00003072C0010F0F0FFFF")
        try card.refuse("00B0830001", "6981")
        try card.refuse("00D6830001AA", "6981")
        try card.refuse("00B0840001", "6A82")
        // a protected command on a plain file
        try card.refuse("04D6810001AA", "6900")
        try card.refuse("04B081000411223344", "6900")
    }

    @Test func readingAndWritingHaveRightsOfTheirOwn() throws {
        let card = try TestCard()
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D40101073AF0EF01331111", "80D40102073AF0EF02332222",
            "80E00001072800011122FFFF")
        card.powerOn()
        try card.refuse("00B0810001", "6982")
        try card.refuse("00D6810001AA", "6982")
        try card.accept("00200002022222", "00D6810001AA")
        try card.refuse("00B0810001", "6982")
        try card.accept("00200001021111")
        try card.refuse("00D6810001BB", "6982")
        #expect(try card.send("00B0810001") == "AA9000")
    }
}
