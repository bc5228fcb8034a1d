import CardCryptography
import IssuerKeys

/// Refuses challenges that prove nothing: all zeros, or one of eight bytes or more seen before in this conversation or last at the card's
/// previous visit.
struct ChallengeGuard {
    /// Shorter challenges only start a MAC, and of four bytes two are the same by chance once in so many cards.
    private static let shortest = 8

    private var seen: Set<[UInt8]> = []
    private let previous: [UInt8]?

    /// - Parameter previous: the ``digest(of:)`` of the last challenge of the card's previous visit, where it is known.
    init(previous: [UInt8]? = nil) { self.previous = previous }

    /// - Returns: the challenge's digest for the next visit, where it authenticates.
    @discardableResult
    mutating func admit(_ challenge: [UInt8], digesting: Bool = false) throws(CardError) -> [UInt8]? {
        guard challenge.contains(where: { $0 != 0 }) else { throw .challengeRefused }
        guard challenge.count >= Self.shortest else { return nil }
        guard seen.insert(challenge).inserted else { throw .challengeRefused }
        guard digesting || previous != nil else { return nil }
        let digest = try Self.digest(of: challenge)
        guard digest != previous else { throw .challengeRefused }
        return digest
    }

    /// 16 bytes that tell a challenge from any other and do not show it.
    static func digest(of challenge: [UInt8]) throws(CardError) -> [UInt8] {
        do {
            var hash = try IncrementalHash(.sha256)
            try hash.update(challenge)
            return Array(try hash.finish().prefix(16))
        } catch {
            throw .keys(.serviceFailed("SHA-256"))
        }
    }
}
