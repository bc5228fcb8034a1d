import ByteText
import CardLayout
import Testing
import VirtualCard

/// Protected commands of which one bit is another: each is refused, and the card holds afterwards what it held before.
///
/// What may change is the one byte that counts failures: a key's tries, or an application's failures in a row. All commands are taken
/// as they stand from the suites of their kinds, where the sources of their bytes are told.
@Suite struct FlippedBitTests {
    /// One protected command and the card that takes it.
    struct Exchange: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var profile = "fmcos-ssse"
        var settings = ""
        /// What makes the card, each answered with 9000, and the challenges that it gives meanwhile.
        let card: [String]
        var challenges: [String] = []
        /// What is sent after each reset.
        var place: [String] = []
        /// What the command's MAC begins with; nil for one that needs none.
        var challenge: String?
        let command: String
        /// False for a command that reads.
        var writes = true
    }

    private static let keys = [TestCard.masterFile, TestCard.keyFile]
    private static let zeros = String(repeating: "00", count: 16)
    private static let maintenance = "80D401001536F0F0FF33"
    private static let application = [
        "80E03F010D380400F0F0FFFFFF4144463031", "00A40000023F01", TestCard.keyFile, maintenance + zeros,
    ]
    private static let master = "80D401001539F0F0AA33FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
    private static let pin = "80D40100083AF0EF0133123456"

    static let exchanges = [
        Exchange(
            testDescription: "WRITE KEY that adds", card: keys + [master], challenge: "4C45BAB9",
            command: "84D40102147C87BC23140021B3AFEA67E6359DDCFED7C943F6"),
        Exchange(
            testDescription: "WRITE KEY that adds in plain with a MAC", settings: "keyLoading: both",
            card: keys + [master], challenge: "4C45BAB9", command: "84D4010211F9F0F0AAFF1122334455667788734303D7"),
        Exchange(
            testDescription: "WRITE KEY that updates", card: keys + [master, "80D401010D39F0F0AAFF0102030405060708"],
            challenge: "EF364818", command: "84D43901147C87BC23140021B3AFEA67E6359DDCFE9095E4E1"),
        Exchange(
            testDescription: "WRITE KEY that updates a TimeCOS master", profile: "timecos",
            settings: "factoryMasterFile: false", card: keys + ["80D4010015F9F0F00A33" + TestCard.key],
            challenge: "11223344",
            command: "84D439001CCF5194CF490E72EC242B1638A078F51E3A8AE1947D2AD9644AFB8A31"),
        Exchange(
            testDescription: "84 24 with a PIN", card: keys + ["80D401001537F0F0FF33" + TestCard.key, pin],
            challenge: "1122334455667788", command: "842400010CAEEEB7A585E854B88C08F0C8"),
        Exchange(
            testDescription: "84 24 with a MAC alone",
            card: keys + ["80D401001537F0F0FF33" + TestCard.key, "80D40100083AF0EF0132123456"],
            challenge: "1122334455667788", command: "8424000004D3458DFF"),
        Exchange(
            testDescription: "RELOAD PIN",
            card: keys + ["80D401001538F0F0FF2211223344556677889900AABBCCDDEEFF", pin],
            command: "805E000007567890CE878B06"),
        Exchange(
            testDescription: "84 16", card: keys + [maintenance + zeros], challenge: "C2F02FFC",
            command: "841600000400CE33E6"),
        Exchange(
            testDescription: "84 1E", settings: "secureMessaging: {lockKeys: [00]}", card: keys + application,
            place: ["00A40000023F01"], challenge: "B5B0C549", command: "841E00000434BE5E04"),
        Exchange(
            testDescription: "84 18", settings: "secureMessaging: {lockKeys: [00]}",
            card: keys + application + ["0084000004", "841E00000434BE5E04"], challenges: ["B5B0C549"],
            place: ["00A40000023F01"], challenge: "DFBD968E", command: "84180000047C76AAA0"),
        Exchange(
            testDescription: "APPEND RECORD", card: keys + [maintenance + TestCard.key, "80E0000307EC0040F0F0FFFF"],
            challenge: "11223344", command: "04E2001C0C0E5F20DF2B4DDEB09A181712"),
        Exchange(
            testDescription: "UPDATE RECORD",
            card: keys + [
                maintenance + TestCard.key, "80E0000307EC0040F0F0FFFF", "0084000004",
                "04E2001C0C0E5F20DF2B4DDEB09A181712",
            ], challenges: ["11223344"], challenge: "11223344", command: "04DC011C0CDEE9D9EE73E1456F1286A407"),
        Exchange(
            testDescription: "READ RECORD",
            card: keys + [maintenance + TestCard.key, "80E00002072C0040F0F0FF7F", "00E20014050103AABBCC"],
            challenge: "11223344", command: "04B2011404E00D1096", writes: false),
        Exchange(
            testDescription: "UPDATE BINARY", card: keys + [maintenance + TestCard.key, "80E0001607A80010F0F0FFFF"],
            challenge: "11223344", command: "04D6960009AABBCCDDEE68837F83"),
        Exchange(
            testDescription: "UPDATE BINARY with SM4", profile: "fmcos-ssse-sm4",
            card: keys + [maintenance + TestCard.key, "80E0001607E80010F0F0FFFF"], challenge: "11223344",
            command: "04D6960014B5969514DABED7BBD320EE326E8643B7F7F35994"),
    ]

    /// A card of an image, with power and a challenge for the command.
    private func ready(_ exchange: Exchange, _ profile: COSProfile, _ image: [UInt8]) throws -> VirtualCard {
        let challenges = try [exchange.challenge].compactMap(\.self).map(bytes)
        let card = try VirtualCard(image: image, challenges: .fixed(challenges)) { _ in profile }
        card.powerOn()
        // a locked application is entered with 6A81
        for command in exchange.place { _ = card.respond(to: try bytes(command)) }
        if let challenge = challenges.first {
            #expect(card.respond(to: [0x00, 0x84, 0x00, 0x00, UInt8(challenge.count)]) == challenge + [0x90, 0x00])
        }
        return card
    }

    @Test(arguments: exchanges) func everyFlippedBitIsRefusedAndChangesNothing(exchange: Exchange) throws {
        let profile = try TestProfile.variant("transport: direct\n" + exchange.settings, of: exchange.profile)
        let made = try VirtualCard(
            profile: profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01],
            challenges: .fixed(exchange.challenges.map(bytes)))
        for command in exchange.card {
            let answer = made.respond(to: try bytes(command)).hexadecimal
            #expect(answer.hasSuffix("9000"), "\(command): \(answer)")
        }
        let before = made.image
        let command = try bytes(exchange.command)

        // the command itself is good, and a wrong MAC costs no more than a try
        let good = try ready(exchange, profile, before)
        #expect(good.respond(to: command).hexadecimal.hasSuffix("9000"))
        #expect((good.image != before) == exchange.writes)
        let wrong = try ready(exchange, profile, before)
        _ = wrong.respond(to: command.dropLast() + [(command.last ?? 0) ^ 0x01])
        let counted = wrong.image
        #expect(counted.count == before.count)
        #expect(zip(counted, before).count { $0 != $1 } <= 1)

        for bit in 0..<command.count * 8 {
            var flipped = command
            flipped[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            let card = try ready(exchange, profile, before)
            let answer = card.respond(to: flipped)
            // nothing but a status word that refuses
            let isRefused = answer.count == 2 && ![0x90, 0x61, 0x62].contains(answer[0])
            #expect(isRefused, "\(flipped.hexadecimal): \(answer.hexadecimal)")
            #expect([before, counted].contains(card.image), "\(flipped.hexadecimal) changed the card")
        }
    }
}
