/// Which columns a file of people must have, and which it may have.
public struct PersonColumns: Hashable, Sendable {
    /// Must be there.
    public let mandatory: [String]
    /// May be there.
    public let optional: [String]

    /// Names columns.
    public init(mandatory: [String], optional: [String] = []) {
        self.mandatory = mandatory
        self.optional = optional
    }

    /// The same with more columns allowed, such as those of a layout's other files.
    public func allowing(_ more: some Sequence<String>) -> PersonColumns {
        PersonColumns(mandatory: mandatory, optional: optional + more)
    }
}
