public import CardCryptography
public import CardData

/// The line protection (线路保护) that a layout asks for on a file: commands that write it, and where it says so commands that read it,
/// travel with a MAC, or enciphered with a MAC.
public struct FileProtection: Hashable, Sendable {
    /// What is done to the data; the raw value is how layouts write it.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// It travels in plain, with a MAC.
        case mac
        /// It is enciphered, then a MAC is taken over the cipher text.
        case enciphered

        /// The same, as commands are protected.
        public var line: LineProtection.Mode { self == .mac ? .mac : .encipheredWithMAC }
    }

    /// How the file is read.
    public enum Reading: String, Hashable, Sendable, CaseIterable {
        /// As any other: whoever meets the read rule reads it.
        case plain
        /// Only under protection: whoever meets the read rule and has the key.
        case protected
    }

    /// What is done to the data.
    public let mode: Mode
    /// The key that protects, by its name in the key hierarchy; the directory holds it as a line-protection key (type 36).
    public let keyName: String
    /// How the file is read.
    public let reading: Reading
    /// Where it stands in the layout file.
    public let place: SourcePlace

    /// A protection from its parts.
    public init(mode: Mode, keyName: String, reading: Reading, place: SourcePlace) {
        self.mode = mode
        self.keyName = keyName
        self.reading = reading
        self.place = place
    }
}
