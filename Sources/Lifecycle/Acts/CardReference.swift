import ByteText
public import CardData

/// Which card an event is about: the 16 bytes of its identification code (卡识别码, card.md §1.7), authentication code
/// included.
///
/// All of it, because an event must name the plastic as a terminal reads it; the card number would not do, since some
/// places keep it across a replacement.
public struct CardReference: Hashable, Sendable {
    /// The identification code's 16 bytes.
    public let bytes: [UInt8]

    /// Takes 16 bytes that are not all zero, for zeros say "no card" in an event.
    ///
    /// - Returns: nil for anything else.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16, bytes.contains(where: { $0 != 0 }) else { return nil }
        self.bytes = bytes
    }
}

extension CardReference {
    /// The card with this identification code.
    public init(_ code: IdentificationCode) { bytes = code.bytes }

    /// The card whose 32 hexadecimal digits these are; nil for anything else.
    public init?(text: String) {
        guard let bytes = [UInt8](hexadecimal: text) else { return nil }
        self.init(bytes: bytes)
    }

    /// 32 hexadecimal digits.
    public var text: String { bytes.hexadecimal }
}

extension CardReference: CustomStringConvertible {
    /// 32 hexadecimal digits.
    public var description: String { text }
}
