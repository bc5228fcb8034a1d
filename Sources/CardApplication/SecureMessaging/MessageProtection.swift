public import CardCryptography
public import ISO7816
public import IssuerKeys

/// What a protected channel needs of a key: to finish a command, and to open an answer.
///
/// The key itself stays where it is.
public protocol MessageProtection {
    /// What is done to the data, and how.
    var form: LineProtection { get }
    /// The key's cipher, for the lengths that fit.
    var cipher: CardCipher { get }

    /// The finished protected command.
    ///
    /// - Parameters:
    ///   - command: the command in plain, with the Le of its plain answer.
    ///   - challenge: what the card gave just before.
    func protect(_ command: CommandAPDU, challenge: [UInt8]) throws(CardKeyError) -> CommandAPDU

    /// The data of the answer; nil when its MAC is missing or wrong, or it deciphers to nothing.
    func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8]?
}

/// Protection under one issuer key of one card.
public struct IssuerKeyProtection: MessageProtection {
    private let keys: any CardKeyService
    private let key: CardKeyReference
    private let card: CardKeyContext
    /// What is done to the data, and how.
    public let form: LineProtection
    /// The key's cipher.
    public var cipher: CardCipher { card.algorithm == .sm4 ? .sm4 : .tripleDES }

    /// Protection by a key service.
    ///
    /// - Parameters:
    ///   - key: the file's line-protection key (type 36).
    ///   - card: the card.
    ///   - keys: who has the key.
    ///   - form: what is done to the data, and how.
    public init(_ key: CardKeyReference, of card: CardKeyContext, keys: any CardKeyService, form: LineProtection) {
        self.key = key
        self.card = card
        self.keys = keys
        self.form = form
    }

    /// The finished command, as the key service makes it.
    public func protect(_ command: CommandAPDU, challenge: [UInt8]) throws(CardKeyError) -> CommandAPDU {
        try keys.protect(command, by: exchange(challenge))
    }

    /// The data of the answer, as the key service judges it.
    public func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8]? {
        try keys.unprotect(answer, to: command, by: exchange(challenge))
    }

    private func exchange(_ challenge: [UInt8]) -> ProtectedExchange {
        ProtectedExchange(key: key, card: card, challenge: challenge, protection: form)
    }
}
