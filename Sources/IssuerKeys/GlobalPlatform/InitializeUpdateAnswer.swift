public import CardCryptography

/// What a card answers to INITIALIZE UPDATE.
///
/// | protocol | bytes |
/// |---|---|
/// | SCP02 | key data 10, key version 1, `02`, sequence counter 2, challenge 6, cryptogram 8: 28 |
/// | SCP03 | key data 10, key version 1, `03`, i, challenge 8, cryptogram 8: 29; with a sequence counter of 3: 32 |
/// | SCP03 in S16 mode | challenge and cryptogram of 16 each: 45 or 48 |
///
/// SCP02 does not state its parameter i there, so the card's profile gives it.
public struct InitializeUpdateAnswer: Hashable, Sendable {
    /// Why bytes are no such answer.
    public enum Malformed: Error, Hashable, Sendable {
        /// Another number of bytes than the protocol and its parameter have.
        case length(Int)
        /// A protocol that is not spoken here: its identifier, and its parameter where one is stated.
        case protocolNotKnown(UInt8, parameter: UInt8?)
    }

    /// The key diversification data, KEYDATA in CPS, 10 bytes.
    public let keyData: [UInt8]
    /// The version of the keys the card uses.
    public let keyVersion: UInt8
    /// The protocol.
    public let channelProtocol: SecureChannelProtocol
    /// The card's challenge, 6, 8 or 16 bytes.
    public let cardChallenge: [UInt8]
    /// What the card proves itself with, 8 or 16 bytes.
    public let cryptogram: [UInt8]
    /// The sequence counter, most significant byte first; empty where the card sends none.
    public let sequenceCounter: [UInt8]

    /// Reads an answer's data.
    ///
    /// - Parameter scp02Parameter: i of a card that answers with SCP02.
    public init(bytes: [UInt8], scp02Parameter: UInt8) throws(Malformed) {
        guard bytes.count >= 28 else { throw .length(bytes.count) }
        let version = SecureChannelProtocol.Version(rawValue: bytes[11])
        let stated = version == .scp03 ? bytes[12] : nil
        guard let version, let spoken = SecureChannelProtocol(version, parameter: stated ?? scp02Parameter) else {
            throw .protocolNotKnown(bytes[11], parameter: stated)
        }
        let (challenge, cryptogram) = (spoken.cardChallengeLength, spoken.challengeLength)
        let head = version == .scp03 ? 13 : 12
        guard bytes.count == head + challenge + cryptogram + spoken.sequenceCounterLength else {
            throw .length(bytes.count)
        }
        keyData = Array(bytes[..<10])
        keyVersion = bytes[10]
        channelProtocol = spoken
        if version == .scp02 {
            sequenceCounter = Array(bytes[12..<14])
            cardChallenge = Array(bytes[14..<20])
            self.cryptogram = Array(bytes[20...])
        } else {
            cardChallenge = Array(bytes[13..<13 + challenge])
            self.cryptogram = Array(bytes[13 + challenge..<13 + challenge + cryptogram])
            sequenceCounter = Array(bytes[(13 + challenge + cryptogram)...])
        }
    }
}
