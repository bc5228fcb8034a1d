import ByteText
import Testing

/// The protected forms in which new keys come (cos-dialects §4.2): the setting `keyLoading`.
///
/// The published command is a live card's; the others are by Python's cryptography, which gives the published one too.
@Suite struct KeyLoadingTests {
    private static let challenge = "4C45BAB9"
    /// F9/02 = 1122334455667788 under the master FF×16: by cipher and MAC, and in plain with a MAC.
    private static let enciphered = "84D40102147C87BC23140021B3AFEA67E6359DDCFED7C943F6"
    private static let plain = "84D4010211F9F0F0AAFF1122334455667788734303D7"
    /// PIN 123456 of three bytes: eight bytes of plain data, as many as a block of cipher text has.
    private static let encipheredPIN = "84D40100141535F122C7D1920A269705C21D6B8209D018B991"
    private static let plainPIN = "84D401000C3AF0EF4455123456D45B0451"

    private func card(_ setting: String) throws -> TestCard {
        let card = try TestCard("keyLoading: \(setting)", challenges: Array(repeating: Self.challenge, count: 4))
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001539F0F0AA33FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")
        return card
    }

    private func send(_ card: TestCard, _ command: String) throws -> String {
        #expect(try card.send("0084000004") == Self.challenge + "9000")
        return try card.send(command)
    }

    @Test(arguments: [
        ("enciphered", "9000", "6700"), ("mac", "6700", "9000"), ("both", "9000", "9000"),
    ])
    func aNewKeyComesInTheFormsOfTheProfile(setting: String, enciphered: String, plain: String) throws {
        for (command, answer) in [(Self.enciphered, enciphered), (Self.plain, plain)] {
            let card = try card(setting)
            let before = card.image
            #expect(try send(card, command) == answer)
            guard answer == "9000" else {
                #expect(card.image == before)
                continue
            }
            // E(1122334455667788, 4C45BAB9 ‖ 00000000): the card has this key and no other
            #expect(try send(card, "008200020870A807AEC6C90395") == "9000")
        }
    }

    @Test(arguments: [("enciphered", "9000", "6A80"), ("mac", "6A80", "9000"), ("both", "9000", "9000")])
    func aShortPINIsToldFromCipherText(setting: String, enciphered: String, plain: String) throws {
        for (command, answer) in [(Self.encipheredPIN, enciphered), (Self.plainPIN, plain)] {
            let card = try card(setting)
            #expect(try send(card, command) == answer)
            #expect(try card.send("0020000003123456") == (answer == "9000" ? "9000" : "9403"))
        }
    }

    @Test(arguments: ["enciphered", "mac", "both"]) func aWrongMACIsToldAndPlainKeysAreTaken(setting: String) throws {
        let card = try card(setting)
        for command in [Self.enciphered, Self.plain] where !(setting == "enciphered" && command == Self.plain) {
            let before = card.image
            #expect(try send(card, String(command.dropLast(2)) + "00") == "9302")
            #expect(card.image == before)
        }
        try card.accept("80D401010D39F0F0AAFF0102030405060708")
    }
}
