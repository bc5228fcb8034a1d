public import ISO7816

/// How cards and outside prove themselves to each other: what is settled by a choice of several.
extension COSProfile {
    /// How long a challenge can be used.
    public enum ChallengeLife: String, Hashable, Sendable, CaseIterable {
        /// The last two live until EXTERNAL AUTHENTICATE, SELECT or reset.
        case socialSecurity
        /// The last one lives for the next command only.
        case nextCommand
    }

    /// Which of the last two challenges is the session factor.
    public enum ChallengeOrder: String, Hashable, Sendable, CaseIterable {
        /// The newest is the factor, the one before it the original information.
        case newestIsFactor
        /// The newest is the original information.
        case newestIsOriginal
    }

    /// Which half of INTERNAL AUTHENTICATE's data comes first.
    public enum InternalAuthenticationOrder: String, Hashable, Sendable, CaseIterable {
        /// Process factor, then original information.
        case factorFirst
        /// Original information, then process factor.
        case originalFirst
    }

    /// How SM4 cryptograms are cut.
    public enum SM4Authentication: String, Hashable, Sendable, CaseIterable {
        /// Challenges of 8 bytes; the left 8 bytes of the cipher block travel.
        case left8
        /// Challenges of 16 bytes; the whole block travels.
        case full16
    }

    /// Where the 8-byte card factor comes from (card.md §3.3): historical bytes, then fixed bytes.
    public struct CardFactorRule: Hashable, Sendable {
        /// First historical byte used; T1 is 0.
        public let offset: Int
        /// How many historical bytes are used.
        public let count: Int
        /// Fixed bytes that follow.
        public let suffix: [UInt8]

        /// A rule from its parts.
        public init(offset: Int, count: Int, suffix: [UInt8]) {
            self.offset = offset
            self.count = count
            self.suffix = suffix
        }

        /// The factor of a card; nil when its historical bytes are too short for the rule.
        public func factor(of answer: AnswerToReset) -> [UInt8]? {
            guard answer.historicalBytes.count >= offset + count else { return nil }
            return Array(answer.historicalBytes[offset..<offset + count]) + suffix
        }
    }
}
