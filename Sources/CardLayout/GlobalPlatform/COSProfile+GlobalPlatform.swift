public import CardCryptography
import CardData
import ISO7816

/// What the applications of a GlobalPlatform card look like from outside: directories that are selected by name, records that are
/// read, and a PIN.
extension COSProfile {
    /// The outside of the applications that a security domain installs.
    ///
    /// The rules of a layout are the applications' own affair, and no public text says what they ask for: here every record is read
    /// freely and nothing is written from outside. The lint tells which rules that leaves open.
    public init(applicationsOf profile: GlobalPlatformProfile) {
        let place = profile.place
        let environment = profile.applications.first?.directory
        var directories = ["MF": DirectorySecurity(keys: [], place: place)]
        for application in profile.applications {
            let pin = KeyRecord(
                name: "PIN", type: 0x3A, identifier: Self.globalPIN, useRight: AccessUnits.level.freeByte,
                changeRight: AccessRuleCompiler.forbidden, nextState: 0, tries: profile.pin.tries, isProtected: false,
                place: place)
            directories[application.directory] = DirectorySecurity(
                keys: application.directory == environment ? [pin] : [], place: application.place)
        }
        self.init(
            name: profile.name, title: profile.title, algorithm: profile.algorithm, family: .globalPlatform,
            accessUnits: .level, blankAuthentication: .none, hasFactoryMasterFile: false, firstMaster: .transport,
            authenticatesBeforeFiles: false, commands: .none, codes: COSCodes(fileTypes: [:], keyTypes: [:]),
            transport: .direct, pinLookup: .climb, challengeLife: .nextCommand, challengeOrder: .newestIsFactor,
            acceptsAnyOriginal: false, authenticationForms: [16], internalAuthenticationOrder: .factorFirst,
            sessionKeyWidth: 16, sm4Authentication: .left8, cardFactor: profile.cardFactor, hasRecordRules: false,
            keyNotFound: .referencedDataNotFound, fileExists: .conditionsNotSatisfied,
            noChallenge: .conditionsNotSatisfied, largestCommandData: profile.largestCommandData,
            largestAnswerData: 256, longestRecord: 255, memorySize: profile.memorySize, fileHeaderSize: 0,
            keyRecordOverhead: 0,
            transportKey: profile.blankKeys.value, answerToResetPrefix: profile.answerToResetPrefix,
            identity: .standard, pinLength: 2...6,
            pinCommands: PINCommandRules(change: .none, reset: .none, resetParameters: [0x00, 0x00], unblock: .none),
            hasFreeCounterQuery: false,
            unwrittenRecord: .notFound, recordCreation: .withValue, cardBlock: profile.cardBlock,
            directories: directories, globalPlatform: profile,
            place: place)
    }

    /// The reference of VERIFY for the holder's PIN (EMV Book 3 §6.5.12: 80, plain PIN block).
    private static let globalPIN: UInt8 = 0x80

    /// Whether the card itself keeps the rules of a layout, as far as anybody knows.
    public var hasAccessRules: Bool { globalPlatform == nil }

    /// Whether a file reaches the card: data groupings carry records and nothing else.
    public func carries(_ file: ElementaryFile) -> Bool {
        globalPlatform == nil || file.structure.kind != .transparent
    }
}

extension DirectorySecurity {
    /// Nothing can be created or presented from outside, except a PIN.
    fileprivate init(keys: [KeyRecord], place: SourcePlace) {
        self.init(
            createRight: AccessRuleCompiler.forbidden, eraseRight: AccessRuleCompiler.forbidden,
            addKeyRight: AccessRuleCompiler.forbidden, shortIdentifierByte: 0xFF, states: [], keys: keys, place: place)
    }
}

extension GlobalPlatformProfile {
    /// The application of a directory; nil when the profile installs none for it.
    public func application(of directory: String) -> Application? {
        applications.first { $0.directory == directory }
    }

    /// How the keys of a set are made; read from the file for every set that the profile uses.
    public func diversification(of keySet: String) -> SecureChannelDiversification {
        diversification[keySet] ?? .none
    }
}
