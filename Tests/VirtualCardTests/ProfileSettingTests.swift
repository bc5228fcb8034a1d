import CardLayout
import ISO7816
import Testing
import VirtualCard

/// Settings that no public text settles, on the card: each value that a profile may have.
@Suite struct ProfileSettingTests {
    /// A PIN of six digits and five tries, found from anywhere.
    private static let pin = "80D401000D3AF0EF0155123456FFFFFFFFFF"

    private func card(_ settings: String) throws -> TestCard {
        let card = try TestCard(settings)
        try card.accept(TestCard.masterFile, TestCard.keyFile, Self.pin)
        return card
    }

    // MARK: - freeCounterQuery

    @Test func verifyWithoutDataTellsTheTriesAndCostsNone() throws {
        let card = try card("freeCounterQuery: true")
        for _ in 0..<3 { try card.refuse("00200000", "63C5") }
        #expect(try card.send("0020000003999999") == "63C4")
        try card.refuse("00200000", "63C4")
        for _ in 0..<4 { _ = try card.send("0020000003999999") }
        try card.refuse("00200000", "6983")
    }

    @Test func elsewhereVerifyWithoutDataIsTooShort() throws {
        try card("freeCounterQuery: false").refuse("00200000", "6700")
    }

    // MARK: - pinCommands

    @Test func aCardWithoutChangingRefusesIt() throws {
        let without = try card("pinCommands: {change: none}")
        try without.refuse("805E010007123456FF567890", "6D00")
        try card("pinCommands: {change: change-pin}").accept("805E010007123456FF567890")
    }

    @Test func aCardWithoutUnblockingByMACRefusesItsLength() throws {
        try card("pinCommands: {unblock: none}").refuse("842400000411223344", "6700")
        // with it, what is missing is the key
        try card("pinCommands: {unblock: mac-only}").refuse("842400000411223344", "9403")
    }

    @Test(arguments: ["reload", "none"]) func aCardThatIsResetInAnotherWayRefusesTheCipheredPIN(way: String) throws {
        try card("pinCommands: {reset: \(way)}").refuse("842400010C112233445566778811223344", "6D00")
        try card("pinCommands: {reset: pin-unblock}").refuse("842400010C112233445566778811223344", "9403")
    }

    // MARK: - Commands for records

    /// T514 has 00 D2 alone (cos-dialects §3.7), all others 00 DC, 00 D2 and 00 E2 (§6.5).
    @Test func recordsAreWrittenByTheCommandsOfTheCard() throws {
        let others = try TestCard("")
        let t514 = try TestCard("", of: "t514")
        for command in ["00DC0134020800", "00E20034020800", "04DC013406080011223344"] {
            try t514.refuse(command, "6D00")
            #expect(try others.send(command) != "6D00", "\(command)")
        }
        #expect(try t514.send("00D20134020800") != "6D00")
    }

    // MARK: - unwrittenRecord

    /// A ring and a file of fixed records, three of two bytes each, with one written.
    @Test(arguments: [
        ("not-found", "6A83", "6A83"), ("warning", "FFFF6281", "6A83"), ("filled", "FFFF9000", "6A83"),
    ]) func recordsThatNobodyHasWritten(setting: String, unwritten: String, outside: String) throws {
        for (type, append) in [("2E", "00DC00330201AA"), ("2A", "00E200340201AA")] {
            let card = try TestCard("unwrittenRecord: \(setting)")
            try card.accept(TestCard.masterFile, "80E0000607\(type)0302F0F0FFFF")
            #expect(try card.send("00B2013402") == unwritten, "\(type) before any")
            try card.accept(append)
            #expect(try card.send("00B2013402") == "01AA9000")
            #expect(try card.send("00B2033402") == unwritten, "\(type) behind the last")
            #expect(try card.send("00B2043402") == outside, "\(type) outside")
        }
    }
}
