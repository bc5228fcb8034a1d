import CardCryptography

/// Where a virtual card's challenges come from.
public enum ChallengeSource: Sendable {
    /// The system's random numbers.
    case random
    /// A repeatable sequence, for benchmarks that replay recorded cryptograms; never on a card in use.
    case seeded(UInt64)
    /// These challenges in turn and then no more, for tests that replay published cryptograms; never on a card in use.
    case fixed([[UInt8]])

    /// The next challenge; nil when there is none of this length.
    ///
    /// The seeded sequence is SplitMix64.
    mutating func next(_ count: Int) -> [UInt8]? {
        switch self {
        case .random:
            return try? SecureRandom.bytes(count)
        case .seeded(var state):
            var bytes: [UInt8] = []
            while bytes.count < count {
                state &+= 0x9E37_79B9_7F4A_7C15
                var value = state
                value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
                value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
                value ^= value >> 31
                for shift in stride(from: 56, through: 0, by: -8) where bytes.count < count {
                    bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
                }
            }
            self = .seeded(state)
            return bytes
        case .fixed(var challenges):
            guard let challenge = challenges.first, challenge.count == count else { return nil }
            challenges.removeFirst()
            self = .fixed(challenges)
            return challenge
        }
    }
}
