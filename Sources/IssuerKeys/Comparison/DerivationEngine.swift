import CardCryptography

/// Another way to the keys of a card, to compare the first with.
public protocol DerivationEngine: Sendable {
    /// The check value of a card's key, as this engine derives it; nil when it does not hold the key.
    func comparedCheckValue(of key: KeyName, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue?
}

/// The keys of an opened set derived once more, by code of its own over ``SecondEngine``: factors made from the area code and the
/// complement byte by byte, both halves of a 3DES key one by one.
public struct SecondDerivation: DerivationEngine {
    private let keySet: KeySet
    private let hierarchy: KeyHierarchy

    /// An engine over an opened key set.
    public init(_ keySet: KeySet, hierarchy: KeyHierarchy) {
        self.keySet = keySet
        self.hierarchy = hierarchy
    }

    /// The left three bytes of E(K, zeros); parity bits make no difference to them.
    public func comparedCheckValue(of key: KeyName, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue? {
        let cipher = try card.algorithm.cipher
        guard keySet.covers(area: card.area),
            let held = keySet[
                KeySet.Identity(
                    name: key, algorithm: card.algorithm, version: try hierarchy.version(of: key, for: card))]
        else { return nil }
        let factors = try factors(of: card)
        return try CardKeyError.reporting { () throws(CryptographyError) in
            var derived = held.withSpan { SecretBytes(copying: $0) }
            for factor in factors { derived = try Self.derive(derived, cipher, factor) }
            let zeros = [UInt8](repeating: 0, count: cipher == .sm4 ? 16 : 8)
            let check = try derived.withSpan { span throws(CryptographyError) in
                try SecondEngine.encrypt(cipher, key: span, block: zeros)
            }
            return KeyCheckValue(method: .encryptedZeros, bytes: Array(check.unprotectedCopy().prefix(3)))
        }
    }

    private func factors(of card: CardKeyContext) throws(CardKeyError) -> [[UInt8]] {
        guard card.cardFactor.count == 8 else { throw .wrongLength("card factor", card.cardFactor.count) }
        var factors: [[UInt8]] = []
        for level in hierarchy.levels where level.level > keySet.level {
            switch level.rule {
            case .area(let digits, let suffix): factors.append(Array(card.area.utf8.prefix(digits)) + suffix)
            case .card: factors.append(card.cardFactor)
            }
        }
        return factors
    }

    private static func derive(
        _ master: borrowing SecretBytes, _ cipher: CardCipher, _ factor: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        let complement = factor.map { $0 ^ 0xFF }
        return try master.withSpan { master throws(CryptographyError) in
            guard cipher != .sm4 else {
                return try SecondEngine.encrypt(cipher, key: master, block: factor + complement)
            }
            let left = try SecondEngine.encrypt(cipher, key: master, block: factor)
            let right = try SecondEngine.encrypt(cipher, key: master, block: complement)
            return right.withSpan { left.appending($0) }
        }
    }
}
