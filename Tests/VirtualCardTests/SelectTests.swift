import ByteText
import Testing

/// SELECT (cos-dialects §2.2, §3.2, §6.1, §11).
@Suite struct SelectTests {
    private let card: TestCard

    /// MF ⊃ 3F01 (name A3F01, FCI byte `aa`) ⊃ 3F02; MF ⊃ 3F03; file 0001 in the MF and in 3F01.
    init() throws {
        card = try TestCard()
        try card.accept(
            TestCard.masterFile, "80E0000107280001F0F0FFFF", "80E03F010D380400F0F0FFFFFF4133463031",
            "80E03F030D380100F0F0FFFFFF4133463033", "00A40000023F01", "80E0000107280002F0F0FFFF",
            "80E03F020D380100F0F0FFFFFF4133463032")
        card.powerOn()
    }

    private func size() throws -> Int { (try card.send("00B0810000").count - 4) / 2 }

    @Test func childrenSiblingsAndTheMasterFileAreReached() throws {
        #expect(try size() == 1)
        try card.accept("00A40000023F01")
        #expect(try size() == 2)
        try card.accept("00A40000023F03", "00A40000023F01", "00A40000023F02")
        for command in ["00A40000023F00", "00A4000000", "00A404000E315041592E5359532E4444463031"] {
            try card.accept("00A40400054133463031", "00A40000023F02")
            #expect(try card.send(command) == "6F15840E315041592E5359532E4444463031A5038801019000")
            #expect(try size() == 1)
        }
    }

    @Test func whatIsNotThereIsTold() throws {
        try card.refuse("00A40000023F09", "6A82")
        try card.refuse("00A40400054133463039", "6A82")
        try card.refuse("00A404000441334630", "6700")
        try card.refuse("00A40000033F0100", "6700")
        try card.refuse("00A40000013F", "6700")
        try card.refuse("00A40100023F01", "6A86")
        try card.refuse("00A40002023F01", "6A86")
        // P1 02 names files only
        try card.refuse("00A40200023F01", "6A82")
    }

    @Test func aFileIsSelectedAndNothingElseChanges() throws {
        try card.accept("00A40000023F01", "00A40200020001")
        #expect(try card.send("00B0000000") == "FFFF6281")
        try card.accept("00A40000020001")
        try card.refuse("00A40000023F09", "6A82")
        #expect(try card.send("00B0000000") == "FFFF6281")
        try card.accept("00A40000023F01")
        try card.refuse("00B0000000", "6A82")
    }

    /// A file that shares its directory's identifier cannot be reached.
    @Test func theDirectoryItselfComesBeforeItsFiles() throws {
        try card.accept("00A40000023F01", "80E03F010728000AF0F0FFFF", "00A40000020001", "00A40000023F01")
        try card.refuse("00B0000000", "6A82")
        try card.accept("00A40200023F01")
        #expect(try card.send("00B000000A") == "FFFFFFFFFFFFFFFFFFFF6281")
    }

    /// `000xxxxx` a DDF, `100xxxxx` the content of a file under 9F0C, `110xxxxx` its content as it is, FF nothing.
    @Test func theShortIdentifierSaysWhatIsAnswered() throws {
        let answers = [
            ("03", "6F0C84054144463031A503880103"), ("95", "6F1084054144463031A5079F0C0486010155"),
            ("D5", "6F0D84054144463031A50486010155"), ("FF", ""),
        ]
        for (byte, answer) in answers {
            let card = try TestCard()
            try card.accept(TestCard.masterFile, "80E03F010D380400F0F0\(byte)FFFF4144463031")
            try card.send("00A40000023F01")
            try card.accept("80E0001507280004F0F0FFFF", "00D695000486010155")
            #expect(try card.send("00A40000023F01") == answer + "9000", "\(byte)")
        }
    }

    @Test(arguments: ["95", "D5"]) func withoutContentTheTemplateIsLeftOut(byte: String) throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile, "80E03F010D380400F0F0\(byte)FFFF4144463031")
        #expect(try card.send("00A40000023F01") == "6F07840541444630319000")
        // a file that was never written is empty
        try card.accept("80E0001507280004F0F0FFFF")
        #expect(try card.send("00A40000023F01") == "6F07840541444630319000")
    }

    /// The answer's lengths have one byte.
    @Test func contentThatDoesNotFitIsLeftOut() throws {
        let card = try TestCard()
        try card.accept(TestCard.masterFile, "80E03F010D380400F0F095FFFF4144463031")
        try card.send("00A40000023F01")
        try card.accept("80E0001507280200F0F0FFFF", "00D6950001AA")
        #expect(try card.send("00A40000023F01") == "6F07840541444630319000")
    }
}
