public import CardData

/// Who uses keys: a person's number or a machine's name, and the role taken.
public struct KeyOperator: Hashable, Sendable {
    /// The number or name: 1 to 32 letters, digits, full stops and hyphens.
    public let name: String
    /// The role, as the policy of use names it.
    public let role: String

    /// An operator.
    ///
    /// Throws `key-use.operator` for a name or role that is none.
    public init(_ name: String, role: String) throws(Faults) {
        guard ApprovingOfficers.isName(name), ApprovingOfficers.isName(role) else {
            throw Faults("key-use.operator", ["operator": name, "role": role])
        }
        self.name = name
        self.role = role
    }
}

/// The number of the work order (工单) for which keys are used.
public struct WorkTicket: Hashable, Sendable {
    /// The number.
    public let text: String

    /// A ticket.
    ///
    /// Throws `key-use.ticket` for text of another form than 1 to 40 letters, digits and `-._/#`, or with fifteen digits in a row: the
    /// key log holds no citizen number and no bank card number.
    public init(_ text: String) throws(Faults) {
        var run = 0
        let isTicket = text.utf8.allSatisfy { byte in
            let isDigit = (0x30...0x39).contains(byte)
            run = isDigit ? run + 1 : 0
            let isLetter = (0x41...0x5A).contains(byte & 0xDF)
            return run < 15 && (isDigit || isLetter || "-._/#".utf8.contains(byte))
        }
        guard isTicket, (1...40).contains(text.utf8.count) else { throw Faults("key-use.ticket", ["ticket": text]) }
        self.text = text
    }
}
