import ByteText
import Testing

/// VERIFY, and one PIN for every application (cos-dialects §4.1, §6.6; fmcos-ssse `pinLookup`).
@Suite struct VerifyTests {
    /// The MF, an environment 3F01 with PIN 123456 (six tries, state 2), and an application 3F02 in it without one.
    ///
    /// Each has a file 0001 that state 2 of its own register opens; the MF's asks for its register's state 2.
    private func card(_ settings: String = "") throws -> TestCard {
        let card = try TestCard(settings)
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80E000010728000102F0FFFF", "80E03F010D380800F0F0FFFFFF4144463031",
            "00A40000023F01", TestCard.keyFile, "80D401000D3AF0EF0266123456FFFFFFFFFF", "80E000010728000122F0FFFF",
            "80E03F020D380200F0F0FFFFFF4144463032", "00A40000023F02", TestCard.keyFile, "80E000010728000122F0FFFF")
        card.powerOn()
        return card
    }

    private func enterApplication(_ card: TestCard) throws { try card.accept("00A40000023F01", "00A40000023F02") }

    private func isOpen(_ card: TestCard) throws -> Bool { try card.send("00B0810001") == "FF6281" }

    @Test func thePINOfTheEnvironmentSetsTheApplicationsStateOnly() throws {
        let card = try card()
        try enterApplication(card)
        #expect(try !isOpen(card))
        try card.accept("0020000003123456")
        #expect(try isOpen(card))
        try card.accept("00A40400054144463031")
        #expect(try !isOpen(card))
        try card.send("00A40000023F00")
        #expect(try !isOpen(card))
    }

    @Test func withoutClimbingTheApplicationHasNoPIN() throws {
        let card = try card("pinLookup: own")
        try enterApplication(card)
        try card.refuse("0020000003123456", "9403")
        try card.accept("00A40400054144463031", "0020000003123456")
        #expect(try isOpen(card))
    }

    @Test func noPINAnywhereAboveIsTold() throws {
        let card = try card()
        try card.refuse("0020000003123456", "9403")
        try enterApplication(card)
        try card.refuse("0020000103123456", "9403")
    }

    @Test(arguments: ["03123456", "04123456FF", "08123456FFFFFFFFFF"]) func trailingFFsDoNotCount(data: String) throws {
        let card = try card()
        try enterApplication(card)
        try card.accept("00200000" + data)
    }

    @Test(arguments: ["0312345F", "03123457", "0412345600", "031234FF", "0512FFFF3456", "02FFFF"])
    func otherDigitsAreWrong(data: String) throws {
        let card = try card()
        try enterApplication(card)
        #expect(try card.send("00200000" + data) == "63C5")
    }

    /// The manual's PIN of five digits, padded with F (cos-dialects §4.2).
    @Test func anOddDigitIsPaddedWithF() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile, TestCard.keyFile, "80D401000D3AF0EF013312345FFFFFFFFFFF")
        #expect(try card.send("0020000003123450") == "63C2")
        try card.accept("002000000312345F")
    }

    @Test func sixWrongTriesBlockItEverywhere() throws {
        let card = try card()
        for (index, answer) in ["63C5", "63C4", "63C3", "63C2", "63C1", "63C0"].enumerated() {
            // the counter is the PIN's own, wherever it is presented
            card.powerOn()
            try card.accept("00A40000023F01")
            if index % 2 == 0 { try card.accept("00A40000023F02") }
            #expect(try card.send("0020000003654321") == answer)
        }
        try card.refuse("0020000003123456", "6983")
        card.powerOff()
        try enterApplication(card)
        try card.refuse("0020000003123456", "6983")
    }

    @Test func successRestoresTheTries() throws {
        let card = try card()
        try enterApplication(card)
        let fresh = card.image
        for answer in ["63C5", "63C4", "63C3"] { #expect(try card.send("0020000003654321") == answer) }
        try card.accept("0020000003123456")
        #expect(card.image == fresh)
        #expect(try card.send("0020000003654321") == "63C5")
    }

    @Test func lengthsAndParametersAreJudgedBeforeTheTry() throws {
        let card = try card()
        try enterApplication(card)
        try card.refuse("0020000001" + "12", "6700")
        try card.refuse("0020000009" + "123456FFFFFFFFFFFF", "6700")
        try card.refuse("00200000", "6700")
        try card.refuse("0020010003123456", "6A86")
    }

    @Test func theUseRightComesBeforeTheTry() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile, TestCard.keyFile, "80D40100073A33EF02331234", "80D40101073AF0EF03335678")
        try card.refuse("00200000020000", "6982")
        try card.accept("00200001025678", "00200000021234")
    }
}
