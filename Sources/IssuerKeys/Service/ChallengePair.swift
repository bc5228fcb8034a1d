/// The two random values of an authentication; 8 bytes each, 16 for SM4 in full form.
public struct ChallengePair: Hashable, Sendable {
    /// The session (process) factor, 过程因子.
    public let factor: [UInt8]
    /// The original information, 鉴别原始信息.
    public let original: [UInt8]

    /// A pair from its parts.
    public init(factor: [UInt8], original: [UInt8]) {
        self.factor = factor
        self.original = original
    }
}
