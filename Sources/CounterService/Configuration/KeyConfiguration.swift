public import IssuerKeys

/// Which keys a counter works with, and what opens them; no secret stands in the configuration itself.
public struct KeyConfiguration: Hashable, Sendable {
    /// Where keys are.
    public enum Place: Hashable, Sendable {
        /// The folder of a sealed key set, with the site's papers.
        case store(String)
        /// A PKCS#11 token.
        case token(TokenLocation)
        /// A PSAM in a reader slot: the slot's name or a part of it, empty for the only slot for security modules with a card.
        case module(slot: String)
        /// A hardware module behind a gateway: the file with the gateway's address and papers.
        case gateway(settings: String)
    }

    /// Where a passphrase comes from when the service starts by itself.
    public enum PassphrasePlace: Hashable, Sendable {
        /// A file that nobody but its owner can read.
        case file(String)
        /// A credential that systemd passes, by its name.
        case credential(String)
    }

    /// Where the keys are.
    public let place: Place
    /// What opens them: the store's passphrase, the token's user PIN, what seals the private key for the gateway.
    ///
    /// Nil where it is passed at the start, where nothing is sealed, or for the public one of the development set.
    public let passphrase: PassphrasePlace?
    /// The folder of the key log; nil for `DATA/key-log`.
    public let logFolder: String?
    /// What opens the key log's checkpoint key; nil where it is passed at the start, or is the public one in development.
    public let logPassphrase: PassphrasePlace?

    /// A configuration from its parts.
    public init(
        place: Place, passphrase: PassphrasePlace? = nil, logFolder: String? = nil,
        logPassphrase: PassphrasePlace? = nil
    ) {
        self.place = place
        self.passphrase = passphrase
        self.logFolder = logFolder
        self.logPassphrase = logPassphrase
    }

    /// The folder of the papers that go with the keys, policy of use and officers: a key store's own, else `keys` in the data folder.
    public func papersFolder(dataFolder: String) -> String {
        if case .store(let folder) = place { folder } else { dataFolder + "/keys" }
    }
}

extension KeyConfiguration.Place: CustomStringConvertible {
    /// The place as the configuration names it, with whole paths.
    public var description: String {
        switch self {
        case .store(let folder): folder
        case .token(let location): location.description
        case .module(let slot): Self.modulePrefix + slot
        case .gateway(let settings): Self.gatewayPrefix + settings
        }
    }

    static let modulePrefix = "psam:"
    static let gatewayPrefix = "gateway:"
}
