import ByteText

/// 批次号: the number of an employer's or school's batch, as people read it and approve by it.
public struct BatchNumber: Hashable, Sendable {
    /// No number is longer, in bytes of UTF-8.
    public static let longest = 64

    /// The number.
    public let text: String

    /// A number; nil for one that is empty or too long, and for one with signs that nobody sees: two batches must not look alike.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.longest, text.isPlainLine else { return nil }
        self.text = text
    }
}
