import CardCryptography
public import CardLayout
import ISO7816
import IssuerKeys

extension CardConversation {
    /// CARD BLOCK under the card's own key for it (cos-dialects §6.7): from then on the card refuses every command, for good.
    ///
    /// - Throws: ``CardError/noBlockKey(_:)`` where the profile says that its cards have no card block.
    public func blockCard(_ compiled: CompiledCard) throws(CardError) {
        guard let record = compiled.cardBlockKey else { throw .noBlockKey(profile.name) }
        try meet(compiled)
        let commands = CardCommands(profile: profile)
        let selection = try building { () throws(CommandAPDU.Malformed) in try commands.selectMasterFile() }
        try perform(.fixed(selection), wantsAnswer: false)
        let challenge = try perform(.fixed(commands.getChallenge(profile.secureMessaging.challengeLength)))
        let key = CardKeyReference.issuer(KeyName(rawValue: record.name))
        let command: CommandAPDU
        do {
            command = try keys.protect(
                CommandAPDU(0x84, 0x16, 0x00, 0x00),
                by: ProtectedExchange(
                    key: key, card: context, challenge: challenge,
                    protection: profile.lineProtection(.mac)))
        } catch {
            throw .keys(error)
        }
        try noting(macUnder: key) { () throws(CardError) in _ = try perform(.fixed(command), wantsAnswer: false) }
    }
}
