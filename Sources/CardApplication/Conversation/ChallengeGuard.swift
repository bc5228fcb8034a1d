/// Refuses challenges that prove nothing: all zeros, or one seen before in this conversation or at this card's last visit.
struct ChallengeGuard {
    private var seen: Set<[UInt8]> = []

    /// - Parameter previous: the last challenge of the card's previous visit, where it is known.
    init(previous: [UInt8]? = nil) {
        if let previous { seen.insert(previous) }
    }

    mutating func admit(_ challenge: [UInt8]) throws(CardError) {
        guard challenge.contains(where: { $0 != 0 }) else { throw .challengeRefused }
        guard seen.insert(challenge).inserted else { throw .challengeRefused }
    }
}
