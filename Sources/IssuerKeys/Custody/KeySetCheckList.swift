import ByteText
import CardCryptography
public import CardData

/// The check values of all keys of a set, by which two copies of it are compared without a key.
public struct KeySetCheckList: Hashable, Sendable {
    /// For each key `NAME ALGORITHM VERSION METHOD:VALUE`, in the set's order.
    public let lines: [String]
    /// The SM3 of the lines, each with a line feed at its end.
    public let digest: [UInt8]

    /// The list of a set.
    ///
    /// Throws `key-store.cryptography`.
    public init(_ set: KeySet) throws(Faults) {
        var lines: [String] = []
        for identity in set.identities {
            let value = try set.checkValue(of: identity)
            lines.append("\(identity.name) \(identity.algorithm) \(identity.version) \(value)")
        }
        let text = lines.map { $0 + "\n" }.joined()
        digest = try storing { () throws(CryptographyError) in try HashFunction.sm3.hash(Array(text.utf8)) }
        self.lines = lines
    }
}
