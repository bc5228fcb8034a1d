/// Which keys a counter works with, and what opens them; no secret stands in the configuration itself.
public struct KeyConfiguration: Hashable, Sendable {
    /// Where a passphrase comes from when the service starts by itself.
    public enum PassphrasePlace: Hashable, Sendable {
        /// A file that nobody but its owner can read.
        case file(String)
        /// A credential that systemd passes, by its name.
        case credential(String)
    }

    /// The folder of the sealed key set, with the site's papers.
    public let folder: String
    /// What opens it; nil where it is passed at the start, or is the public one of the development set.
    public let passphrase: PassphrasePlace?
    /// The folder of the key log; nil for `DATA/key-log`.
    public let logFolder: String?
    /// What opens the key log's checkpoint key; nil as for ``passphrase``.
    public let logPassphrase: PassphrasePlace?

    /// A configuration from its parts.
    public init(
        folder: String, passphrase: PassphrasePlace? = nil, logFolder: String? = nil,
        logPassphrase: PassphrasePlace? = nil
    ) {
        self.folder = folder
        self.passphrase = passphrase
        self.logFolder = logFolder
        self.logPassphrase = logPassphrase
    }
}
