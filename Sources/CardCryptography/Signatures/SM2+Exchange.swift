import COpenSSL

/// The key exchange of SM2 (GM/T 0003.3): both sides come to one key, and can prove to each other that they have.
extension SM2 {
    /// One side's public part in an exchange.
    public struct ExchangeParty: Hashable, Sendable {
        /// Z of the side: its identifier and lasting key as one hash.
        public let identity: [UInt8]
        /// The lasting public point, 65 bytes.
        public let point: [UInt8]
        /// The random public point of this exchange, 65 bytes.
        public let randomPoint: [UInt8]

        /// A party with its identifier.
        ///
        /// - Throws: `malformedKey` for points that are none, `wrongLength` for the identifier as in signing.
        public init(identifier: [UInt8], point: [UInt8], randomPoint: [UInt8]) throws(CryptographyError) {
            identity = try SM2.identityDigest(identifier, point: point)
            _ = try VerificationKey(point: randomPoint)
            self.point = point
            self.randomPoint = randomPoint
        }
    }

    /// What an exchange ends in.
    public struct Agreement: ~Copyable {
        /// The key.
        public let key: SecretBytes
        /// What the answering side (B) sends to prove that it has the key.
        public let answererProof: [UInt8]
        /// What the opening side (A) sends in return.
        public let openerProof: [UInt8]
    }

    /// The agreement of two sides, worked out by one of them.
    ///
    /// - Parameters:
    ///   - scalar: the own lasting scalar, 32 bytes.
    ///   - random: the own random scalar of this exchange, 32 bytes.
    ///   - isOpener: whether the own side is the one that opened the exchange (A).
    ///   - count: bytes of the key.
    /// - Throws: `wrongLength` for scalars of other lengths, `malformedKey` where the sides have no common point.
    public static func agree(
        scalar: borrowing SecretBytes, random: borrowing SecretBytes, opener: ExchangeParty, answerer: ExchangeParty,
        isOpener: Bool, count: Int
    ) throws(CryptographyError) -> Agreement {
        guard scalar.count == 32, random.count == 32 else { throw .wrongLength("scalar", scalar.count) }
        guard (1...1024).contains(count) else { throw .wrongLength("key", count) }
        let other = isOpener ? answerer : opener
        let common = try SecretBytes.filling(count: 64) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            let done = span.withUnsafeMutableBufferPointer { output in
                scalar.withUnsafeBytes { scalar in
                    random.withUnsafeBytes { random in
                        card_sm2_exchange(
                            scalar.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            random.baseAddress?.assumingMemoryBound(to: UInt8.self), other.point, other.randomPoint,
                            output.baseAddress)
                    }
                }
            }
            guard done == 1 else {
                _ = openSSLFailure("key exchange")
                throw .malformedKey
            }
        }
        let identities = opener.identity + answerer.identity
        let key = try stretched(common, identities, count)
        let inner = try proofHash(common, identities + opener.randomPoint[1...] + answerer.randomPoint[1...])
        return Agreement(
            key: key, answererProof: try proof(0x02, common, inner), openerProof: try proof(0x03, common, inner))
    }

    /// Z: SM3 over the identifier's length in bits, the identifier, the curve and the public point.
    ///
    /// - Throws: `malformedKey` for a point that is none, `wrongLength` for the identifier as in signing.
    public static func identityDigest(_ identifier: [UInt8], point: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard (1...8191).contains(identifier.count) else { throw .wrongLength("identifier", identifier.count) }
        let point = try VerificationKey(point: point).point
        let bits = identifier.count * 8
        return try HashFunction.sm3.hash(
            [UInt8(bits >> 8), UInt8(bits & 0xFF)] + identifier + curve + point.dropFirst())
    }

    /// SM3 over common point ‖ identities ‖ a counter from 1, as often as the key needs it (GM/T 0003.4 §5.4.3).
    private static func stretched(
        _ common: borrowing SecretBytes, _ identities: [UInt8], _ count: Int
    ) throws(CryptographyError) -> SecretBytes {
        try SecretBytes.filling(count: count) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            var counter: UInt32 = 1
            var at = 0
            while at < count {
                let tail = identities + (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * UInt32($0))) }
                let block = try hash(head: [], common, from: 0, tail)
                for byte in block.prefix(count - at) {
                    span[at] = byte
                    at += 1
                }
                counter += 1
            }
        }
    }

    /// SM3(x ‖ identities ‖ random points).
    private static func proofHash(
        _ common: borrowing SecretBytes, _ message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try common.withSpan { span in
            SecretBytes.joined([], span.extracting(0..<32), message)
        }.withSpan { span throws(CryptographyError) in try HashFunction.sm3.hash(span) }
    }

    /// SM3(number ‖ y ‖ inner).
    private static func proof(
        _ number: UInt8, _ common: borrowing SecretBytes, _ inner: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try hash(head: [number], common, from: 32, inner)
    }

    private static func hash(
        head: [UInt8], _ common: borrowing SecretBytes, from start: Int, _ tail: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try common.withSpan { span in
            SecretBytes.joined(head, span.extracting(start..<64), tail)
        }.withSpan { span throws(CryptographyError) in try HashFunction.sm3.hash(span) }
    }

    /// a, b and the base point of the recommended curve (GM/T 0003.5).
    private static let curve: [UInt8] =
        [0xFF, 0xFF, 0xFF, 0xFE] + [UInt8](repeating: 0xFF, count: 16) + [0, 0, 0, 0]
        + [UInt8](repeating: 0xFF, count: 7) + [0xFC] + [
            0x28, 0xE9, 0xFA, 0x9E, 0x9D, 0x9F, 0x5E, 0x34, 0x4D, 0x5A, 0x9E, 0x4B, 0xCF, 0x65, 0x09, 0xA7,
            0xF3, 0x97, 0x89, 0xF5, 0x15, 0xAB, 0x8F, 0x92, 0xDD, 0xBC, 0xBD, 0x41, 0x4D, 0x94, 0x0E, 0x93,
            0x32, 0xC4, 0xAE, 0x2C, 0x1F, 0x19, 0x81, 0x19, 0x5F, 0x99, 0x04, 0x46, 0x6A, 0x39, 0xC9, 0x94,
            0x8F, 0xE3, 0x0B, 0xBF, 0xF2, 0x66, 0x0B, 0xE1, 0x71, 0x5A, 0x45, 0x89, 0x33, 0x4C, 0x74, 0xC7,
            0xBC, 0x37, 0x36, 0xA2, 0xF4, 0xF6, 0x77, 0x9C, 0x59, 0xBD, 0xCE, 0xE3, 0x6B, 0x69, 0x21, 0x53,
            0xD0, 0xA9, 0x87, 0x7C, 0xC6, 0x2A, 0x47, 0x40, 0x02, 0xDF, 0x32, 0xE5, 0x21, 0x39, 0xF0, 0xA0,
        ]
}

extension SecretBytes {
    /// Open bytes, secret ones and open ones as one secret.
    fileprivate static func joined(_ head: [UInt8], _ secret: Span<UInt8>, _ tail: [UInt8]) -> SecretBytes {
        filling(count: head.count + secret.count + tail.count) { span in
            for index in head.indices { span[index] = head[index] }
            for index in secret.indices { span[head.count + index] = secret[index] }
            for index in tail.indices { span[head.count + secret.count + index] = tail[index] }
        }
    }
}
