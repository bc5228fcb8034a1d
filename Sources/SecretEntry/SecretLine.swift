public import CardCryptography
import Glibc

/// Reads one line with a secret from an open file into memory that wipes itself.
public enum SecretLine {
    /// The line without its end; at most `limit` bytes.
    public static func read(_ descriptor: Int32, limit: Int) -> SecretBytes {
        var count = 0
        let buffer = SecretBytes.filling(count: limit) { span in
            span.withUnsafeMutableBufferPointer { buffer in
                while count < buffer.count, Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), 1) == 1 {
                    guard buffer[count] != 0x0A, buffer[count] != 0x0D else { break }
                    count += 1
                }
            }
        }
        return buffer.withSpan { SecretBytes(copying: $0.extracting(0..<count)) }
    }
}
