public import CardCryptography

/// How cards of a profile protect commands and answers (cos-dialects §5), and which keys lock and open.
public struct SecureMessagingRules: Hashable, Sendable {
    /// Which key protects.
    public enum KeyForm: String, Hashable, Sendable, CaseIterable {
        /// The card's key itself; the challenge is the initial value of the MAC.
        case cardKey
        /// A session key made of the challenge; the initial value is zero (card.md §2.4).
        case sessionKey
    }

    /// How enciphered reading tells its lengths.
    public enum ReadForm: String, Hashable, Sendable, CaseIterable {
        /// By the length that was asked for.
        case bare
        /// By a length byte in front of the data.
        case counted
    }

    /// How a file is told, when it is created, that its commands are protected.
    public enum FileForm: String, Hashable, Sendable, CaseIterable {
        /// By bits of its type byte, and a control byte for reading and the keys (cos-dialects §3.1, §3.3).
        case typeBits
        /// Nothing is known of how; a layout that asks for it is refused.
        case none
    }

    /// Bytes of the challenge before each protected command: 4, 8 or 16.
    public let challengeLength: Int
    /// Which key protects reading, writing and locking.
    public let keyForm: KeyForm
    /// How enciphered reading tells its lengths.
    public let readForm: ReadForm
    /// Bytes of the challenge before a PIN is set anew or unblocked: 4, 8 or 16.
    public let pinChallengeLength: Int
    /// Which key protects setting the PIN anew and unblocking it (84 24).
    public let pinKeyForm: KeyForm
    /// The identifiers of the keys (type 36) that lock an application: the first that the application has is the one.
    public let lockKeys: [UInt8]
    /// What no public text says of SM4; means nothing for cards of 3DES.
    public let sm4: SM4LineForm
    /// How a file is told that its commands are protected.
    public let files: FileForm
    /// The bits of a type byte that ask for encipherment and MAC: C0, or 40 alone as one page prints it.
    public let encipheredFileBits: UInt8

    /// Rules from their parts.
    public init(
        challengeLength: Int, keyForm: KeyForm, readForm: ReadForm, pinChallengeLength: Int, pinKeyForm: KeyForm,
        lockKeys: [UInt8], sm4: SM4LineForm, files: FileForm, encipheredFileBits: UInt8
    ) {
        self.challengeLength = challengeLength
        self.keyForm = keyForm
        self.readForm = readForm
        self.pinChallengeLength = pinChallengeLength
        self.pinKeyForm = pinKeyForm
        self.lockKeys = lockKeys
        self.sm4 = sm4
        self.files = files
        self.encipheredFileBits = encipheredFileBits
    }

    /// The FMCOS manual's rules, for profiles that say nothing.
    public static let manual = SecureMessagingRules(
        challengeLength: 4, keyForm: .cardKey, readForm: .bare, pinChallengeLength: 4, pinKeyForm: .cardKey,
        lockKeys: [0x00], sm4: .published, files: .none, encipheredFileBits: 0xC0)
}
