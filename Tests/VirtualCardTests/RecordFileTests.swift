import ByteText
import Testing

/// READ, UPDATE and APPEND RECORD (cos-dialects §6.3, §6.5, §11).
@Suite struct RecordFileTests {
    private let card: TestCard

    /// Variable file 0001 (16 bytes), fixed file 0002 (3 records of 4), cyclic file 0003 (3 records of 2).
    init() throws {
        card = try TestCard()
        try card.accept(
            TestCard.masterFile, "80E00001072C0010F0F0FFFF", "80E00002072A0304F0F0FFFF", "80E00003072E0302F0F0FFFF")
    }

    // MARK: - Variable

    /// The samples of the FMCOS manual: a new record `AA021122`, then `CC023344` in its place.
    @Test func recordsWithTagsAreAddedAndChangedAsInTheManual() throws {
        try card.accept("00DC000A04AA021122")
        #expect(try card.send("00B2AA0804") == "AA0211229000")
        try card.accept("00DCAA0804CC023344")
        #expect(try card.send("00B2CC0800") == "CC0233449000")
        #expect(try card.send("00B2010C04") == "CC0233449000")
        try card.refuse("00B2AA0804", "6A83")
        try card.refuse("00DCAA0804CC023344", "6A83")
    }

    @Test func recordsAreAddedInThreeWays() throws {
        // number = highest + 1; APPEND with low bits 000 and 100
        try card.accept("00DC010C03010111", "00E2000803020122", "00E2000C03030133", "00DC040C03040144")
        for (number, record) in ["010111", "020122", "030133", "040144"].enumerated() {
            #expect(try card.send("00B20\(number + 1)0C03") == record + "9000")
        }
        try card.refuse("00B2050C03", "6A83")
        try card.refuse("00B2000C03", "6A83")
        try card.refuse("00DC060C03050155", "6A83")
        try card.refuse("00E2010C03050155", "6A86")
    }

    @Test func anUpdateKeepsTheLength() throws {
        try card.accept("00E2000804AA021122", "00E2000804BB023344")
        try card.refuse("00DC010C05AA03112233", "6A80")
        try card.refuse("00DC010C03AA0111", "6A80")
        try card.refuse("00DCAA0803AA0111", "6A80")
        try card.accept("00DC020C04BB025566")
        #expect(try card.send("00B2010C04") == "AA0211229000")
        #expect(try card.send("00B2020C04") == "BB0255669000")
    }

    @Test func theFirstRecordWithATagIsTheOneMeant() throws {
        try card.accept("00E2000804AA021122", "00E2000804AA023344", "00DCAA0804AA025566")
        #expect(try card.send("00B2AA0804") == "AA0255669000")
        #expect(try card.send("00B2020C04") == "AA0233449000")
    }

    @Test func recordsMustBeWellFormedAndFit() throws {
        try card.refuse("00E2000804AA031122", "6A80")
        try card.refuse("00E2000801AA", "6A80")
        try card.refuse("00E20008", "6700")
        try card.refuse("00DC010C", "6700")
        try card.accept("00E200080CAA0A01010101010101010101")
        try card.refuse("00E2000805AA03112233", "6A84")
        try card.accept("00E2000804AA021122")
        try card.refuse("00E2000802AA00", "6A84")
    }

    // MARK: - Fixed

    @Test func fixedRecordsHaveOneLengthAndALimitedNumber() throws {
        try card.refuse("00B2011404", "6A83")
        try card.refuse("00DC011403112233", "6700")
        try card.refuse("00E20010051122334455", "6700")
        try card.accept("00DC01140411111111", "00E200100422222222", "00DC03140433333333")
        try card.refuse("00E200100444444444", "6A84")
        try card.refuse("00DC05140444444444", "6A83")
        try card.accept("00DC02140455555555")
        #expect(try card.send("00B2021404") == "555555559000")
        #expect(try card.send("00B2031404") == "333333339000")
        // fixed records have no tags
        try card.refuse("00B2111004", "6981")
    }

    // MARK: - Cyclic

    @Test func theNewestCyclicRecordIsTheFirstAndTheOldestFallsOut() throws {
        try card.refuse("00B2011C02", "6A83")
        try card.accept("00DC001B021111", "00DC001B022222")
        #expect(try card.send("00B2011C02") == "22229000")
        #expect(try card.send("00B2021C02") == "11119000")
        try card.refuse("00B2031C02", "6A83")
        // the manual's other form has P1 01 and low bits 010; APPEND does the same
        try card.accept("00DC011A023333", "00E20018024444")
        #expect(
            try ["01", "02", "03"].map { try card.send("00B2\($0)1C02") } == ["44449000", "33339000", "22229000"])
        try card.refuse("00B2041C02", "6A83")
        try card.refuse("00DC001B03555555", "6700")
        try card.refuse("00DC011C025555", "6A86")
    }

    // MARK: - All

    @Test func theShortIdentifierMakesTheFileTheCurrentOne() throws {
        try card.refuse("00B2010403", "6A82")
        try card.accept("00E2000803010111", "00E2000003020122")
        #expect(try card.send("00B2020403") == "0201229000")
    }

    @Test func otherFilesAndFormsAreRefused() throws {
        try card.accept("80E0000407280004F0F0FFFF")
        try card.refuse("00B2012402", "6981")
        try card.refuse("00DC012402AA00", "6981")
        try card.refuse("00B2012C02", "6A82")
        try card.refuse("00B2010F02", "6A86")
        try card.refuse("00DC010902AA00", "6A86")
    }

    @Test func readingAndWritingHaveRightsOfTheirOwn() throws {
        let card = try TestCard()
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D40101073AF0EF01331111", "80D40102073AF0EF02332222",
            "80E00001072C00101122FFFF")
        card.powerOn()
        for command in ["00E2000803010111", "00DC000A03010111", "00DC010C03010111"] {
            try card.refuse(command, "6982")
        }
        try card.accept("00200002022222", "00E2000803010111")
        // whether a record exists is not told either
        for command in ["00B2010C03", "00B2010803", "00B2020C03", "00B2020803"] { try card.refuse(command, "6982") }
        try card.accept("00200001021111")
        #expect(try card.send("00B2010C03") == "0101119000")
        try card.refuse("00DC010C03010122", "6982")
    }

    // MARK: - Rights of single records

    /// Pairs of tag and read right behind CREATE EF: tag 07 asks for state 3, tag 08 for state 1 (fmcos-ssse `recordRules`).
    private static let ruled = "80E000010B2C0040F0F0FFFF07330811"

    @Test func aRecordMayHaveARightOfItsOwn() throws {
        let card = try TestCard()
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D40101073AF0EF01331111", "80D40103073AF0EF03333333", Self.ruled,
            "00E2000803010111", "00E2000803070177", "00E2000803080188")
        card.powerOn()
        func readings() throws -> [String] {
            try ["00B2010C03", "00B2020C03", "00B2030C03", "00B2010803", "00B2070803", "00B2080803"].map {
                try card.send($0)
            }
        }
        #expect(try readings() == ["0101119000", "6982", "6982", "0101119000", "6982", "6982"])
        try card.accept("00200003023333")
        #expect(try readings() == ["0101119000", "0701779000", "6982", "0101119000", "0701779000", "6982"])
        try card.accept("00200001021111")
        #expect(try readings() == ["0101119000", "6982", "0801889000", "0101119000", "6982", "0801889000"])
    }

    @Test func withoutRecordRulesThePairsAreTooLong() throws {
        let card = try TestCard("recordRules: false")
        try card.accept(TestCard.masterFile)
        try card.refuse(Self.ruled, "6700")
        let ruled = try TestCard()
        try ruled.accept(TestCard.masterFile)
        // half a pair
        try ruled.refuse("80E000010A2C0040F0F0FFFF073308", "6700")
    }

    /// The modes of READ RECORD (cos-dialects §6.3): first, last, next and previous with a tag; from P1 on, and back to P1.
    @Test func recordsAreReadByTagAndInRows() throws {
        let card = try TestCard()
        try card.accept(
            TestCard.masterFile, "80E00005072C0040F0F0FFFF", "00E2002803010111", "00E2002803020122",
            "00E2002803010133", "00E2002803010144")
        for (command, answer) in [
            ("00B2012803", "010111"), ("00B2012903", "010144"), ("00B2022803", "020122"),
            // from the record that was read last
            ("00B2012A03", "010133"), ("00B2012A03", "010144"), ("00B2012B03", "010133"), ("00B2012B03", "010111"),
            ("00B2032D06", "010133010144"), ("00B2032E06", "010144010133"),
            ("00B2012D0C", "010111020122010133010144"),
        ] { #expect(try card.send(command) == answer + "9000", "\(command)") }
        try card.refuse("00B2012B03", "6A83")
        try card.refuse("00B2052D03", "6A83")
        try card.refuse("00B2032D03", "6C06")
        // another file has no record read last: next is the first, previous the last
        try card.accept("80E00006072C0040F0F0FFFF", "00E2003003010155", "00E2003003010166")
        #expect(try card.send("00B2013303") == "0101669000")
        #expect(try card.send("00B2012A03") == "0101119000")
    }

    @Test func rowsOfRecordsThatDoNotFitAreRefusedWhole() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile, "80E00005072C0200F0F0FFFF")
        for _ in 0..<2 { try card.accept("00E20028C801C6" + String(repeating: "AA", count: 0xC6)) }
        try card.refuse("00B2012D00", "6700")
        #expect(try card.send("00B2022D00").hasSuffix("AA9000"))
    }
}
