import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Testing

/// What a protected channel takes of an answer that proves itself.
@Suite struct ProtectedAnswerTests {
    /// A verified answer that is longer than Le is told, and nothing is cut off it.
    @Test func anAnswerThatIsLongerThanWhatWasAskedForIsRefused() throws {
        let channel = ProtectedChannel(
            try ScriptedChannel(["112233449000", "A1A2A3A4A5A6A7A89000"]), WordyProtection(),
            profile: try CardSite.profile())
        #expect(throws: CardChannelError.malformedAnswer(8)) {
            try channel.transmit(CommandAPDU(0x00, 0xB0, 0x95, 0x00, le: 4))
        }
    }

    /// A card that gives records whole under line protection, whatever they are asked for (cos-dialects §6.3), is read all the same.
    @Test func aRecordThatIsLongerThanTheLayoutsIsHandedOn() throws {
        let channel = ProtectedChannel(
            try ScriptedChannel(["112233449000", "A1A2A3A4A5A6A7A89000"]), WordyProtection(),
            profile: try CardSite.profile())
        #expect(try channel.transmit(CommandAPDU(0x00, 0xB2, 0x01, 0x2C, le: 4)).data.count == 8)
    }

    /// Takes every answer for proved, as it stands.
    private struct WordyProtection: MessageProtection {
        let form = LineProtection(.mac)
        let cipher = CardCipher.tripleDES

        func protect(_ command: CommandAPDU, challenge: [UInt8]) throws(CardKeyError) -> CommandAPDU { command }

        func unprotect(
            _ answer: [UInt8], to command: CommandAPDU, challenge: [UInt8]
        ) throws(CardKeyError) -> [UInt8]? { answer }
    }

    /// A card that always announces more is asked no more after a few pieces, as in every conversation with it.
    @Test func aCardThatAlwaysHasMoreIsAskedAFewTimes() throws {
        let card = try ScriptedChannel(["112233449000"] + Array(repeating: "A16101", count: 40))
        let channel = ProtectedChannel(card, WordyProtection(), profile: try CardSite.profile())
        #expect(throws: CardChannelError.self) {
            try channel.transmit(CommandAPDU(0x00, 0xB0, 0x95, 0x00, le: 4))
        }
        #expect(card.received.count <= 12)
    }
}
