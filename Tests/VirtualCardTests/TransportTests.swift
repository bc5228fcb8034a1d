import ByteText
import Testing

/// How answers travel (cos-dialects §6.9): T=0 announces and corrects, the direct transport hands over.
@Suite struct TransportTests {
    private static let information = "6F15840E315041592E5359532E4444463031A503880101"

    /// A card with file 0001 of 8 bytes, file 0002 of one record of 21 bytes.
    private func card(_ transport: String) throws -> TestCard {
        let card = try TestCard(transport: transport)
        try card.accept(
            TestCard.masterFile, "80E0000107280008F0F0FFFF", "80E00002072C0040F0F0FFFF",
            "00E2001415" + "7013" + String(repeating: "41", count: 19))
        return card
    }

    private static let record = "7013" + String(repeating: "41", count: 19)

    /// The pairs SELECT MF → 6117 → 00C0000017 and 00B2010C00 → 6C15 → 00B2010C15 are printed in the TimeCOS manual.
    @Test func underT0AnswersAreAnnouncedAndCorrected() throws {
        let card = try card("t0")
        #expect(try card.send("00A40000023F00") == "6117")
        #expect(try card.send("00C0000017") == Self.information + "9000")
        #expect(try card.send("00B2011400") == "6C15")
        #expect(try card.send("00B2011415") == Self.record + "9000")
    }

    @Test func directAnswersComeAtOnce() throws {
        let card = try card("direct")
        #expect(try card.send("00A40000023F00") == Self.information + "9000")
        #expect(try card.send("00B2011400") == Self.record + "9000")
        #expect(try card.send("00B0810000") == "FFFFFFFFFFFFFFFF6281")
        try card.refuse("00C0000017", "6700")
    }

    @Test(arguments: ["t0", "direct"]) func aWrongLengthIsCorrected(transport: String) throws {
        let card = try card(transport)
        #expect(try card.send("00B0810009") == "6C08")
        #expect(try card.send("00B0810508") == "6C03")
        #expect(try card.send("00B2011414") == "6C15")
        #expect(try card.send("00B2011416") == "6C15")
        #expect(try card.send("00B0810008") == "FFFFFFFFFFFFFFFF6281")
    }

    @Test func waitingDataSurvivesAWrongLengthAndNothingElse() throws {
        let card = try card("t0")
        try card.refuse("00C0000010", "6700")
        #expect(try card.send("00A40000023F00") == "6117")
        #expect(try card.send("00C0000016") == "6C17")
        #expect(try card.send("00C0000018") == "6C17")
        #expect(try card.send("00C0000017") == Self.information + "9000")
        try card.refuse("00C0000017", "6700")
        #expect(try card.send("00A40000023F00") == "6117")
        try card.send("00B0810008")
        try card.refuse("00C0000017", "6700")
        #expect(try card.send("00A40000023F00") == "6117")
        card.powerOn()
        try card.refuse("00C0000017", "6700")
        #expect(try card.send("00A40000023F00") == "6117")
        #expect(try card.send("00C0000000") == Self.information + "9000")
    }

    @Test func aWarningWaitsWithItsData() throws {
        let card = try card("t0")
        #expect(try card.send("00B08100") == "6108")
        #expect(try card.send("00C0000008") == "FFFFFFFFFFFFFFFF6281")
    }

    @Test func getResponseHasNoParameters() throws {
        let card = try card("t0")
        #expect(try card.send("00A40000023F00") == "6117")
        try card.refuse("00C0010017", "6A86")
    }
}
