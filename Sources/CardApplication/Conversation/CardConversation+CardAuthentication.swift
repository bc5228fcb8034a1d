import CardLayout
import ISO7816
public import IssuerKeys

/// INTERNAL AUTHENTICATE (内部认证): the card proves itself.
extension CardConversation {
    /// The challenges of INTERNAL AUTHENTICATE and whether the card's answer is that of a genuine card.
    ///
    /// Factor and original information come from `random`, never from the card, and are never zeros.
    public func authenticateCard(
        with key: CardKeyReference, identifier: UInt8, challenges pair: ChallengePair
    ) throws(CardError) -> Bool {
        var guardOfPair = ChallengeGuard()
        try guardOfPair.admit(pair.factor)
        try guardOfPair.admit(pair.original)
        guard profile.authenticationForms.contains(16) else {
            return try authenticatePlainCard(key, identifier, pair.factor)
        }
        let data =
            profile.internalAuthenticationOrder == .factorFirst
            ? pair.factor + pair.original : pair.original + pair.factor
        let command = try building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x00, 0x88, 0x00, identifier, data: data)
        }
        let answer = try perform(.fixed(command))
        do {
            return try keys.verifyInternalAuthentication(
                answer: answer, with: key, of: context, challenges: pair, form: form)
        } catch {
            throw .keys(error)
        }
    }

    /// E(K, challenge), where the card does not know the social-security form.
    private func authenticatePlainCard(
        _ key: CardKeyReference, _ identifier: UInt8, _ challenge: [UInt8]
    ) throws(CardError) -> Bool {
        let command = try building { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x00, 0x88, 0x00, identifier, data: challenge)
        }
        let answer = try perform(.fixed(command))
        do {
            return try keys.verifyPlainInternalAuthentication(
                answer: answer, with: key, of: context, challenge: challenge)
        } catch {
            throw .keys(error)
        }
    }
}
