public import CardLayout
import IssuerKeys

extension CardConversation {
    /// EXTERNAL AUTHENTICATE with a key of the selected directory, in the profile's form and with challenges of its own.
    ///
    /// - Throws: `authenticationFailed` and `keyBlocked`; there is no second try.
    public func present(_ record: KeyRecord) throws(CardError) {
        let form: CardOperation.AuthenticationForm = profile.authenticationForms.contains(16) ? .session : .plain
        let challenge = CardCommands(profile: profile).getChallenge(form.challengeLength(profile: profile))
        for _ in 0..<(form == .session ? 2 : 1) { try perform(.fixed(challenge)) }
        try perform(.authenticate(.issuer(KeyName(rawValue: record.name)), identifier: record.reference, form: form))
    }
}
