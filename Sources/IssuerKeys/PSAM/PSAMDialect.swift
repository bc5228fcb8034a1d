public import CardCryptography

/// How one kind of PSAM wants to be spoken to; settings of its profile, in this room's terms.
public struct PSAMDialect: Hashable, Sendable {
    /// Key file and code of one algorithm.
    public struct Algorithm: Hashable, Sendable {
        /// The identifier of the key file.
        public let keyFile: UInt16
        /// The code in a key's header.
        public let code: UInt8

        /// An algorithm from its parts.
        public init(keyFile: UInt16, code: UInt8) {
            self.keyFile = keyFile
            self.code = code
        }
    }

    /// The answer to reset before the six bytes of the serial number.
    public let answerToResetPrefix: [UInt8]
    /// Where the eight historical bytes begin that diversify the module's own master key; T1 is 0.
    public let moduleFactorOffset: Int
    /// The name of the application with the keys.
    public let application: [UInt8]
    /// The published master key of a blank.
    public let transportKey: [UInt8]
    /// The file with the version, and its place there.
    public let versionFile: UInt16
    /// The version's place in its file.
    public let versionOffset: Int
    /// From which version on the module knows SM4.
    public let sm4From: UInt8
    /// The file with the terminal's number.
    public let terminalNumberFile: UInt16
    /// The file with the area code of the keys.
    public let areaFile: UInt16
    /// 3DES.
    public let tripleDES: Algorithm
    /// SM4.
    public let sm4: Algorithm
    /// The level of the keys: province or city.
    public let keyLevel: KeyLevel
    /// Whether the card's factor comes before the city's.
    public let isCardFirst: Bool
    /// Bytes of a 3DES session key.
    public let sessionKeyWidth: Int
    /// How a session factor of eight bytes fills the block that an SM4 session key is made of.
    public let sm4SessionKey: SM4Blocks.Filling
    /// The most bytes of one calculation.
    public let largestCalculation: Int
    /// What is added to P1 of a calculation under SM4.
    public let sm4CalculationBit: UInt8

    /// A dialect from its parts.
    public init(
        answerToResetPrefix: [UInt8], moduleFactorOffset: Int, application: [UInt8], transportKey: [UInt8],
        versionFile: UInt16, versionOffset: Int, sm4From: UInt8, terminalNumberFile: UInt16, areaFile: UInt16,
        tripleDES: Algorithm, sm4: Algorithm, keyLevel: KeyLevel, isCardFirst: Bool, sessionKeyWidth: Int,
        sm4SessionKey: SM4Blocks.Filling, largestCalculation: Int, sm4CalculationBit: UInt8
    ) {
        self.answerToResetPrefix = answerToResetPrefix
        self.moduleFactorOffset = moduleFactorOffset
        self.application = application
        self.transportKey = transportKey
        self.versionFile = versionFile
        self.versionOffset = versionOffset
        self.sm4From = sm4From
        self.terminalNumberFile = terminalNumberFile
        self.areaFile = areaFile
        self.tripleDES = tripleDES
        self.sm4 = sm4
        self.keyLevel = keyLevel
        self.isCardFirst = isCardFirst
        self.sessionKeyWidth = sessionKeyWidth
        self.sm4SessionKey = sm4SessionKey
        self.largestCalculation = largestCalculation
        self.sm4CalculationBit = sm4CalculationBit
    }

    /// How many factors lead from the module's keys to a card.
    var factorCount: Int { keyLevel == .province ? 2 : 1 }

    /// Key file and code of an algorithm.
    func algorithm(_ algorithm: CardAlgorithm) throws(CardKeyError) -> Algorithm {
        switch algorithm {
        case .tripleDES: tripleDES
        case .sm4: sm4
        case .ssf33, .aes: throw .algorithmNotAvailable(algorithm)
        }
    }
}
