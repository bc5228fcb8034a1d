/// Which commands for the holder's PIN a card operating system has: the profile setting `pinCommands` (cos-dialects §6.6).
public struct PINCommandRules: Hashable, Sendable {
    /// How the holder changes the PIN.
    public enum Change: String, Hashable, Sendable, CaseIterable {
        /// `80 5E 01`: the old PIN, FF, the new one.
        case changePin
        /// Not at all.
        case none
    }

    /// Under which key the issuer sends `84 24`.
    public enum Key: String, Hashable, Sendable, CaseIterable {
        /// The directory's maintenance key, 36/00, which protects its other commands too.
        case maintenance
        /// A key for PINs alone, 37/00.
        case pinUnblock

        /// The type of its record.
        public var type: UInt8 { self == .maintenance ? 0x36 : 0x37 }
    }

    /// How the issuer sets a new PIN.
    public enum Reset: String, Hashable, Sendable, CaseIterable {
        /// `84 24` with the new PIN by cipher and MAC, under the ``Key`` for it.
        case pinUnblock
        /// `80 5E 00` with the new PIN and a MAC over it, under the key of type 38.
        case reload
        /// Not at all.
        case none
    }

    /// How the issuer gives the PIN its tries back.
    public enum Unblock: String, Hashable, Sendable, CaseIterable {
        /// `84 24 00 00` with a MAC alone, under the ``Key`` for it.
        case macOnly
        /// Not without a new PIN.
        case none
    }

    /// How the holder changes the PIN.
    public let change: Change
    /// How the issuer sets a new one.
    public let reset: Reset
    /// P1 and P2 of `84 24` with a PIN; the sources differ.
    public let resetParameters: [UInt8]
    /// How the issuer gives the tries back.
    public let unblock: Unblock
    /// The key of `84 24`.
    public let key: Key
    /// Whether WRITE KEY changes the PIN as it changes keys, where the record's change right is met.
    public let isWrittenAsKey: Bool

    /// Rules from their parts.
    public init(
        change: Change, reset: Reset, resetParameters: [UInt8], unblock: Unblock, key: Key = .pinUnblock,
        isWrittenAsKey: Bool = true
    ) {
        self.isWrittenAsKey = isWrittenAsKey
        self.key = key
        self.change = change
        self.reset = reset
        self.resetParameters = resetParameters
        self.unblock = unblock
    }

    /// The type of the key under which the issuer sets a new PIN; nil where the card has no such command.
    public var resetKeyType: UInt8? {
        switch reset {
        case .pinUnblock: key.type
        case .reload: 0x38
        case .none: nil
        }
    }
}
