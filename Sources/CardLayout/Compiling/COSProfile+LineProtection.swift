public import CardCryptography

/// How cards of a profile protect commands and answers, in the terms of the rules that both ends share.
extension COSProfile {
    /// The cipher of the card's keys.
    public var cipher: CardCipher { algorithm == .sm4 ? .sm4 : .tripleDES }

    /// How reading, writing and locking are protected.
    public func lineProtection(_ mode: LineProtection.Mode) -> LineProtection {
        LineProtection(
            mode, keyForm: keyForm(secureMessaging.keyForm),
            readForm: secureMessaging.readForm == .bare ? .bare : .counted, sm4: secureMessaging.sm4)
    }

    /// Which key protects PIN commands.
    public var pinKeyForm: LineProtection.KeyForm { keyForm(secureMessaging.pinKeyForm) }

    private func keyForm(_ form: SecureMessagingRules.KeyForm) -> LineProtection.KeyForm {
        form == .cardKey ? .cardKey : .sessionKey(width: sessionKeyWidth)
    }
}
