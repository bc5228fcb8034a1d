public import CardCryptography

/// What differs from one PSAM to the next (`CardLayouts/profiles/psam*.yaml`, cos-dialects §7).
public struct PSAMProfile: Hashable, Sendable {
    /// In which order a command carries the factors of several levels.
    public enum FactorOrder: String, Hashable, Sendable, CaseIterable {
        /// Card ‖ city ‖ province.
        case cardFirst
        /// Province ‖ city ‖ card.
        case provinceFirst
    }

    /// The level of the keys that the module holds.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        /// Two factors lead to a card.
        case province
        /// One factor leads to a card.
        case city
    }

    /// How the module's answers travel.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        /// 61xx announces them.
        case t0
        /// They come at once.
        case direct
    }

    /// Where the module's version stands, and what it means.
    public struct Version: Hashable, Sendable {
        /// The file.
        public let file: UInt16
        /// The byte's place in it.
        public let offset: Int
        /// The version of a module made new.
        public let new: UInt8
        /// From which version on it knows SM4.
        public let sm4From: UInt8
    }

    /// The key file and the code of one algorithm.
    public struct Algorithm: Hashable, Sendable {
        /// The file's identifier.
        public let keyFile: UInt16
        /// The code in a key's header.
        public let code: UInt8
    }

    /// Which historical bytes of a module diversify its own master key.
    public struct ModuleFactor: Hashable, Sendable {
        /// Where they begin; T1 is 0.
        public let offset: Int
        /// How many they are: 8.
        public let count: Int
    }

    /// The profile's name.
    public let name: String
    /// What it is called, in Chinese.
    public let title: String
    /// The ATR before its last six bytes, which are the module's serial number.
    public let answerToResetPrefix: [UInt8]
    /// Which historical bytes diversify the module's own master key.
    public let moduleFactor: ModuleFactor
    /// The name of the application with the keys.
    public let application: [UInt8]
    /// How answers travel.
    public let transport: Transport
    /// The published master key of a blank, 16 bytes; no secret.
    public let transportKey: [UInt8]
    /// Tries of the master key.
    public let masterTries: Int
    /// The version.
    public let version: Version
    /// The file with the terminal's number.
    public let terminalNumberFile: UInt16
    /// The file with the area code of the keys.
    public let areaFile: UInt16
    /// Key file and code of 3DES.
    public let tripleDES: Algorithm
    /// Key file and code of SM4.
    public let sm4: Algorithm
    /// The level of the keys.
    public let keyLevel: Level
    /// The order of the factors.
    public let factorOrder: FactorOrder
    /// Bytes of a 3DES session key: 8 or 16.
    public let sessionKeyWidth: Int
    /// How a session factor of eight bytes fills the block that an SM4 session key is made of.
    public let sm4SessionKey: SM4Blocks.Filling
    /// Bytes of a MAC's answer.
    public let macLength: Int
    /// Bytes that one 80 FA takes.
    public let largestCalculation: Int
    /// What is added to P1 of 80 FA under SM4.
    public let sm4CalculationBit: UInt8

    /// Whether a module of this version knows SM4.
    public func knowsSM4(_ version: UInt8) -> Bool { version >= self.version.sm4From }

    /// Key file and code of a cipher.
    public func algorithm(_ cipher: CardCipher) -> Algorithm { cipher == .sm4 ? sm4 : tripleDES }
}
