import ByteText
import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Testing
import VirtualCard

/// Protected commands against the virtual card, which has the key by command and knows nothing of this room.
@Suite struct ProtectedChannelTests {
    /// A way of protecting, and the type byte of files that demand it.
    struct Way: Sendable, CustomTestStringConvertible {
        let mode: LineProtection.Mode
        let profile: String
        let settings: String
        var type: String { mode == .mac ? "A8" : "E8" }
        var testDescription: String { "\(mode) \(profile) \(settings)" }

        static let all: [Way] =
            LineProtection.Mode.allCases.flatMap { mode in
                ["fmcos-ssse", "fmcos-ssse-sm4"].flatMap { profile in
                    [
                        "transport: t0", "transport: direct", "secureMessaging: {readForm: counted}",
                        "secureMessaging: {key: session-key, challenge: 8}",
                    ].map { Way(mode: mode, profile: profile, settings: $0) }
                }
            } + forms
        /// What a profile may say of SM4, each alone and all at once.
        static let forms: [Way] = LineProtection.Mode.allCases.flatMap { mode in
            [
                "macLength: 8", "initialValue: complemented", "macPadding: when-needed", "dataPadding: always",
                "macLength: 8, initialValue: complemented, macPadding: when-needed, dataPadding: always",
            ].map { Way(mode: mode, profile: "fmcos-ssse-sm4", settings: "secureMessaging: {sm4: {\($0)}}") }
        }
        static let few = [all[0], all[1], all[9], all[13], forms[4], forms[9]]
    }

    private static let key: [UInt8] = Array(0x41...0x50)
    private static let file: UInt8 = 0x16

    private func card(
        _ way: Way, size: String = "0010", profile known: COSProfile? = nil
    ) throws -> (VirtualCard, VirtualCardChannel, COSProfile) {
        let profile = try known ?? CardSite.variant(way.settings, of: way.profile)
        let card = try VirtualCard(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 1], challenges: .seeded(1))
        let channel = try VirtualCardChannel(card)
        for command in [
            "80E03F000D38FFFFF0F001FFFFFFFFFFFFFF", "80E00000073F00F001F0FFFF",
            "80D401001536F0F0FF33" + Self.key.hexadecimal, "80E0001607\(way.type)\(size)F0F0FF7F",
        ] {
            #expect(try channel.transmit(CommandAPDU(bytes: bytes(command))).statusWord == .success)
        }
        return (card, channel, profile)
    }

    private func protected(
        _ channel: any CardChannel, _ profile: COSProfile, _ way: Way, key: [UInt8] = Self.key
    ) -> ProtectedChannel {
        ProtectedChannel(
            channel,
            KnownKeyProtection(
                key: key, form: profile.lineProtection(way.mode),
                cipher: profile.algorithm == .sm4 ? .sm4 : .tripleDES),
            profile: profile)
    }

    private func update(_ bytes: [UInt8], at offset: Int = 0) throws -> CommandAPDU {
        try CommandAPDU(0x00, 0xD6, 0x80 | Self.file, UInt8(offset), data: bytes)
    }

    private func read(_ count: Int, at offset: Int = 0) -> CommandAPDU {
        CommandAPDU(0x00, 0xB0, 0x80 | Self.file, UInt8(offset), le: UInt8(count))
    }

    private func isProtected(_ command: CommandAPDU) -> Bool { command.cla & 0x04 != 0 }

    // MARK: - Through and back

    @Test(arguments: Way.all) func whatIsWrittenIsReadBack(way: Way) throws {
        let (_, base, profile) = try card(way)
        let tracing = TracingChannel(base, personalData: .shown)
        let channel = protected(tracing, profile, way)
        let content = try bytes("00112233445566778899AABBCCDDEEFF")
        #expect(try channel.transmit(update(content)) == ResponseAPDU(.success))
        for count in 1...16 {
            #expect(try channel.transmit(read(count)) == ResponseAPDU(data: Array(content.prefix(count)), .success))
        }
        // on the wire nothing of it is seen where it is enciphered, and the plain form is refused
        let onTheWire = tracing.trace.description.uppercased().filter { $0 != " " }
        #expect(onTheWire.contains("00112233445566") == (way.mode == .mac))
        #expect(try base.transmit(read(16)).statusWord == .secureMessagingMissing)
    }

    /// Chunks of the published size fit and write and read a whole file; one byte more is not sent.
    @Test(arguments: Way.all, [24, 40, 64, 111, 255])
    func chunksOfThePublishedSizeFit(way: Way, limit: Int) throws {
        let (_, base, profile) = try card(way, size: "0100")
        let channel = protected(LimitedChannel(base, limit), profile, way)
        #expect(channel.largestCommandData > 0 && channel.largestCommandData < limit)
        let content = (0..<256).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 5) }
        for start in stride(from: 0, to: 256, by: channel.largestCommandData) {
            let chunk = Array(content[start..<min(start + channel.largestCommandData, 256)])
            #expect(try channel.transmit(update(chunk, at: start)).statusWord == .success)
        }
        var readBack: [UInt8] = []
        while readBack.count < 256 {
            let count = min(channel.largestAnswerData, 256 - readBack.count)
            readBack += try channel.transmit(read(count, at: readBack.count)).data
        }
        #expect(readBack == content)
        let more = [UInt8](repeating: 0, count: channel.largestCommandData + 1)
        #expect(throws: CardChannelError.notProtected("card-key.wrong-length")) {
            try channel.transmit(update(more))
        }
        #expect(throws: CardChannelError.notProtected("card-key.wrong-length")) {
            try channel.transmit(CommandAPDU(0x00, 0xB0, 0x96, 0x00, le: UInt8(channel.largestAnswerData + 1)))
        }
    }

    /// A card of one form takes no command of another, and no answer of it is believed.
    @Test(arguments: Way.forms) func aCardOfOneFormTakesNoOther(way: Way) throws {
        let usual = Way(mode: way.mode, profile: way.profile, settings: "secureMessaging: {readForm: bare}")
        // a message that fills its blocks, so that padding counts: CLA INS P1 P2 Lc and 11 or 16 bytes
        let content = [UInt8](repeating: 0xA5, count: way.mode == .mac ? 11 : 15)
        let (_, base, profile) = try card(way)
        let other = try CardSite.variant(usual.settings, of: usual.profile)
        let foreign = try protected(base, other, usual).transmit(update(content)).statusWord
        // what pads MACs does nothing to 21 bytes, and what pads data nothing to data in plain
        let idle = way.mode == .mac ? "{sm4: {dataPadding" : "{sm4: {macPadding"
        #expect((foreign == .success) == way.settings.contains(idle), "\(foreign)")
        #expect(try protected(base, profile, way).transmit(update(content)).statusWord == .success)
    }

    @Test func otherCommandsPassAsTheyAre() throws {
        let way = Way.all[1]
        let (_, base, profile) = try card(way)
        let tracing = TracingChannel(base)
        let channel = protected(tracing, profile, way)
        #expect(try channel.transmit(CommandAPDU(bytes: bytes("00A4000000"))).data.first == 0x6F)
        #expect(tracing.trace.entries.count == 1)
        #expect(channel.lastChallenge == nil)
    }

    @Test func applicationsAreLockedThroughIt() throws {
        let way = Way.all[1]
        let (_, base, profile) = try card(way)
        for command in [
            "80E03F010D380400F0F0FFFFFF4144463031", "00A40000023F01", "80E00000073F00F001F0FFFF",
            "80D401001536F0F0FF33" + Self.key.hexadecimal,
        ] { _ = try base.transmit(CommandAPDU(bytes: bytes(command))) }
        let channel = protected(base, profile, way)
        let block = CommandAPDU(0x84, 0x1E, 0x00, 0x00)
        let unblock = CommandAPDU(0x84, 0x18, 0x00, 0x00)
        #expect(try channel.transmit(block).statusWord == .success)
        #expect(try base.transmit(CommandAPDU(0x00, 0x20, 0x00, 0x00)).statusWord == .functionNotSupported)
        #expect(try channel.transmit(unblock).statusWord == .success)
    }

    // MARK: - What is not believed

    @Test(arguments: Way.few) func everyFlippedBitOfAnAnswerIsNoticed(way: Way) throws {
        let (_, base, profile) = try card(way)
        #expect(try protected(base, profile, way).transmit(update(Array(1...16))).statusWord == .success)
        var bit = 0
        while true {
            // under T=0 the data comes with GET RESPONSE
            let tampering = TamperingChannel(base, .answer, bit: bit) {
                $0.ins == 0xC0 || (profile.transport == .direct && isProtected($0))
            }
            let channel = protected(tampering, profile, way)
            let result = Result { try channel.transmit(read(13)) }
            guard tampering.hasTampered else { break }
            #expect(throws: CardChannelError.protectionBroken, "bit \(bit)") { try result.get() }
            bit += 1
        }
        #expect(
            bit == 8
                * profile.lineProtection(way.mode).answerLength(
                    plain: 13, cipher: profile.algorithm == .sm4 ? .sm4 : .tripleDES))
    }

    @Test(arguments: Way.few) func everyFlippedBitOfACommandIsRefusedByTheCard(way: Way) throws {
        let profile = try CardSite.variant(way.settings, of: way.profile)
        var bit = 0
        while true {
            let (card, base, _) = try card(way, profile: profile)
            let before = try base.transmit(CommandAPDU(bytes: bytes("00A4000000"))).data
            let tampering = TamperingChannel(base, .command, bit: bit) { $0.ins == 0xD6 && isProtected($0) }
            let answer = try protected(tampering, profile, way).transmit(update(Array(1...13)))
            guard tampering.hasTampered else { break }
            #expect(answer.statusWord != .success, "bit \(bit): \(answer.statusWord)")
            #expect(before == (try base.transmit(CommandAPDU(bytes: bytes("00A4000000"))).data))
            let content = try protected(base, profile, way).transmit(read(16))
            #expect(content.statusWord == .dataMayBeCorrupted, "bit \(bit): the file was written")
            _ = card
            bit += 1
        }
        #expect(bit > 8 * (5 + 13 + 4) - 1)
    }

    @Test(arguments: ["9000", "6281", "6282", "6300", "63C1"], ["", "AABBCCDD", "AABBCCDDEEFF"])
    func anAnswerWithoutItsMACIsNotBelieved(statusWord: String, data: String) throws {
        let base = try ScriptedChannel(["112233449000", data + statusWord, "9000"])
        let channel = protected(base, try CardSite.profile(), Way.all[0])
        #expect(throws: CardChannelError.protectionBroken) { try channel.transmit(read(2)) }
        // nothing passes any more, not even what is not protected
        #expect(throws: CardChannelError.protectionBroken) { try channel.transmit(CommandAPDU(0x00, 0xA4, 0x00, 0x00)) }
        #expect(base.received.count == 2)
        #expect(channel.lastChallenge == nil)
        try channel.reset()
        #expect(try channel.transmit(CommandAPDU(0x00, 0xA4, 0x00, 0x00)).statusWord == .success)
    }

    @Test(arguments: ["6982", "6988", "9303", "6A82"]) func refusalsAreTold(statusWord: String) throws {
        let base = try ScriptedChannel(["112233449000", statusWord, "112233459000", "AA" + statusWord])
        let channel = protected(base, try CardSite.profile(), Way.all[0])
        #expect(try channel.transmit(read(2)).statusWord.description == statusWord)
        // data beside a refusal proves nothing
        #expect(throws: CardChannelError.protectionBroken) { try channel.transmit(read(2)) }
    }

    @Test func dataWhereNoneWasAskedForIsNotBelieved() throws {
        let base = try ScriptedChannel(["112233449000", "AABB9000"])
        let channel = protected(base, try CardSite.profile(), Way.all[0])
        #expect(throws: CardChannelError.protectionBroken) { try channel.transmit(update([1])) }
    }

    @Test(arguments: Way.few) func anotherKeyIsNoKey(way: Way) throws {
        let (card, base, profile) = try card(way)
        let channel = protected(base, profile, way, key: Self.key.map { $0 ^ 0x10 })
        #expect(try channel.transmit(read(4)).statusWord == .secureMessagingIncorrect)
        #expect(try channel.transmit(update([1, 2])).statusWord == .secureMessagingIncorrect)
        #expect(try channel.transmit(update([1, 2])).statusWord == .secureMessagingIncorrect)
        #expect(try channel.transmit(update([1, 2])).statusWord == .applicationLockedForGood)
        #expect(card.image.count > 0)
    }

    // MARK: - Challenges

    @Test func challengesThatProveNothingAreRefused() throws {
        let form = try CardSite.profile()
        let zeros = try ScriptedChannel(["000000009000", "9000"])
        #expect(throws: CardChannelError.notProtected("card.challenge-refused")) {
            try protected(zeros, form, Way.all[0]).transmit(update([1]))
        }
        #expect(zeros.received.count == 1)
        let repeated = try ScriptedChannel(["112233449000", "9000", "112233449000", "9000", "112233449000", "9000"])
        let channel = protected(repeated, form, Way.all[0])
        #expect(try channel.transmit(update([1])).statusWord == .success)
        #expect(channel.lastChallenge == [0x11, 0x22, 0x33, 0x44])
        // Of four bytes two are the same by chance once in so many cards; those of eight are refused (CardConversationTests).
        #expect(try channel.transmit(update([1])).statusWord == .success)
        channel.forget()
        #expect(channel.lastChallenge == nil)
        #expect(throws: CardChannelError.self) { try channel.transmit(CommandAPDU(0x00, 0xB0, 0x96, 0x00, le: 0x01)) }
        let short = try ScriptedChannel(["1122339000", "6700"])
        for _ in 0..<2 {
            #expect(throws: CardChannelError.notProtected("card.no-challenge")) {
                try protected(short, form, Way.all[0]).transmit(update([1]))
            }
        }
    }

    /// A card that falls mute in the middle leaves the channel as it was before the command.
    @Test func theStateChangesAfterAFullRoundOnly() throws {
        let base = try ScriptedChannel(["112233449000", "9000", "223344559000"])
        let channel = protected(base, try CardSite.profile(), Way.all[0])
        #expect(try channel.transmit(update([1])).statusWord == .success)
        #expect(throws: CardChannelError.cardMute) { try channel.transmit(update([1])) }
        #expect(channel.lastChallenge == [0x11, 0x22, 0x33, 0x44])
    }

    /// The challenge is used up: the same command with another Le would only fail (TransportChannel repeats plain ones).
    @Test func aProtectedCommandIsNotRepeatedWithAnotherLength() throws {
        let base = try ScriptedChannel(["112233449000", "6C14", "9000"])
        let channel = protected(base, try CardSite.profile(), Way.all[0])
        #expect(try channel.transmit(read(2)).statusWord == .correctLength(0x10))
        #expect(base.received.count == 2)
    }
}

/// A reader that takes short commands only.
private final class LimitedChannel: CardChannel {
    private let base: any CardChannel
    let largestCommandData: Int
    var answerToReset: AnswerToReset { base.answerToReset }

    init(_ base: any CardChannel, _ limit: Int) {
        self.base = base
        largestCommandData = limit
    }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard command.data.count <= largestCommandData else { throw .refused("too long") }
        return try base.transmit(command)
    }

    func reset() throws(CardChannelError) { try base.reset() }
}
