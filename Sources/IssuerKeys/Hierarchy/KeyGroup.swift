/// The groups of a card's keys (card.md §3.1).
public enum KeyGroup: String, Hashable, Sendable, CaseIterable {
    /// Genuineness of the card, and the right to read it.
    case authentication
    /// Before a PIN is set anew or unblocked.
    case pin
    /// MAC for updating records, locking and the PIN.
    case maintenance
    /// Locking an application or the card.
    case lock
    /// External authentication before a file is changed.
    case update
    /// External authentication before a file is read.
    case read
    /// The medical account.
    case transaction
    /// Master key of a directory, under which its other keys are loaded.
    case master
    /// Masters of security domains, with which applications are installed and personalised.
    case securityDomain = "security-domain"
}

/// What a key may be used for; everything else is refused.
public enum KeyUse: String, Hashable, Sendable, CaseIterable {
    /// The card proves itself with it.
    case internalAuthentication = "internal-authentication"
    /// It makes the authentication code of the identification code (卡的识别码).
    case identificationCode = "identification-code"
    /// The outside proves itself with it.
    case externalAuthentication = "external-authentication"
    /// It makes the MAC of commands that change records or lock an application or card.
    case commandMAC = "command-mac"
    /// It enciphers what commands write and answers carry; together with no other use than `commandMAC`, for whoever chooses
    /// what is enciphered would get session keys and cryptograms out of it.
    case commandEncipherment = "command-encipherment"
    /// It protects a new PIN on its way into the card.
    case pinMaintenance = "pin-maintenance"
    /// Other keys are loaded under it.
    case keyLoading = "key-loading"
    /// It makes the cryptograms of the medical account.
    case transaction
    /// The keys of a security domain come from it.
    case secureChannel = "secure-channel"
}
