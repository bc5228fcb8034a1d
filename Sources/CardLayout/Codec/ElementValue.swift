import ByteText

/// The value of one data element, decoded.
public enum ElementValue: Hashable, Sendable {
    /// `an` and `cn`: text without padding.
    case text(String)
    /// `b`: bytes.
    case bytes([UInt8])
    /// `B-TLV`, and the rows of fixed and cyclic files: inner values by name, an empty row where the card holds a blank one.
    case templates([[String: String]])

    /// The value as CSV and the command line write it: text, hexadecimal digits, or rows as ``TemplateText`` writes them.
    public var text: String {
        switch self {
        case .text(let text): text
        case .bytes(let bytes): bytes.hexadecimal
        case .templates(let rows): TemplateText.write(rows)
        }
    }
}
