import ByteText
import CardCryptography

/// What several persons are asked to approve: one operation with all that matters about it, for a time, and for one time only.
///
/// Approvals are signatures over the digest of its bytes, so they hold for exactly this request: another card, another ticket or a
/// later hour is another request.
public struct ApprovalRequest: Hashable, Sendable {
    /// What shall be done, for example `pin-reset`.
    public let operation: String
    /// Everything that is bound, such as card, key, version and ticket.
    public let details: [String: String]
    /// Who asks.
    public let requester: String
    /// When it was asked: milliseconds since 1970 UTC.
    public let issued: UInt64
    /// After when it is void: milliseconds since 1970 UTC.
    public let expires: UInt64
    /// 16 random bytes, which tell two requests for the same thing apart.
    public let nonce: [UInt8]

    /// No approval holds longer: seven days in milliseconds.
    public static let longestValidity: UInt64 = 7 * 24 * 3600 * 1000

    /// A request from its parts.
    ///
    /// - Throws: `malformedRequest` for an empty name, a nonce without 16 bytes, or a time that ends before it begins or lasts longer
    ///   than ``longestValidity``.
    public init(
        _ operation: String, _ details: [String: String], requester: String, issued: UInt64, expires: UInt64,
        nonce: [UInt8]
    ) throws(ApprovalError) {
        guard !operation.isEmpty, !requester.isEmpty, nonce.count == 16, expires > issued,
            expires - issued <= Self.longestValidity
        else { throw .malformedRequest }
        self.operation = operation
        self.details = details
        self.requester = requester
        self.issued = issued
        self.expires = expires
        self.nonce = nonce
    }

    /// A new request, with a nonce of its own.
    public init(
        _ operation: String, _ details: [String: String], requester: String, issued: UInt64, expires: UInt64
    ) throws(ApprovalError) {
        let nonce: [UInt8]
        do { nonce = try SecureRandom.bytes(16) } catch { throw .cryptography("\(error)") }
        try self.init(operation, details, requester: requester, issued: issued, expires: expires, nonce: nonce)
    }

    /// The canonical bytes: `sscard-approval-1`, then operation, requester, issued and expires (8 bytes each), nonce, and the details
    /// in the order of their names' bytes, name before value.
    ///
    /// Every text stands behind its length in 4 bytes; numbers have their most significant byte first.
    public var bytes: [UInt8] {
        var bytes = Array("sscard-approval-1".utf8)
        func add(_ text: [UInt8]) { bytes += UInt32(truncatingIfNeeded: text.count).bigEndianBytes + text }
        add(Array(operation.utf8))
        add(Array(requester.utf8))
        bytes += issued.bigEndianBytes + expires.bigEndianBytes
        add(nonce)
        bytes += UInt32(truncatingIfNeeded: details.count).bigEndianBytes
        let ordered = details.map { (Array($0.utf8), Array($1.utf8)) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        for (name, value) in ordered {
            add(name)
            add(value)
        }
        return bytes
    }

    /// SM3 of the canonical bytes, 32 bytes: what is signed, and what the key log notes.
    public var digest: [UInt8] {
        get throws(ApprovalError) {
            do { return try HashFunction.sm3.hash(bytes) } catch { throw .cryptography("\(error)") }
        }
    }
}
