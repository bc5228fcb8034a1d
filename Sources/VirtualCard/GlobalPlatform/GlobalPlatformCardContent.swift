import CardCryptography
import CardLayout

/// Everything a GlobalPlatform card keeps without power.
///
/// A command works on a copy, which takes the place of the old content when
/// the command is done: a write is whole or did not happen.
struct GlobalPlatformCardContent: Hashable, Sendable {
    /// The three keys of one version.
    struct KeySet: Hashable, Sendable {
        var encryption: [UInt8]
        var mac: [UInt8]
        var dataEncryption: [UInt8]

        /// The keys for the protocol's arithmetic; throws when they are not the protocol's.
        func staticKeys(
            _ version: SecureChannelProtocol.Version
        ) throws(CryptographyError) -> SecureChannelStaticKeys {
            try SecureChannelStaticKeys(
                version, encryption: SecretBytes(copying: encryption), mac: SecretBytes(copying: mac),
                dataEncryption: SecretBytes(copying: dataEncryption))
        }
    }

    /// One installed application.
    struct Instance: Hashable, Sendable {
        /// 07 selectable, 0F personalized.
        var lifeCycle: UInt8 = 0x07
        let loadFile: [UInt8]
        let module: [UInt8]
        let privileges: [UInt8]
        /// What STORE DATA brought, by identifier.
        var groupings: [UInt16: [UInt8]] = [:]

        var isPersonalized: Bool { lifeCycle == 0x0F }
    }

    /// The profile's name, by which the card is opened again.
    let profileName: String
    /// The answer to reset.
    let answerToReset: [UInt8]
    /// The key diversification data that the card states in INITIALIZE UPDATE.
    let keyData: [UInt8]
    /// EXTERNAL AUTHENTICATEs taken wrong since the last right one.
    var failedAuthentications: UInt8 = 0
    /// 01 ready, 07 initialized, 0F secured, 7F locked.
    var lifeCycle: UInt8 = 0x01
    /// The keys by version.
    var keySets: [UInt8: KeySet]
    /// The version that INITIALIZE UPDATE with 00 uses.
    var defaultKeyVersion: UInt8
    /// The sequence counter of secure channels.
    var sequenceCounter: UInt32 = 1
    /// Load files with their modules.
    var loadFiles: [[UInt8]: [[UInt8]]]
    /// Applications by AID.
    var instances: [[UInt8]: Instance] = [:]

    /// The card as its maker delivers it.
    init(
        delivered profile: GlobalPlatformProfile, serialNumber: [UInt8], keyData: [UInt8], keyVersion: UInt8,
        keys: KeySet
    ) {
        profileName = profile.name
        answerToReset = profile.answerToResetPrefix + serialNumber
        self.keyData = keyData
        keySets = [keyVersion: keys]
        defaultKeyVersion = keyVersion
        loadFiles = Dictionary(grouping: profile.applications, by: \.loadFile).mapValues { $0.map(\.module) }
    }
}
