import ByteText
import Testing

/// Bytes of a hexadecimal literal or vector; a test fails where it is none.
func bytes(_ text: String) throws -> [UInt8] {
    try #require([UInt8](hexadecimal: text), "not hexadecimal: \(text)")
}
