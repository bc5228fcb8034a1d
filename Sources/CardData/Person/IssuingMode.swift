/// Whether cards are made for real people or for practice.
public enum IssuingMode: String, Hashable, Sendable {
    /// Real cards; training areas are refused.
    case production
    /// Practice and tests; training areas are allowed.
    case training
}
