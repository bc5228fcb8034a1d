/// What the proofs of one medical purchase are taken over, on the card and in the terminal alike (card.md §2.6).
///
/// Amounts are in fen, numbers most significant byte first. Triple DES only: nothing public says how SM4 cards do it.
public struct MedicalPurchase: Hashable, Sendable {
    /// 医疗结算, the type of transaction in the log and under the proofs.
    public static let kind: UInt8 = 0x32

    /// What is taken from the personal account (个人账户), paid by the holder (个人自付) and out of the pooled fund (统筹): four bytes each.
    public let amounts: [UInt8]
    /// The terminal's number, six bytes of digits.
    public let terminal: [UInt8]
    /// The terminal's own number of the transaction, four bytes.
    public let terminalSequence: [UInt8]
    /// YYYYMMDDhhmmss, seven bytes of digits.
    public let time: [UInt8]
    /// The card's challenge, four bytes.
    public let challenge: [UInt8]
    /// The card's number of the transaction, two bytes.
    public let cardSequence: [UInt8]

    /// A purchase from its parts.
    ///
    /// - Throws: `wrongLength` for a part of another length.
    public init(
        amounts: [UInt8], terminal: [UInt8], terminalSequence: [UInt8], time: [UInt8], challenge: [UInt8],
        cardSequence: [UInt8]
    ) throws(CryptographyError) {
        let parts = [
            ("amounts", amounts, 12), ("terminal number", terminal, 6), ("terminal sequence", terminalSequence, 4),
            ("time", time, 7), ("challenge", challenge, 4), ("card sequence", cardSequence, 2),
        ]
        for (name, bytes, length) in parts where bytes.count != length { throw .wrongLength(name, bytes.count) }
        self.amounts = amounts
        self.terminal = terminal
        self.terminalSequence = terminalSequence
        self.time = time
        self.challenge = challenge
        self.cardSequence = cardSequence
    }

    /// MAC1, four bytes, by which the terminal proves itself to the card: over amounts, type, terminal and time, under the session key.
    ///
    /// - Parameter key: the purchase key (DPK), 16 bytes.
    public func terminalMAC(_ key: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try sessionMAC(key, amounts + [Self.kind] + terminal + time)
    }

    /// MAC2, four bytes, by which the card proves itself to the terminal: over the amounts, under the session key.
    public func cardMAC(_ key: [UInt8]) throws(CryptographyError) -> [UInt8] { try sessionMAC(key, amounts) }

    /// TAC, four bytes, for the centre: over amounts, type, terminal, its sequence and time, under the transaction key (DTK) itself.
    ///
    /// - Parameter key: 16 bytes; its halves are folded, as wallets do it (cos-dialects §5) [inferred].
    public func transactionCode(_ key: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try CardCryptogram.foldedMAC(
            key: key, message: amounts + [Self.kind] + terminal + terminalSequence + time)
    }

    /// The record of the card's log: number, type, terminal, time, amounts; 28 bytes.
    public var logRecord: [UInt8] { cardSequence + [Self.kind] + terminal + time + amounts }

    /// Single DES under E(DPK, challenge ‖ card's sequence ‖ last two bytes of the terminal's).
    private func sessionMAC(_ key: [UInt8], _ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let session = try CardCryptogram.sessionKey(
            key.span, cipher: .tripleDES, factor: challenge + cardSequence + terminalSequence.suffix(2),
            form: CardCryptogram.Form(sessionKeyWidth: 8))
        return try session.withSpan { session throws(CryptographyError) in
            try CardCryptogram.commandMAC(
                session, cipher: .tripleDES, initialValue: [UInt8](repeating: 0, count: 8), message: message)
        }
    }
}
