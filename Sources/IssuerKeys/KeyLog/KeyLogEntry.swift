/// One entry of the key log as it is written down.
public struct KeyLogEntry: Hashable, Sendable {
    /// What an entry tells.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The log begins: its first checkpoint key.
        case start
        /// Uses that a session may make from now on; on the disk before the first of them.
        case reserve
        /// A key is about to be used.
        case use
        /// A use was refused; no key was touched.
        case refused
        /// The use of an earlier entry failed.
        case failed
        /// What the use of an earlier entry found out.
        case outcome
        /// A session is over.
        case end
        /// An approval of several persons was used.
        case approval
        /// A signature over everything before it.
        case checkpoint
        /// Another checkpoint key from here on, signed by the old one and the new.
        case rollover
        /// Bytes without a line end stood at the end after a crash and were taken away; no key was used for them.
        case recovered
    }

    /// A named value.
    public struct Field: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The value; never a secret, never a whole personal number.
        public let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Its place, from 1.
    public let sequence: UInt64
    /// Milliseconds since 1970 UTC, by the clock of the place.
    public let time: UInt64
    /// What it tells.
    public let kind: Kind
    /// Its values in their order.
    public let fields: [Field]

    /// The value of a name; nil when there is none.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}
