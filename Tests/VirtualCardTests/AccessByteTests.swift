import ByteText
import Testing

/// Each form of access byte over all sixteen values of a security register (cos-dialects §2.2).
@Suite struct AccessByteTests {
    /// An access byte and, for the register values 0 to F in turn, whether it is met.
    struct Row: Sendable, CustomTestStringConvertible {
        let right: String
        let met: String
        var testDescription: String { right }
    }

    static let onTheDirectory = [
        Row(right: "F0", met: "++++++++++++++++"),
        Row(right: "F1", met: "-+++++++++++++++"),
        Row(right: "21", met: "-++-------------"),
        Row(right: "52", met: "--++++----------"),
        Row(right: "E4", met: "----+++++++++++-"),
        Row(right: "11", met: "-+--------------"),
        Row(right: "77", met: "-------+--------"),
        Row(right: "FF", met: "---------------+"),
        Row(right: "EF", met: "----------------"),
        Row(right: "12", met: "----------------"),
        Row(right: "3C", met: "----------------"),
    ]

    static let onTheMasterFile = [
        Row(right: "00", met: "++++++++++++++++"),
        Row(right: "01", met: "-+++++++++++++++"),
        Row(right: "05", met: "-----+++++++++++"),
        Row(right: "0E", met: "--------------++"),
        Row(right: "0F", met: "---------------+"),
    ]

    /// A card with a PIN for every state in the MF and in directory 3F01, whose file 0001 asks for `right`.
    private func card(right: String) throws -> TestCard {
        let card = try TestCard("pinLookup: own")
        let digits = "0123456789ABCDEF"
        let pins = digits.dropFirst().map { "80D4010\($0)073AF0EF0\($0)33123\($0)" }
        try card.accept(TestCard.masterFile, TestCard.keyFile)
        for pin in pins { try card.accept(pin) }
        try card.accept("80E03F010D380400F0F0FFFFFF4144463031", "00A40000023F01", TestCard.keyFile)
        for pin in pins { try card.accept(pin) }
        try card.accept("80E0000107280002\(right)F0FFFF")
        return card
    }

    private func reading(_ card: TestCard) throws -> Character {
        switch try card.send("00B0810002") {
        case "FFFF6281": "+"
        case "6982": "-"
        default: "?"
        }
    }

    @Test(arguments: onTheDirectory)
    func aRightOnTheDirectoryIsMetBetweenItsNibbles(row: Row) throws {
        let card = try card(right: row.right)
        var met = ""
        for state in "0123456789ABCDEF" {
            // The master file's register says something else each time and must not matter.
            card.powerOn()
            if state != "5" { try card.accept("00200005021235") }
            try card.accept("00A40000023F01")
            if state != "0" { try card.accept("0020000\(state)02123\(state)") }
            met.append(try reading(card))
        }
        #expect(met == row.met)
    }

    @Test(arguments: onTheMasterFile)
    func aRightOnTheMasterFileIsMetFromItsNibbleOn(row: Row) throws {
        let card = try card(right: row.right)
        var met = ""
        for state in "0123456789ABCDEF" {
            card.powerOn()
            if state != "0" { try card.accept("0020000\(state)02123\(state)") }
            try card.accept("00A40000023F01")
            // The directory's own register must not matter.
            if state != "A" { try card.accept("0020000A02123A") }
            met.append(try reading(card))
        }
        #expect(met == row.met)
    }

    /// Only the low nibble of the next state counts (cos-dialects §2.2).
    @Test func theHighNibbleOfAStateIsPassedOver() throws {
        let card = try TestCard()
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D40100073AF0EFA3331234", "80E000010728000233F0FFFF")
        card.powerOn()
        #expect(try reading(card) == "-")
        try card.accept("00200000021234")
        #expect(try reading(card) == "+")
    }
}
