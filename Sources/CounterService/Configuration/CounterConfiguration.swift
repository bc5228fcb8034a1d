/// What a counter service is told by its one configuration file.
public struct CounterConfiguration: Hashable, Sendable {
    /// The name of the office, shown on every page and slip.
    public let office: String
    /// The counter's number; its registry must be this counter's.
    public let counter: UInt64
    /// The data folder: registry, journals, operators.
    public let dataFolder: String
    /// The folder that holds `CardLayouts/` and `Keys/`; nil where the program finds it by itself.
    public let homeFolder: String?
    /// The site's policy file; nil for the built-in policy.
    public let policyFile: String?
    /// The city's public key that the policy must be signed with (SM2, DER); nil for `HOME/Keys/policy.pub`, where that is.
    public let policyKeyFile: String?
    /// Whether this is a counter for practice: virtual cards of invented people, and a data folder of its own.
    public let isTraining: Bool
    /// The address that is listened at: 127.0.0.1, or any of this machine's where the service speaks TLS.
    public let host: String
    /// The port; 0 lets the system choose one.
    public let port: Int
    /// Whether a TLS terminator on this machine stands in front: session cookies then travel over TLS alone.
    public let isBehindTLS: Bool
    /// The file with that terminator's certificate, for the self-test to look at; nil where it is not told.
    public let terminatorCertificateFile: String?
    /// How the service itself speaks TLS; nil where it does not.
    public let transport: TransportSecurity?
    /// The names under which browsers may call the service, beside the address itself.
    public let publicNames: [String]
    /// After how many minutes without a request a session ends.
    public let idleMinutes: Int
    /// After how many wrong passwords in a row an operator's number has to wait.
    public let loginTries: Int
    /// How many seconds it waits then; each further wrong password doubles it, up to an hour.
    public let loginWaitSeconds: Int
    /// Whether a password that an administrator gave has to be changed by its operator before anything else.
    public let demandsOwnPasswords: Bool
    /// IPv4 addresses of other machines that may read `/metrics`; this one always may.
    public let metricsReaders: [String]
    /// What slips are printed on, unless the window says otherwise.
    public let slipPaper: SlipPaper
    /// When the office is open: what is done at another time is told in reports.
    public let officeHours: OfficeHours
    /// When each night the service proves its registry; nil for never.
    public let verifiesAt: NightTime?
    /// The keys that cards are read, written and served with; nil for a window that does nothing with keys.
    public let keys: KeyConfiguration?

    /// A configuration from its parts.
    public init(
        office: String, counter: UInt64, dataFolder: String, homeFolder: String? = nil, policyFile: String? = nil,
        policyKeyFile: String? = nil, isTraining: Bool = false, host: String = "127.0.0.1", port: Int = 8080,
        isBehindTLS: Bool = false, terminatorCertificateFile: String? = nil, transport: TransportSecurity? = nil,
        publicNames: [String] = [],
        idleMinutes: Int = 10, loginTries: Int = 5, loginWaitSeconds: Int = 60,
        demandsOwnPasswords: Bool = true, metricsReaders: [String] = [], slipPaper: SlipPaper = .a4,
        officeHours: OfficeHours = .usual, verifiesAt: NightTime? = .usual,
        keys: KeyConfiguration? = nil
    ) {
        self.office = office
        self.counter = counter
        self.dataFolder = dataFolder
        self.homeFolder = homeFolder
        self.policyFile = policyFile
        self.policyKeyFile = policyKeyFile
        self.isTraining = isTraining
        self.host = host
        self.port = port
        self.isBehindTLS = isBehindTLS
        self.terminatorCertificateFile = terminatorCertificateFile
        self.transport = transport
        self.publicNames = publicNames
        self.idleMinutes = idleMinutes
        self.loginTries = loginTries
        self.loginWaitSeconds = loginWaitSeconds
        self.demandsOwnPasswords = demandsOwnPasswords
        self.metricsReaders = metricsReaders
        self.slipPaper = slipPaper
        self.officeHours = officeHours
        self.verifiesAt = verifiesAt
        self.keys = keys
    }
}
