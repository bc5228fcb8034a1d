import Testing

/// `accessUnits`: what an access byte XY asks of the register, a number or a bit for each state (cos-dialects §2.2).
@Suite struct AccessUnitTests {
    /// An access byte, the states that were presented one after the other, and whether the byte is met then.
    struct Row: Sendable, CustomTestStringConvertible {
        let units: String
        let right: String
        let presented: String
        let isMet: Bool
        var testDescription: String { "\(units) \(right) after \(presented)" }
    }

    /// Where the two differ: the last state alone counts, or all of them; F0 and 0Y change their meaning.
    static let rows = [
        Row(units: "level", right: "31", presented: "15", isMet: false),
        Row(units: "bits", right: "31", presented: "15", isMet: true),
        Row(units: "level", right: "31", presented: "2", isMet: true),
        Row(units: "bits", right: "31", presented: "2", isMet: true),
        Row(units: "level", right: "31", presented: "4", isMet: false),
        Row(units: "bits", right: "31", presented: "4", isMet: false),
        Row(units: "level", right: "F0", presented: "", isMet: true),
        Row(units: "bits", right: "F0", presented: "", isMet: false),
        Row(units: "bits", right: "F0", presented: "7", isMet: true),
        Row(units: "level", right: "05", presented: "", isMet: false),
        Row(units: "bits", right: "05", presented: "", isMet: true),
        Row(units: "level", right: "EF", presented: "E", isMet: false),
        Row(units: "bits", right: "EF", presented: "EF", isMet: false),
        Row(units: "level", right: "13", presented: "2", isMet: false),
        Row(units: "bits", right: "13", presented: "123", isMet: false),
    ]

    /// A directory with a PIN for every state, free to use in either unit, and a file that asks for the right.
    @Test(arguments: rows) func aRightIsMetByTheUnitsOfTheCard(row: Row) throws {
        let card = try TestCard("accessUnits: \(row.units)\npinLookup: own")
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80E03F010D38040000" + "00FFFFFF4144463031", "00A40000023F01")
        try card.accept(TestCard.keyFile)
        for state in "123456789ABCDEF" { try card.accept("80D4010\(state)073A00EF0\(state)33123\(state)") }
        try card.accept("80E0000107280002\(row.right)00FFFF")
        card.powerOn()
        try card.accept("00A40000023F01")
        for state in row.presented { try card.accept("0020000\(state)02123\(state)") }
        #expect(try card.send("00B0810002") == (row.isMet ? "FFFF6281" : "6982"))
    }
}
