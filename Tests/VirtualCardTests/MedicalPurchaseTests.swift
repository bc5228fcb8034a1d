import ByteText
import Testing
import VirtualCard

/// The log that only the card writes: INITIALIZE FOR PURCHASE and DEBIT FOR PURCHASE (card.md §2.6).
@Suite struct MedicalPurchaseTests {
    private static let transactionKey = "00112233445566778899AABBCCDDEEFF"
    private static let amounts = "00000000000004E200000271"
    private static let terminal = "990101000001"
    private static let time = "20260301090000"
    private static let begin = "8050010213" + "01" + amounts + terminal + "06"
    /// The third of the terminal's numbers, time and MAC1.
    private static func debit(_ mac: String) -> String { "805401000F" + "00000007" + time + mac + "08" }

    /// A card with the purchase key 3E/01 behind the PIN, 34/01, and a ring of three records that nobody may write.
    private func card(_ challenges: [String]? = ["A1B2C3D4"]) throws -> TestCard {
        let card = try TestCard(challenges: challenges)
        try card.accept(
            TestCard.masterFile, "80E00000073F00F001F0FFFF",
            "80D40101153E22F00100" + TestCard.key, "80D40101153422F00100" + Self.transactionKey,
            "80D40100083AF0EF0233123456", "80E0EF08072E031CF0EFFFFF")
        // the freedom of a new directory ends
        card.powerOff()
        return card
    }

    /// The proofs were computed with openssl: E(DPK, challenge ‖ sequence ‖ 0007), single-DES CBC-MACs, the folded DTK for the TAC.
    @Test func thePurchaseIsProvedBothWaysAndLogged() throws {
        let card = try card()
        try card.accept("0020000003123456")
        #expect(try card.send(Self.begin) == "A1B2C3D400009000")
        #expect(try card.send(Self.debit("FFE44EFC")) == "17C50E4A" + "42AE39FC" + "9000")
        let record = "0000" + "32" + Self.terminal + Self.time + Self.amounts
        #expect(try card.send("00B201441C") == record + "9000")
        // nobody else writes it
        try card.refuse("00DC00431C" + record, "6982")
        try card.refuse("00E200441C" + record, "6982")
    }

    @Test func aWrongMACLeavesNothingAndEndsThePurchase() throws {
        let card = try card()
        try card.accept("0020000003123456")
        #expect(try card.send(Self.begin) == "A1B2C3D400009000")
        try card.refuse(Self.debit("00000000"), "9302")
        try card.refuse(Self.debit("FFE44EFC"), "6985")
        try card.refuse("00B201441C", "6A83")
    }

    @Test func theDebitFollowsAtOnceAndWantsThePIN() throws {
        let card = try card(["A1B2C3D4", "A1B2C3D5", "A1B2C3D6"])
        try card.refuse(Self.debit("FFE44EFC"), "6985")
        try card.refuse(Self.begin, "6982")
        try card.accept("0020000003123456")
        #expect(try card.send(Self.begin) == "A1B2C3D400009000")
        try card.refuse("00B201441C", "6A83")
        try card.refuse(Self.debit("FFE44EFC"), "6985")
        // its challenge proves a purchase, and no authentication
        #expect(try card.send(Self.begin) == "A1B2C3D500009000")
        try card.refuse("8050010213" + "02" + Self.amounts + Self.terminal, "9403")
        try card.refuse("8050010113" + "01" + Self.amounts + Self.terminal, "6A86")
        try card.refuse("8050010212" + "01" + Self.amounts + "9901010000", "6700")
        card.powerOff()
        try card.refuse(Self.debit("FFE44EFC"), "6985")
    }

    @Test func aDirectoryWithoutAClosedRingTakesNoPurchase() throws {
        let card = try TestCard()
        try card.accept(
            TestCard.masterFile, "80E00000073F00F001F0FFFF", "80D40101153EF0F00100" + TestCard.key,
            "80D401011534F0F00100" + Self.transactionKey, "80E0EF08072E031CF0F0FFFF")
        try card.refuse(Self.begin, "6A81")
    }
}
