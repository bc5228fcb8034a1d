public import CardCryptography
public import CardData
import Glibc

/// Reads one line with a secret from an open file into memory that wipes itself.
public enum SecretLine {
    /// The line without its end; at most `limit` bytes.
    ///
    /// - Throws: `secret.descriptor` for a descriptor that cannot be read, `secret.no-line` for one that is at its end.
    public static func read(_ descriptor: Int32, limit: Int) throws(Faults) -> SecretBytes {
        var count = 0
        var hasEnd = false
        var reason: Int32 = 0
        let buffer = SecretBytes.filling(count: limit) { span in
            span.withUnsafeMutableBufferPointer { buffer in
                while count < buffer.count, !hasEnd {
                    let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), 1)
                    if got < 0, errno == EINTR { continue }
                    if got < 0 { reason = errno }
                    guard got == 1 else { break }
                    hasEnd = buffer[count] == 0x0A || buffer[count] == 0x0D
                    if !hasEnd { count += 1 }
                }
            }
        }
        let name = ["descriptor": String(descriptor)]
        guard reason == 0 else {
            throw Faults("secret.descriptor", name.merging(["reason": String(cString: strerror(reason))]) { $1 })
        }
        guard hasEnd || count > 0 else { throw Faults("secret.no-line", name) }
        return buffer.withSpan { SecretBytes(copying: $0.extracting(0..<count)) }
    }
}
