import CardCryptography
import Glibc

/// What the module's process is asked to do: one byte in front of every request.
enum ModuleOperation: UInt8, CaseIterable {
    case listTokens = 1
    case initializeToken = 2
    case open = 3
    case importKey = 4
    case finishLoading = 5
    case probe = 6
    case sessionCryptogram = 7
    case plainCryptogram = 8
    case commandMAC = 9
    case encipher = 10
    case decipher = 11
    case wrappedKey = 12
    case checkValue = 13
    case prepare = 14
}

/// A message being written; its bytes are wiped when it is let go, for some carry keys and PINs.
final class ModuleWriter {
    /// The longest message.
    static let limit = 1 << 20

    private(set) var bytes: [UInt8] = []

    init(_ operation: ModuleOperation) {
        // no message with a secret outgrows this, so that no copy of it stays behind when the bytes move
        bytes.reserveCapacity(4096)
        bytes.append(operation.rawValue)
    }

    /// An answer: 0 and what was asked for, or 1 and a failure.
    init(isFailure: Bool) {
        bytes.reserveCapacity(4096)
        bytes.append(isFailure ? 1 : 0)
    }

    func put(byte: UInt8, _ texts: String...) {
        bytes.append(byte)
        for text in texts { put(Array(text.utf8)) }
    }

    func put(_ text: String) { put(Array(text.utf8)) }

    /// Bytes behind their count.
    func put(_ field: [UInt8]) {
        put(count: field.count)
        bytes += field
    }

    /// A secret behind its count.
    func put(_ secret: HeldKey) {
        secret.withSpan { span in
            put(count: span.count)
            for index in span.indices { bytes.append(span[index]) }
        }
    }

    func put(count: Int) {
        let count = UInt32(clamping: count)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }

    func put(number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// Factors behind their count, 8 bytes each.
    func put(_ factors: [DiversificationFactor]) {
        put(count: factors.count)
        bytes.reserveCapacity(bytes.count + 8 * factors.count)
        for factor in factors { withUnsafeBytes(of: factor.value.bigEndian) { bytes.append(contentsOf: $0) } }
    }

    deinit { bytes.wipe() }
}

/// A message being read from front to back; its bytes are wiped when it is let go.
final class ModuleReader {
    private var bytes: [UInt8]
    private var offset = 0

    init(_ bytes: consuming [UInt8]) { self.bytes = bytes }

    /// How many bytes are left.
    var remaining: Int { bytes.count - offset }

    func byte() throws(TokenFailure) -> UInt8 {
        guard offset < bytes.count else { throw .malformedMessage }
        defer { offset += 1 }
        return bytes[offset]
    }

    func count() throws(TokenFailure) -> Int {
        var value = 0
        for _ in 0..<4 { value = value << 8 | Int(try byte()) }
        return value
    }

    func number() throws(TokenFailure) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
        return value
    }

    func field() throws(TokenFailure) -> [UInt8] {
        let count = try count()
        guard count <= remaining else { throw .malformedMessage }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    func text() throws(TokenFailure) -> String {
        guard let text = String(validating: try field(), as: UTF8.self) else { throw .malformedMessage }
        return text
    }

    func secret() throws(TokenFailure) -> HeldKey {
        let count = try count()
        guard count <= remaining else { throw .malformedMessage }
        defer { offset += count }
        return HeldKey(SecretBytes(copying: bytes.span.extracting(offset..<offset + count)))
    }

    /// Factors behind their count.
    func factors() throws(TokenFailure) -> [DiversificationFactor] {
        let count = try count()
        guard count <= remaining / 8 else { throw .malformedMessage }
        defer { offset += 8 * count }
        return bytes.withUnsafeBytes { buffer in
            (0..<count).map { index in
                let value = buffer.loadUnaligned(fromByteOffset: offset + 8 * index, as: UInt64.self)
                return DiversificationFactor(value: UInt64(bigEndian: value))
            }
        }
    }

    /// Refuses what stands behind the message.
    func end() throws(TokenFailure) {
        guard remaining == 0 else { throw .malformedMessage }
    }

    deinit { bytes.wipe() }
}

extension [UInt8] {
    /// Overwrites the bytes in their place, which their one owner does before letting go of them.
    mutating func wipe() {
        withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            explicit_bzero(start, buffer.count)
        }
    }
}
