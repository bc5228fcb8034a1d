import ByteText
public import CardData

/// How a directory's rules live in the card's 4-bit security register (reference: fmcos-ssse).
public struct DirectorySecurity: Hashable, Sendable {
    /// What has been presented when the register shows a state.
    public struct State: Hashable, Sendable {
        /// The register's value, 1…15.
        public let value: UInt8
        /// The keys presented, by hierarchy name.
        public let keys: Set<String>
        /// Whether the PIN was presented.
        public let pin: Bool

        /// A state from its parts.
        public init(value: UInt8, keys: Set<String>, pin: Bool) {
            self.value = value
            self.keys = keys
            self.pin = pin
        }
    }

    /// The access byte for creating files in the directory.
    public let createRight: UInt8
    /// The access byte for erasing it.
    public let eraseRight: UInt8
    /// The access byte for adding keys to its key file.
    public let addKeyRight: UInt8
    /// The DF short identifier of CREATE DF, which says what SELECT answers.
    public let shortIdentifierByte: UInt8
    /// What each value of the register means.
    public let states: [State]
    /// The keys of the directory in loading order, the master (39/00) first; the PIN, when it lives here, last.
    public let keys: [KeyRecord]
    /// Where the list of applications lies in it; nil where none is made.
    public let directoryFile: SystemFileRule?
    /// Where the card notes the application's transactions; nil where nothing is made for them.
    public let transactionFile: SystemFileRule?
    /// Where it stands in the profile file.
    public let place: SourcePlace

    /// A directory's security from its parts.
    public init(
        createRight: UInt8, eraseRight: UInt8, addKeyRight: UInt8, shortIdentifierByte: UInt8, states: [State],
        keys: [KeyRecord], directoryFile: SystemFileRule? = nil, transactionFile: SystemFileRule? = nil,
        place: SourcePlace
    ) {
        self.directoryFile = directoryFile
        self.transactionFile = transactionFile
        self.createRight = createRight
        self.eraseRight = eraseRight
        self.addKeyRight = addKeyRight
        self.shortIdentifierByte = shortIdentifierByte
        self.states = states
        self.keys = keys
        self.place = place
    }

    /// The master key of the directory (39/00).
    public var masterKey: KeyRecord? { keys.first { $0.isMaster } }
}

/// One record of a directory's key file (cos-dialects §4.1).
public struct KeyRecord: Hashable, Sendable {
    /// The hierarchy's name of the key, or `PIN`.
    public let name: String
    /// The type byte without protection bits: 34, 36, 37, 39, 3A, 3E.
    public let type: UInt8
    /// The key identifier, found together with the type.
    public let identifier: UInt8
    /// The access byte for using it.
    public let useRight: UInt8
    /// The access byte for changing it.
    public let changeRight: UInt8
    /// For 39 and 3A the register's value after success; for 30–34 and 3E the version; else FF.
    public let nextState: UInt8
    /// For types with a counter the number of tries, 1…15; for 30–34 and 3E the algorithm byte.
    public let tries: UInt8
    /// P2 of EXTERNAL AUTHENTICATE: the identifier, with bit 8 where the card tells a directory's own keys by it.
    public let reference: UInt8
    /// True when the key may only be updated by cipher and MAC (type bits C0).
    public let isProtected: Bool
    /// Where it stands in the profile file.
    public let place: SourcePlace

    /// A key record from its parts.
    ///
    /// - Parameter reference: P2 of EXTERNAL AUTHENTICATE where it is not the identifier.
    public init(
        name: String, type: UInt8, identifier: UInt8, useRight: UInt8, changeRight: UInt8, nextState: UInt8,
        tries: UInt8, isProtected: Bool, reference: UInt8? = nil, place: SourcePlace
    ) {
        self.reference = reference ?? identifier
        self.name = name
        self.type = type
        self.identifier = identifier
        self.useRight = useRight
        self.changeRight = changeRight
        self.nextState = nextState
        self.tries = tries
        self.isProtected = isProtected
        self.place = place
    }

    /// The register's value after success, for 39 and 3A: only the low half of the next state counts (cos-dialects §2.2).
    public var reachedState: UInt8 { nextState & 0x0F }

    /// True for the directory's master key 39/00 (主控密钥).
    public var isMaster: Bool { type == 0x39 && identifier == 0x00 }
    /// True for the PIN.
    public var isPIN: Bool { type == 0x3A }

    /// True for keys that count wrong tries.
    public var isCounted: Bool { [0x36, 0x37, 0x38, 0x39, 0x3A].contains(type) }
}

extension KeyRecord: CustomStringConvertible {
    /// Type, identifier, use right, change right, next state and tries, as in `39/91 F0 FF 4 5`.
    public var description: String {
        "\([type].hexadecimal)/\([identifier].hexadecimal) \([useRight, changeRight, nextState, tries].hexadecimal)"
            + (isProtected ? " protected" : "")
    }
}
