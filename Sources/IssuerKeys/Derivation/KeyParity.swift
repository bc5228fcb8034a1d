/// What happens to the parity bits of a derived DES key.
///
/// Cards and check values do not see the difference, but the key's bytes differ, and with them every command that carries it:
/// both sides of a hand-over must use the same rule. SM4 keys have no parity.
public enum KeyParity: String, Hashable, Sendable, CaseIterable {
    /// The bytes stay as the cipher gave them: the plain PBOC arithmetic.
    case none
    /// The lowest bit of each byte makes the number of ones odd: EMV option A, and what PKCS#11 modules do.
    case odd

    /// Brings key bytes under the rule.
    func apply(to key: inout MutableSpan<UInt8>) {
        guard self == .odd else { return }
        for index in key.indices {
            key[index] = key[index] & 0xFE | (key[index] >> 1).nonzeroBitCount.isMultiple(of: 2).byte
        }
    }
}

extension Bool {
    fileprivate var byte: UInt8 { self ? 1 : 0 }
}
