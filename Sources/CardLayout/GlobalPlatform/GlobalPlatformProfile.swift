public import CardCryptography
public import CardData

/// What differs from one GlobalPlatform card to the next (`CardLayouts/profiles/globalplatform*.yaml`).
///
/// No public text says how a third-generation social security card is personalised; everything that had to be assumed is a setting
/// here. The files and records come from the layout.
public struct GlobalPlatformProfile: Hashable, Sendable {
    /// One application: how the directory of the layout becomes an instance.
    public struct Application: Hashable, Sendable {
        /// The directory's name in the layout.
        public let directory: String
        /// The AID of the load file.
        public let loadFile: [UInt8]
        /// The AID of the module in it.
        public let module: [UInt8]
        /// The AID of the instance; nil for the directory's own name in the layout.
        public let instance: [UInt8]?
        /// One byte of privileges, or three.
        public let privileges: [UInt8]
        /// The install parameters.
        public let parameters: [UInt8]
        /// Groupings with keys of the card, in the order they are sent.
        public let keyGroupings: [KeyGrouping]
        /// Where it stands in the file.
        public let place: SourcePlace
    }

    /// A data grouping that carries keys of the card, one behind the other, enciphered under the DEK.
    public struct KeyGrouping: Hashable, Sendable {
        /// Its identifier.
        public let identifier: UInt16
        /// The keys by their names in the hierarchy.
        public let keys: [String]
    }

    /// How STORE DATA carries the groupings.
    public struct StoreData: Hashable, Sendable {
        /// How many groupings one command takes.
        public enum Groupings: String, Hashable, Sendable, CaseIterable {
            /// One, as in all scripts seen.
            case single
            /// As many as fit.
            case packed
        }

        /// What an application takes once it is personalised.
        public enum AfterPersonalization: String, Hashable, Sendable, CaseIterable {
            /// Nothing: STORE DATA is refused.
            case none
            /// Groupings with records: one that stands gives way, one that does not is added; neither keys nor the PIN.
            case records
        }

        /// How many groupings one command takes.
        public let groupings: Groupings
        /// The tag that stands around each record, as 70 in EMV applications; nil for the record alone.
        public let recordTemplate: UInt8?
        /// Whether the last command has P1 80; some engines refuse it.
        public let marksLastBlock: Bool
        /// Whether keys are sent before records; some engines refuse them later.
        public let keysFirst: Bool
        /// What P1 has for enciphered groupings.
        public let encipheredBits: UInt8
        /// Whether records without a value are sent with their blank filler, so that they exist.
        public let blankRecords: Bool
        /// What an application takes once it is personalised.
        public let afterPersonalization: AfterPersonalization
    }

    /// How the keys of the security domain are replaced.
    public struct KeyReplacement: Hashable, Sendable {
        /// How check values are made.
        public enum CheckValue: String, Hashable, Sendable, CaseIterable {
            /// E(K, zeros), the usual one of 3DES keys.
            case encryptedZeros
            /// E(K, 01…01), the usual one of AES keys.
            case encryptedOnes
            /// CMAC of a zero block.
            case cmacOfZeros
        }

        /// The name of the issuer's key set.
        public let keySet: String
        /// P1 of PUT KEY: the version of the keys that go; 00 adds the new ones.
        public let replacing: UInt8
        /// AES: whether the key's length stands before its cipher text.
        public let statesLength: Bool
    }

    /// The three keys with which every blank of this kind comes: published, no secret, and replaced before a card is handed out.
    public struct BlankKeys: Hashable, Sendable {
        /// Their version.
        public let version: UInt8
        /// The value of all three.
        public let value: [UInt8]
    }

    /// How the holder's PIN reaches the application of the environment (cos-dialects §10.3, 8010 and 9010).
    public struct PINGroupings: Hashable, Sendable {
        /// The grouping of the PIN block, enciphered under the DEK.
        public let block: UInt16
        /// The grouping of try counter and try limit.
        public let counter: UInt16
        /// The try limit.
        public let tries: UInt8
    }

    /// The profile's name.
    public let name: String
    /// What it is called, in Chinese.
    public let title: String
    /// The ATR before its last six bytes, which are the chip's serial number.
    public let answerToResetPrefix: [UInt8]
    /// The cipher of the card keys that key groupings carry.
    public let algorithm: COSProfile.Algorithm
    /// Where the card factor of those keys comes from.
    public let cardFactor: COSProfile.CardFactorRule
    /// Bytes of memory for applications' data.
    public let memorySize: Int
    /// The most data bytes a command may carry, protection included.
    public let largestCommandData: Int
    /// What blanks come with.
    public let blankKeys: BlankKeys
    /// The first six bytes of a blank's key diversification data (KEYDATA); the last four end the chip's serial number.
    public let masterKeyIdentifier: [UInt8]
    /// The AID of the issuer's security domain.
    public let securityDomain: [UInt8]
    /// The secure channel protocol with its parameter i.
    public let channelProtocol: SecureChannelProtocol
    /// The security level.
    public let level: SecureChannelLevel
    /// P1 of INITIALIZE UPDATE; 00 takes the card's default keys.
    public let keyVersion: UInt8
    /// The name of the key set that the card comes with.
    public let keySet: String
    /// How a card's own keys come from the issuer's masters, by the name of the key set.
    public let diversification: [String: SecureChannelDiversification]
    /// How many EXTERNAL AUTHENTICATEs in a row a security domain takes wrong before it is lost.
    public let authenticationTries: Int
    /// How the PIN is stored.
    public let pin: PINGroupings
    /// The applications in the order they are installed.
    public let applications: [Application]
    /// How STORE DATA carries the groupings.
    public let storeData: StoreData
    /// How a card is blocked for good.
    public let cardBlock: COSProfile.CardBlock
    /// How check values of PUT KEY are made.
    public let checkValue: KeyReplacement.CheckValue
    /// How the card's first keys are replaced at the end; nil to leave them.
    public let keyReplacement: KeyReplacement?
    /// The life cycle states the card goes through at the end, such as 07 and 0F; none to leave it.
    public let lifeCycleStates: [UInt8]
    /// Where the profile begins.
    public let place: SourcePlace
}
