/// What is done with an issuer key, as the policy of use and the key log name it.
public enum KeyOperation: String, Hashable, Sendable, CaseIterable {
    /// The card proves itself.
    case internalAuthentication = "internal-authentication"
    /// The outside proves itself.
    case externalAuthentication = "external-authentication"
    /// The authentication code of a new card's identification code.
    case identificationCode = "identification-code"
    /// A MAC over a command that reads, writes, locks or opens.
    case commandMAC = "command-mac"
    /// The same, with its data enciphered.
    case commandEncipherment = "command-encipherment"
    /// The answer to a protected command is judged.
    case answer = "answer"
    /// A key is loaded into a card.
    case keyLoading = "key-loading"
    /// The first PIN is written into a new card.
    case firstPIN = "first-pin"
    /// A new PIN takes the old one's place (84 24 with data).
    case pinReset = "pin-reset"
    /// A PIN gets its tries back (84 24 without data).
    case pinUnblock = "pin-unblock"
    /// A new PIN takes the old one's place (80 5E 00).
    case pinReload = "pin-reload"
    /// A check value is shown.
    case checkValue = "check-value"
    /// A secure channel to a security domain is opened.
    case secureChannel = "secure-channel"
    /// Keys of a card are enciphered for a security domain.
    case keyData = "key-data"
    /// A security domain's keys are replaced.
    case putKey = "put-key"

    /// Whether it gives a PIN to a card or opens a blocked one.
    public var isPINService: Bool { [.pinReset, .pinUnblock, .pinReload].contains(self) }
}

/// The commands that a key may protect, by their names in ISO/IEC 7816-4 and PBOC.
public enum ProtectableCommand: String, Hashable, Sendable, CaseIterable {
    case readBinary = "read-binary"
    case readRecord = "read-record"
    case writeBinary = "write-binary"
    case updateBinary = "update-binary"
    case writeRecord = "write-record"
    case updateRecord = "update-record"
    case appendRecord = "append-record"
    case cardBlock = "card-block"
    case applicationBlock = "application-block"
    case applicationUnblock = "application-unblock"

    /// The command of an instruction byte; nil when it is none of them.
    init?(ins: UInt8) {
        switch ins {
        case 0xB0: self = .readBinary
        case 0xB2: self = .readRecord
        case 0xD0: self = .writeBinary
        case 0xD6: self = .updateBinary
        case 0xD2: self = .writeRecord
        case 0xDC: self = .updateRecord
        case 0xE2: self = .appendRecord
        case 0x16: self = .cardBlock
        case 0x1E: self = .applicationBlock
        case 0x18: self = .applicationUnblock
        default: return nil
        }
    }

    /// Whether the command works on a file.
    var needsFile: Bool { ![.cardBlock, .applicationBlock, .applicationUnblock].contains(self) }
}
