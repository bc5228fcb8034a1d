/// The factor of a city as published drivers make it: its six-digit area code as ASCII, then `sx`.
public enum AreaFactor {
    /// `73 78`, the letters sx.
    public static let suffix: [UInt8] = [0x73, 0x78]

    /// Digits ‖ `sx`; nil when the text is no area code of six digits.
    public static func city(_ area: String) -> DiversificationFactor? {
        isAreaCode(area) ? DiversificationFactor(Array(area.utf8) + suffix) : nil
    }

    /// Whether text is six decimal digits.
    static func isAreaCode(_ area: String) -> Bool {
        area.utf8.count == 6 && area.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
