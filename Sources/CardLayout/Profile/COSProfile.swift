public import CardData
public import ISO7816

/// Everything on which card operating systems differ (`CardLayouts/profiles/*.yaml`).
///
/// What the public sources leave open is a setting here, never a guess in code; see the profile files for the marks.
public struct COSProfile: Hashable, Sendable {
    /// The cipher that all keys of the card use; the raw value is the identifier in FCI tag 9F0C, sub-tag 86.
    public enum Algorithm: UInt8, Hashable, Sendable {
        /// 01: two-key triple DES.
        case tripleDES = 0x01
        /// 03: SM4.
        case sm4 = 0x03
    }

    /// Whose commands the card speaks beside the common ones (cos-dialects §1).
    public enum Family: String, Hashable, Sendable, CaseIterable {
        /// Fudan FM12xx and relatives.
        case fmcos
        /// Watchdata (握奇).
        case timecos
        /// Datang (大唐) T514.
        case t514
        /// Huada (华大) MCOS.
        case mcos
        /// A Java card whose security domain installs and personalises applications.
        case globalPlatform = "globalplatform"
    }

    /// What an access byte XY asks of the security register.
    public enum AccessUnits: String, Hashable, Sendable, CaseIterable {
        /// The register is one number; XY is met when Y ≤ register ≤ X, and F0 is free.
        case level
        /// The register has a bit for each state; XY is met when any of the bits Y to X is set, and 0Y is free.
        case bits

        /// The access byte that is met by everybody.
        public var freeByte: UInt8 { self == .level ? 0xF0 : 0x00 }
    }

    /// What a blank asks for before anything is created on it.
    public enum BlankAuthentication: String, Hashable, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// EXTERNAL AUTHENTICATE with the published transport key under identifier 00.
        case transportKey
        /// The transport code: E(transport key, 0000 ‖ historical bytes 8 to 13).
        case transportCode
    }

    /// What a card with a factory's master file is asked to SELECT before it is taken for a blank: names of applications (5 to 16 bytes)
    /// and identifiers of files (2 bytes) that only a card in somebody's use has.
    public let foreignSelections: [[UInt8]]
    /// Under which key the first master of a directory is loaded.
    public enum FirstMaster: String, Hashable, Sendable, CaseIterable {
        /// A published value in plain, replaced at once.
        case transport
        /// By cipher and MAC under the master of the directory above.
        case parent
    }

    /// How answers travel.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        /// T=0: waiting data is announced by 61xx, wrong Le by 6Cxx.
        case t0
        /// Data comes back at once.
        case direct
    }

    /// Where VERIFY finds the PIN of a directory that has none of its own.
    public enum PINLookup: String, Hashable, Sendable, CaseIterable {
        /// The directory above is asked; the state is set in the current one.
        case climb
        /// Only the current directory counts.
        case own
    }

    /// The profile's name, for example `fmcos-ssse`.
    public let name: String
    /// What it is called, in Chinese.
    public let title: String
    /// The cipher of the card's keys.
    public let algorithm: Algorithm
    /// Whose commands the card speaks.
    public let family: Family
    /// What access bytes ask of the security register.
    public let accessUnits: AccessUnits
    /// What a blank asks for first.
    public let blankAuthentication: BlankAuthentication
    /// True when a blank has a master file with a key file and the transport key in it.
    public let hasFactoryMasterFile: Bool
    /// Under which key the first master of a directory is loaded.
    public let firstMaster: FirstMaster
    /// In which protected form a new key comes.
    public let keyLoading: KeyLoading
    /// True when the directory's master key is presented before its files are created.
    public let authenticatesBeforeFiles: Bool
    /// True when each new file is selected before it gets its first content.
    public let selectsNewFiles: Bool
    /// The commands in which makers differ.
    public let commands: CommandSet
    /// The COS's codes of file structures and key types.
    public let codes: COSCodes
    /// How answers travel.
    public let transport: Transport
    /// Where the PIN is found.
    public let pinLookup: PINLookup
    /// How long challenges live.
    public let challengeLife: ChallengeLife
    /// Which challenge is the factor.
    public let challengeOrder: ChallengeOrder
    /// True when the card takes any original information in external authentication, not only an earlier challenge.
    public let acceptsAnyOriginal: Bool
    /// The lengths of EXTERNAL AUTHENTICATE data the card takes (8: E(K, RND); 16: X ‖ Y).
    public let authenticationForms: Set<Int>
    /// Whether P2 of EXTERNAL AUTHENTICATE tells a directory's own keys, with bit 8, from those of the master file.
    public let hasLocalKeyBit: Bool
    /// Whether the card opens its environment only after the master file was selected.
    public let selectsMasterFileFirst: Bool
    /// Whether SELECT with P2 02 finds the next directory of the same name.
    public let selectsNextDirectory: Bool
    /// Whether the card gives a record whole to a protected command, whatever Le it has.
    public let ignoresProtectedLe: Bool
    /// Which half of INTERNAL AUTHENTICATE's data comes first.
    public let internalAuthenticationOrder: InternalAuthenticationOrder
    /// Bytes of a 3DES session key: 8 or 16.
    public let sessionKeyWidth: Int
    /// How SM4 cryptograms are cut.
    public let sm4Authentication: SM4Authentication
    /// Where the card factor comes from.
    public let cardFactor: CardFactorRule
    /// True when rights can hang on single record tags.
    public let hasRecordRules: Bool
    /// The answer to a key that is not there.
    public let keyNotFound: StatusWord
    /// The answer to creating what is there already.
    public let fileExists: StatusWord
    /// The answer to authenticating without a challenge.
    public let noChallenge: StatusWord
    /// The most data bytes a command may carry.
    public let largestCommandData: Int
    /// The most data bytes that a command asks for at a time, a MAC among them; 256, written 00, stand for all that the card gives.
    public let largestAnswerData: Int
    /// The most bytes that one UPDATE BINARY writes.
    public let largestBinaryPiece: Int
    /// The longest record value with tag and length.
    public let longestRecord: Int
    /// The longest record that one command brings and one answer gives back; a security domain takes records in pieces.
    var longestTravellingRecord: Int {
        guard globalPlatform == nil else { return longestRecord }
        return min(longestRecord, largestCommandData, largestAnswerData)
    }
    /// Bytes of user memory on the chip.
    public let memorySize: Int
    /// Bytes each file header takes.
    public let fileHeaderSize: Int
    /// Bytes each key record takes beside the key.
    public let keyRecordOverhead: Int
    /// The published value of each directory's first master key, 16 bytes; no secret.
    public let transportKey: [UInt8]
    /// The ATR before its last six bytes, which are the chip's serial number.
    public let answerToResetPrefix: [UInt8]
    /// Which bytes tell one chip from another.
    public let identity: CardIdentityRule
    /// PIN length in bytes of packed digits.
    public let pinLength: ClosedRange<Int>
    /// The commands for the PIN.
    public let pinCommands: PINCommandRules
    /// How often a blank compares a transport code, wrong ones in a row; nil for a blank that asks for none.
    public let transportTries: Int?
    /// True when VERIFY without data tells how many tries the PIN has, and costs none (ISO/IEC 7816-4 §7.5.6).
    public let hasFreeCounterQuery: Bool
    /// How a record answers that nobody has written.
    public let unwrittenRecord: UnwrittenRecord
    /// How a record gets its first value.
    public let recordCreation: RecordCreation
    /// How the card makes and uses an SM2 key pair; nil where it has none.
    public let publicKeys: PublicKeyRules?
    /// How commands and answers are protected.
    public let secureMessaging: SecureMessagingRules
    /// How the card is blocked for good.
    public let cardBlock: CardBlock
    /// The rights and keys of each directory, by the directory's name; `MF` for the master file.
    public let directories: [String: DirectorySecurity]
    /// How the card is made where a security domain makes it; nil for a card operating system with files of its own.
    public let globalPlatform: GlobalPlatformProfile?
    /// Where the profile begins.
    public let place: SourcePlace

    /// A profile from its parts.
    public init(
        name: String, title: String, algorithm: Algorithm, family: Family, accessUnits: AccessUnits,
        blankAuthentication: BlankAuthentication, hasFactoryMasterFile: Bool, firstMaster: FirstMaster,
        authenticatesBeforeFiles: Bool, commands: CommandSet, codes: COSCodes, transport: Transport,
        pinLookup: PINLookup,
        challengeLife: ChallengeLife, challengeOrder: ChallengeOrder, acceptsAnyOriginal: Bool,
        authenticationForms: Set<Int>, internalAuthenticationOrder: InternalAuthenticationOrder, sessionKeyWidth: Int,
        sm4Authentication: SM4Authentication, cardFactor: CardFactorRule, hasRecordRules: Bool,
        keyNotFound: StatusWord, fileExists: StatusWord, noChallenge: StatusWord, largestCommandData: Int,
        largestAnswerData: Int, longestRecord: Int, memorySize: Int, fileHeaderSize: Int, keyRecordOverhead: Int,
        transportKey: [UInt8],
        answerToResetPrefix: [UInt8], identity: CardIdentityRule, pinLength: ClosedRange<Int>,
        pinCommands: PINCommandRules, hasFreeCounterQuery: Bool, unwrittenRecord: UnwrittenRecord,
        recordCreation: RecordCreation, cardBlock: CardBlock, publicKeys: PublicKeyRules? = nil,
        secureMessaging: SecureMessagingRules = .manual, foreignSelections: [[UInt8]] = [],
        selectsNewFiles: Bool = false, largestBinaryPiece: Int? = nil,
        hasLocalKeyBit: Bool = false, selectsMasterFileFirst: Bool = false, selectsNextDirectory: Bool = false,
        ignoresProtectedLe: Bool = false, keyLoading: KeyLoading = .enciphered, transportTries: Int? = nil,
        directories: [String: DirectorySecurity],
        globalPlatform: GlobalPlatformProfile? = nil, place: SourcePlace
    ) {
        self.name = name
        self.title = title
        self.algorithm = algorithm
        self.family = family
        self.accessUnits = accessUnits
        self.blankAuthentication = blankAuthentication
        self.hasFactoryMasterFile = hasFactoryMasterFile
        self.foreignSelections = foreignSelections
        self.hasLocalKeyBit = hasLocalKeyBit
        self.selectsMasterFileFirst = selectsMasterFileFirst
        self.selectsNextDirectory = selectsNextDirectory
        self.ignoresProtectedLe = ignoresProtectedLe
        self.keyLoading = keyLoading
        self.transportTries = transportTries
        self.firstMaster = firstMaster
        self.selectsNewFiles = selectsNewFiles
        self.largestBinaryPiece = largestBinaryPiece ?? largestCommandData
        self.authenticatesBeforeFiles = authenticatesBeforeFiles
        self.commands = commands
        self.codes = codes
        self.transport = transport
        self.pinLookup = pinLookup
        self.challengeLife = challengeLife
        self.challengeOrder = challengeOrder
        self.acceptsAnyOriginal = acceptsAnyOriginal
        self.authenticationForms = authenticationForms
        self.internalAuthenticationOrder = internalAuthenticationOrder
        self.sessionKeyWidth = sessionKeyWidth
        self.sm4Authentication = sm4Authentication
        self.cardFactor = cardFactor
        self.hasRecordRules = hasRecordRules
        self.keyNotFound = keyNotFound
        self.fileExists = fileExists
        self.noChallenge = noChallenge
        self.largestCommandData = largestCommandData
        self.largestAnswerData = largestAnswerData
        self.longestRecord = longestRecord
        self.memorySize = memorySize
        self.fileHeaderSize = fileHeaderSize
        self.keyRecordOverhead = keyRecordOverhead
        self.transportKey = transportKey
        self.answerToResetPrefix = answerToResetPrefix
        self.identity = identity
        self.pinLength = pinLength
        self.pinCommands = pinCommands
        self.hasFreeCounterQuery = hasFreeCounterQuery
        self.unwrittenRecord = unwrittenRecord
        self.recordCreation = recordCreation
        self.cardBlock = cardBlock
        self.publicKeys = publicKeys
        self.secureMessaging = secureMessaging
        self.directories = directories
        self.globalPlatform = globalPlatform
        self.place = place
    }
}
