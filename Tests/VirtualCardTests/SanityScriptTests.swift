import ByteText
import Testing
import VirtualCard

/// The sample of the FMCOS manual as cos-dialects §14 ends with it: every command is answered with 9000 on a fresh card.
@Suite struct SanityScriptTests {
    private let card: TestCard

    init() throws { card = try TestCard(challenges: ["A3BBCFC8"]) }

    @Test func theManualsSampleAnswers9000Throughout() throws {
        try card.accept(
            "800E000000", "80E03F000D38FFFFF0F001FFFFFFFFFFFFFF", "80E00000073F005001F0FFFF",
            "80D401000D36F0F0FF33FFFFFFFFFFFFFFFF",
            "80D401001539F0F0AA33FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "80E00001072A0213F000FFFF",
            "00E200081361114F09A00000000386980701500450424F43",
            "80E03F011138036FF0F095FFFFA00000000386980701")
        // Without file 0015 the answer has no A5 template (cos-dialects §6.1).
        #expect(try card.send("00A4040009A00000000386980701") == "6F0B8409A000000003869807019000")
        try card.accept(
            "80E00000073F018F95F0FFFF", "80D401001536F002FF3336363636363636363636363636363636",
            "80D401001539F0024433" + String(repeating: "39", count: 16), "80E0001507A8001EF0F0FFFF")
        // what a real card was sent under this key and challenge
        #expect(try card.send("0084000004") == "A3BBCFC89000")
        try card.accept(
            "04D6950022000122000001FFFF0101000022000000000000062016010120501231000096E32EF1")
        #expect(
            try card.send("00B095001E") == "000122000001FFFF010100002200000000000006201601012050123100009000")
        #expect(try card.send("00A40000023F00") == "6F15840E315041592E5359532E4444463031A5038801019000")
    }

    /// Unknown classes are told before unknown instructions, and lengths after both (cos-dialects §11, 14 and 15).
    @Test(arguments: [
        ("00FF0000", "6D00"), ("80FF0000", "6D00"), ("00E00000", "6D00"), ("80A40000", "6D00"),
        ("10A40000", "6E00"), ("01A40000", "6E00"), ("A0A4000002", "6E00"), ("FFFF0000", "6E00"), ("90FF0000", "6E00"),
        ("10C00000", "6E00"), ("0084000005", "6700"),
    ])
    func unknownClassesAndInstructionsAreToldApart(command: String, answer: String) throws {
        try card.accept(TestCard.masterFile)
        #expect(try card.send(command) == answer)
    }

    /// The limit of command data is 239 bytes (cos-dialects §2.1); it says nothing about commands that do not exist.
    @Test func moreThan239BytesAreTooLong() throws {
        try card.accept(TestCard.masterFile, "80E0000107280100F0F0FFFF")
        try card.accept("00D68100EF" + String(repeating: "11", count: 239))
        try card.refuse("00D68100F0" + String(repeating: "22", count: 240), "6700")
        try card.refuse("00FF0000F0" + String(repeating: "22", count: 240), "6D00")
    }
}
