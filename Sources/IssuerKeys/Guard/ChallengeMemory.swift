/// The challenges that keys were used for, so that none serves twice: two answers to one challenge would let whoever asks turn one
/// command into another.
///
/// The newest are kept; a card that comes back after so many others gives new challenges anyway, and takes none of its old ones.
struct ChallengeMemory {
    private static let limit = 8192

    private var uses: [[UInt8]: KeyName] = [:]
    private var order: [[UInt8]] = []
    private var next = 0

    /// Notes a challenge of a card and the key that it serves; false when it has served before.
    mutating func admit(_ challenge: [UInt8], of card: [UInt8], for key: KeyName) -> Bool {
        let identity = card + challenge
        guard uses[identity] == nil else { return false }
        if order.count < Self.limit {
            order.append(identity)
        } else {
            uses[order[next]] = nil
            order[next] = identity
            next = (next + 1) % Self.limit
        }
        uses[identity] = key
        return true
    }

    /// Whether a challenge of a card has served a key.
    func hasServed(_ challenge: [UInt8], of card: [UInt8], for key: KeyName) -> Bool { uses[card + challenge] == key }
}
