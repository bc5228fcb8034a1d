import ByteText
public import CardCryptography

/// SHA-256 of an event's bytes, which chains the next one to it.
public struct EventHash: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// Takes 32 bytes.
    ///
    /// - Returns: nil for any other number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Hashes an event's bytes, its signature included; throws only where OpenSSL fails.
    public init(of eventBytes: [UInt8]) throws(CryptographyError) { bytes = try HashFunction.sha256.hash(eventBytes) }

    private init() { bytes = Array(repeating: 0, count: 32) }

    /// Stands before the first event.
    public static let none = EventHash()

    /// 64 hexadecimal digits.
    public var text: String { bytes.hexadecimal }
}
