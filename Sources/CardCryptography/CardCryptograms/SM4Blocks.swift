/// How eight bytes fill a block of 16 in the authentications of SM4 cards, of which no public text says anything
/// (cos-dialects §8, §13.4; card.md §3.5): a card's profile settles it.
///
/// Challenges of 16 bytes are blocks by themselves, and 3DES has blocks of eight bytes: for both nothing here means anything.
public struct SM4Blocks: Hashable, Sendable {
    /// What stands behind the eight bytes.
    public enum Filling: String, Hashable, Sendable, CaseIterable {
        /// Zeros: B ‖ 00×8.
        case zeroFilled = "zero-filled"
        /// The same bytes with every bit turned: B ‖ NOT B, the block of diversification.
        case complemented

        /// The block of eight bytes.
        public func block(_ bytes: [UInt8]) -> [UInt8] {
            let eight = CardCryptogram.zeroPadded(bytes, to: 8)
            switch self {
            case .zeroFilled: return CardCryptogram.zeroPadded(eight, to: 16)
            case .complemented: return eight + eight.map { ~$0 }
            }
        }
    }

    /// The session factor, of which the session key is made: SM4(K, block of F).
    public let sessionKey: Filling
    /// The original information, over which the session cryptogram is taken: the left 8 bytes of SM4(SK, block of Y).
    public let original: Filling
    /// The challenge of an authentication without a session key: the left 8 bytes of SM4(K, block of RND).
    public let plainChallenge: Filling

    /// Fillings from their parts; what is left out is as SM4 cards are taken to have it.
    public init(
        sessionKey: Filling = .complemented, original: Filling = .zeroFilled, plainChallenge: Filling = .complemented
    ) {
        self.sessionKey = sessionKey
        self.original = original
        self.plainChallenge = plainChallenge
    }

    /// What SM4 cards are taken to do until their maker says otherwise: F ‖ NOT F, Y ‖ 00×8, RND ‖ NOT RND.
    public static let usual = SM4Blocks()
}

extension SM4Blocks: LosslessStringConvertible {
    /// The three fillings as profiles write them, parted by slashes: session key, original, plain challenge.
    public var description: String {
        [sessionKey, original, plainChallenge].map(\.rawValue).joined(separator: "/")
    }

    /// Reads what ``description`` gave; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let sessionKey = Filling(rawValue: String(parts[0])),
            let original = Filling(rawValue: String(parts[1])),
            let plainChallenge = Filling(rawValue: String(parts[2]))
        else { return nil }
        self.init(sessionKey: sessionKey, original: original, plainChallenge: plainChallenge)
    }
}
