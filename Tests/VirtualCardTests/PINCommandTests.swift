import ByteText
import Testing
import VirtualCard

/// CHANGE, RELOAD, RESET and UNBLOCK PIN, and the PIN under protection (cos-dialects §6.6, card.md §2.1, §2.4).
///
/// MACs and cipher texts by Python's cryptography, which gives the published ones too.
@Suite struct PINCommandTests {
    /// PIN 123456 with three tries under the key file's keys: 37/00 the maintenance key, 38/00 the reload key.
    private func card(
        _ settings: String = "", pin: String = "80D40100083AF0EF0133123456", use: String = "F0",
        challenges: [String]? = nil
    ) throws -> TestCard {
        let card = try TestCard(settings, challenges: challenges ?? Array(repeating: "1122334455667788", count: 9))
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001537\(use)F0FF33" + TestCard.key,
            "80D401001538F0F0FF22" + "11223344556677889900AABBCCDDEEFF", pin)
        return card
    }

    private func send(_ card: TestCard, _ command: String, challenge: String = "0084000008") throws -> String {
        #expect(try card.send(challenge).hasSuffix("9000"))
        return try card.send(command)
    }

    private func block(_ card: TestCard) throws {
        for tries in ["63C2", "63C1", "63C0", "6983"] { #expect(try card.send("0020000003999999") == tries) }
    }

    // MARK: - Change

    @Test func theHolderChangesThePINWithTheOldOne() throws {
        let card = try card()
        #expect(try card.send("805E010007999999FF567890") == "63C2")
        try card.accept("805E010007123456FF567890")
        #expect(try card.send("0020000003123456") == "63C2")
        try card.accept("0020000003567890")
        // another length: four digits, then five, the last filled with F
        try card.accept("805E010006567890FF4321", "00200000024321", "805E0100064321FF98765F", "002000000398765F")
        try block(card)
        try card.refuse("805E01000798765FFF567890", "6983")
    }

    @Test func whatIsNoPINIsRefused() throws {
        let card = try card()
        for (command, answer) in [
            ("805E010004123456FF", "6700"), ("805E010006123456567890", "6A80"), ("805E010005123456FF56", "6A80"),
            ("805E010007123456FF5678AB", "6A80"), ("805E010007123456FF56F890", "6A80"),
            ("805E020007123456FF567890", "6A86"), ("805E010107123456FF567890", "9403"),
        ] { try card.refuse(command, answer) }
        try card.accept("0020000003123456")
    }

    // MARK: - Reload

    /// Single DES under the key's left half XOR its right half, over the PIN alone.
    @Test func thePINIsLoadedAnewUnderTheReloadKey() throws {
        let card = try card()
        try block(card)
        try card.accept("805E000007567890CE878B06", "0020000003567890")
        #expect(try card.send("805E00000756789000000000") == "6988")
        #expect(try card.send("805E00000756789000000000") == "6988")
        try card.refuse("805E000007567890CE878B06", "6983")
    }

    // MARK: - Reset and unblock

    /// A session key of the challenge, initial value zero; block ‹03 PIN 80…› as card.md §2.4 has it.
    ///
    /// P1 P2 of the sources differ, and a card takes each form, whatever is sent to it (cos-dialects §6.6, §12): 00 00, 00 01, the
    /// PIN's identifier and 00.
    @Test(
        arguments: [
            ("842400010CAEEEB7A585E854B88C08F0C8", "00"), ("842400000CAEEEB7A585E854B8590C8F8F", "00"),
            ("842401000CAEEEB7A585E854B85CC5E3B8", "01"),
        ], ["0001", "0000"])
    func thePINIsResetUnderTheMaintenanceKey(reset: (command: String, pin: String), sent: String) throws {
        let card = try card(
            "pinCommands: {resetParameters: \(sent)}", pin: "80D401\(reset.pin)083AF0EF0133123456")
        for tries in ["63C2", "63C1", "63C0", "6983"] {
            #expect(try card.send("002000\(reset.pin)03999999") == tries)
        }
        #expect(try send(card, reset.command) == "9000")
        try card.accept("002000\(reset.pin)03567890")
        #expect(try card.send("002000\(reset.pin)03123456") == "63C2")
    }

    /// `pinCommands: {key: …}`: a key for PINs alone, 37/00, or the maintenance key 36/00; a card with the other one has no key for it.
    @Test(arguments: [("pin-unblock", "37"), ("maintenance", "36")])
    func thePINIsResetUnderTheKeyOfTheProfile(setting: String, type: String) throws {
        for other in ["36", "37"] {
            let card = try TestCard(
                "pinCommands: {key: \(setting)}", challenges: Array(repeating: "1122334455667788", count: 9))
            try card.accept(
                TestCard.masterFile, TestCard.keyFile, "80D4010015\(other)F0F0FF33" + TestCard.key,
                "80D40100083AF0EF0133123456")
            let isThere = other == type
            #expect(try send(card, "842400010CAEEEB7A585E854B88C08F0C8") == (isThere ? "9000" : "9403"))
            #expect(try send(card, "8424000004D3458DFF") == (isThere ? "9000" : "9403"))
        }
    }

    @Test func aMACAloneGivesTheTriesBack() throws {
        let card = try card()
        try block(card)
        #expect(try send(card, "8424000004D3458DFF") == "9000")
        try card.accept("0020000003123456")
    }

    @Test func aProfileMayUseTheKeyItself() throws {
        let card = try card("secureMessaging: {pinKey: card-key}", challenges: ["11223344"])
        #expect(try send(card, "842400010CC0DD66581259438DC382F9F1", challenge: "0084000004") == "9000")
        try card.accept("0020000003567890")
    }

    @Test func wrongResetsCostTheMaintenanceKeyItsTries() throws {
        let card = try card()
        try card.refuse("842400010CAEEEB7A585E854B88C08F0C8", "6985")
        try card.refuse("80240001" + "0CAEEEB7A585E854B88C08F0C8", "6987")
        try card.refuse("84240002" + "0CAEEEB7A585E854B88C08F0C8", "6A86")
        try card.refuse("8424000103AABBCC", "6700")
        for _ in 0..<3 { #expect(try send(card, "842400010CAEEEB7A585E854B88C08F0C0") == "6988") }
        #expect(try send(card, "842400010CAEEEB7A585E854B88C08F0C8") == "9303")
        try card.accept("0020000003123456")
    }

    /// The social security profile lets the key be used in the state that PUK leads to.
    @Test func theMaintenanceKeyHasItsRight() throws {
        let card = try card(use: "33")
        #expect(try send(card, "842400010CAEEEB7A585E854B88C08F0C8") == "6982")
        try card.accept("80D401061539F0F00333" + TestCard.key)
        #expect(try card.send("0084000008") == "11223344556677889000")
        try card.accept("0082000608" + "3EB3B72576BBBE83")
        #expect(try send(card, "842400010CAEEEB7A585E854B88C08F0C8") == "9000")
    }

    // MARK: - VERIFY under protection

    @Test(arguments: [
        ("7A", "04200000071234567E465DD1"), ("FA", "042000000C443FBFE8B3103299A1F527C6"),
    ])
    func aProtectedPINIsPresentedUnderProtection(type: String, command: String) throws {
        let card = try card(pin: "80D4010008\(type)F0EF0133123456", challenges: Array(repeating: "11223344", count: 3))
        try card.refuse("0020000003123456", "6987")
        #expect(try send(card, String(command.dropLast()) + "0", challenge: "0084000004") == "9302")
        #expect(try send(card, command, challenge: "0084000004") == "9000")
        // the MAC is checked before the PIN: no try is lost
        #expect(try card.send(command) == "6985")
    }

    @Test func aPlainPINTakesNoProtection() throws {
        let card = try card(challenges: ["11223344"])
        #expect(try send(card, "04200000071234567E465DD1", challenge: "0084000004") == "6900")
    }
}
