import CardApplication
import CardCryptography
import CardLayout
import IssuerKeys
import Testing

/// `pinChallenge`: what the program asks the card for before it resets and unblocks a PIN.
@Suite struct PINChallengeTests {
    /// Le of GET CHALLENGE, and the challenge that the key service is given, of 4, 8 and 16 bytes.
    @Test(arguments: [("4", "04"), ("8", "08"), ("16", "10")])
    func theProfilesLengthIsAskedFor(setting: String, length: String) throws {
        let profile = try CardSite.variant("secureMessaging: {pinChallenge: \(setting)}")
        let challenge = String("112233445566778899AABBCCDDEEFF00".prefix(2 * (Int(setting) ?? 0)))
        let channel = try ScriptedChannel(expecting: [
            ("00840000" + length, challenge + "9000"), ("84240001" + length + challenge, "9000"),
            ("00840000" + length, "A1" + challenge.dropFirst(2) + "9000"),
            ("84240000" + length + "A1" + challenge.dropFirst(2), "9000"),
        ])
        let conversation = CardConversation(
            channel, profile: profile, keys: TransparentKeys(), context: try CardSite.context(profile))
        try conversation.resetPIN(to: PersonalIdentificationNumber(digits: "567890"), with: issuer("STK"))
        try conversation.unblockPIN(with: issuer("STK"))
        #expect(channel.isFinished)
    }
}
