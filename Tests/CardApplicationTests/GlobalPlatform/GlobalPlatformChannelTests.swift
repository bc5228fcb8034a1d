import ByteText
import CardCryptography
import ISO7816
import IssuerKeys
import Testing

@testable import CardApplication

/// Whole sessions against exchanges that other programs recorded or computed.
@Suite struct GlobalPlatformChannelTests {
    private func channel(
        _ session: RecordedSession, _ script: [(command: String, response: String)]
    ) throws -> (GlobalPlatformChannel, ScriptedChannel) {
        let card = try ScriptedChannel(expecting: script)
        let channel = try GlobalPlatformChannel.open(
            on: card, keys: session.service(), session.settings, hostChallenge: session.hostChallenge)
        return (channel, card)
    }

    @Test(arguments: try RecordedSession.all())
    func aRecordedSessionIsRepeatedByteForByte(session: RecordedSession) throws {
        let (channel, card) = try channel(session, session.script(commands: session.exchanges.count))
        for exchange in session.exchanges {
            let answer = try channel.transmit(CommandAPDU(bytes: bytes(exchange.plain)))
            #expect(answer.bytes.hexadecimal == exchange.plainAnswer ?? "6A88", "\(exchange.plain)")
        }
        #expect(card.isFinished)
    }

    @Test(arguments: try RecordedSession.all())
    func aCardWithOtherKeysGetsNoAuthentication(session: RecordedSession) throws {
        // SCP02 takes the cryptogram under the encryption key, SCP03 under the MAC key
        let key = try session.parsedAnswer.channelProtocol.version == .scp02 ? 0 : 1
        let card = try ScriptedChannel(expecting: session.script(commands: 0))
        #expect(
            throws: GlobalPlatformError.keys(
                .cardNotAuthentic(keySet: "ISD", keyVersion: try session.parsedAnswer.keyVersion))
        ) {
            try GlobalPlatformChannel.open(
                on: card, keys: session.service(changing: key), session.settings,
                hostChallenge: session.hostChallenge)
        }
        #expect(card.received == [session.initializeUpdate])
    }

    @Test(arguments: try RecordedSession.all())
    func eachFlippedBitOfTheCardsCryptogramIsSeenBeforeAnythingIsSent(session: RecordedSession) throws {
        let answer = try session.parsedAnswer
        let all = try bytes(session.answer)
        let start =
            all.count - answer.cryptogram.count
            - (answer.channelProtocol.version == .scp03 ? answer.sequenceCounter.count : 0)
        for bit in 0..<answer.cryptogram.count * 8 {
            var altered = all
            altered[start + bit / 8] ^= 1 << UInt8(bit % 8)
            let card = try ScriptedChannel(expecting: [(session.initializeUpdate, altered.hexadecimal + "9000")])
            #expect(throws: GlobalPlatformError.self, "bit \(bit)") {
                try GlobalPlatformChannel.open(
                    on: card, keys: session.service(), session.settings, hostChallenge: session.hostChallenge)
            }
            #expect(card.received.count == 1)
        }
    }

    private static func withResponseMAC() throws -> [RecordedSession] {
        try RecordedSession.all().filter { try $0.level.authenticatesResponses }
    }

    @Test(arguments: try withResponseMAC())
    func eachFlippedBitOfAProtectedAnswerIsRefusedAndClosesTheChannel(session: RecordedSession) throws {
        let answer = try bytes(try #require(session.exchanges.first?.answer))
        for bit in 0..<answer.count * 8 {
            var altered = answer
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            var script = session.script(commands: 1)
            script[2].response = altered.hexadecimal
            let (channel, card) = try channel(session, script)
            let command = try CommandAPDU(bytes: bytes(session.exchanges[0].plain))
            #expect(throws: CardChannelError.answerNotAuthentic, "bit \(bit)") { try channel.transmit(command) }
            #expect(throws: CardChannelError.self) { try channel.transmit(command) }
            #expect(card.received.count == 3)
        }
    }

    /// 9000, 62xx and 63xx without a MAC are not the card's; a refusal has none, and no data either.
    @Test(arguments: try withResponseMAC())
    func aStrippedMACIsRefusedWhereTheStatusWordDemandsOne(session: RecordedSession) throws {
        let command = try CommandAPDU(bytes: bytes(session.exchanges[0].plain))
        for statusWord in ["9000", "6200", "6283", "6300", "63C1"] {
            var script = session.script(commands: 1)
            script[2].response = statusWord
            #expect(throws: CardChannelError.answerNotAuthentic, "\(statusWord)") {
                try self.channel(session, script).0.transmit(command)
            }
        }
        for statusWord in ["6982", "6A88", "6400", "9303"] {
            var script = session.script(commands: 1)
            script[2].response = statusWord
            #expect(try channel(session, script).0.transmit(command).bytes.hexadecimal == statusWord)
            script[2].response = "0102030405060708" + statusWord
            #expect(throws: CardChannelError.answerNotAuthentic, "\(statusWord)") {
                try self.channel(session, script).0.transmit(command)
            }
        }
    }

    @Test func aCommandWhoseAnswerIsLostIsWrappedAgainFromTheOldState() throws {
        let session = try #require(RecordedSession.all().first)
        let (channel, card) = try channel(session, session.script(commands: 1))
        let other = try CommandAPDU(bytes: bytes("80CA004200"))
        // the scripted card does not know this command and stays mute
        #expect(throws: CardChannelError.cardMute) { try channel.transmit(other) }
        let answer = try channel.transmit(CommandAPDU(bytes: bytes(session.exchanges[0].plain)))
        #expect(answer.statusWord.isSuccess)
        #expect(card.isFinished)
    }

    @Test func aReplayedAnswerIsRefused() throws {
        for session in try Self.withResponseMAC() where session.exchanges.count > 1 {
            var script = session.script(commands: 2)
            script[3].response = script[2].response
            let (channel, _) = try channel(session, script)
            _ = try channel.transmit(CommandAPDU(bytes: bytes(session.exchanges[0].plain)))
            let second = try CommandAPDU(bytes: bytes(session.exchanges[1].plain))
            #expect(throws: CardChannelError.answerNotAuthentic) { try channel.transmit(second) }
        }
    }

    @Test(arguments: SecureChannelLevel.allCases)
    func theLargestCommandThatIsPublishedFitsAndOneByteMoreIsRefused(level: SecureChannelLevel) throws {
        for parameter: UInt8 in [0x60, 0x61] {
            let spoken = try #require(SecureChannelProtocol(.scp03, parameter: parameter))
            let host = [UInt8](repeating: 1, count: spoken.challengeLength)
            let card = [UInt8](repeating: 2, count: spoken.challengeLength)
            let keys = try SecureChannelStaticKeys(
                .scp03, master: Array(0x40...0x4F).span, .none, keyData: [UInt8](repeating: 0, count: 10))
            let session = try SecureChannelSessionKeys(
                spoken, keys, SecureChannelContext(hostChallenge: host, cardChallenge: card, sequenceCounter: []))
            let most = spoken.largestData(level, limit: 255)
            let header: [UInt8] = [0x80, 0xE2, 0, 0]
            let sent = try session.protect(
                header: header, data: [UInt8](repeating: 0, count: most), level, at: .beginning)
            #expect(sent.data.count <= 255)
            guard level.authenticatesCommands else { continue }
            #expect(throws: CryptographyError.self) {
                try session.protect(
                    header: header, data: [UInt8](repeating: 0, count: most + 1), level, at: .beginning)
            }
        }
    }

    @Test func aCardThatSpeaksAnotherProtocolThanItsProfileIsLeftAlone() throws {
        let session = try #require(RecordedSession.all().first)
        let spoken = try #require(SecureChannelProtocol(.scp03, parameter: 0x60))
        let settings = try #require(
            GlobalPlatformChannel.Settings(
                keySet: "ISD", keyVersion: session.keyVersion, channelProtocol: spoken, level: .commandMAC))
        let card = try ScriptedChannel(expecting: session.script(commands: 0))
        #expect(
            throws: GlobalPlatformError.protocolDiffers(expected: "SCP03 i=60", found: "SCP03 i=70")
        ) {
            try GlobalPlatformChannel.open(
                on: card, keys: session.service(), settings, hostChallenge: session.hostChallenge)
        }
        #expect(card.received.count == 1)
    }

    @Test(arguments: [27, 29, 31, 33, 44, 46, 47, 49])
    func anInitializeUpdateAnswerOfAnotherLengthIsNone(count: Int) throws {
        var answer = [UInt8](repeating: 0, count: count)
        answer[11] = 0x03
        answer[12] = count < 40 ? 0x70 : 0x71
        #expect(throws: InitializeUpdateAnswer.Malformed.length(count)) {
            try InitializeUpdateAnswer(bytes: answer, scp02Parameter: 0x15)
        }
    }
}
