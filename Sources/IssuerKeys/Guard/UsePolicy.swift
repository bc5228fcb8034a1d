import ByteText
import CardData
import ISO7816

/// Who may use which keys for what, how often, and with whom (`Keys/use-policy.yaml`).
public struct UsePolicy: Hashable, Sendable {
    /// What is asked of one operation.
    public struct Rule: Hashable, Sendable {
        /// The roles of operators that may do it.
        public let roles: Set<String>
        /// The groups of keys that it may be done with; empty where no single key of a card is meant.
        public let groups: Set<KeyGroup>
        /// How often one operator may on one day; nil without a limit.
        public let perDay: Int?
        /// How many persons it takes: 1, or 2 with an approval bound to card and ticket.
        public let persons: Int
        /// Whether a ticket must be named.
        public let needsTicket: Bool
    }

    /// What one key may protect.
    public struct Protection: Hashable, Sendable {
        /// The commands.
        public let commands: Set<ProtectableCommand>
        /// Short identifiers of the files that commands may name.
        public let files: Set<UInt8>
    }

    /// Names the policy; reservations in the key log carry it.
    public let version: String
    let rules: [KeyOperation: Rule]
    let protections: [KeyName: Protection]

    /// What is asked of an operation; nil when nobody may do it.
    public subscript(operation: KeyOperation) -> Rule? { rules[operation] }

    /// What a key may protect; nil when nothing.
    public subscript(key: KeyName) -> Protection? { protections[key] }

    /// Refuses a command that the key may not protect.
    ///
    /// A command that names no file by its short identifier is refused where files are bound: the file that is selected in the card
    /// is not known here.
    ///
    /// Throws `key-use.command` and `key-use.file`.
    func check(_ command: CommandAPDU, under key: KeyName) throws(Faults) {
        let name = ["key": key.rawValue, "command": "\(command.cla.hexadecimal) \(command.ins.hexadecimal)"]
        guard let kind = ProtectableCommand(ins: command.ins), let protection = protections[key],
            protection.commands.contains(kind)
        else { throw Faults("key-use.command", name) }
        guard kind.needsFile else { return }
        let file = Self.file(of: command, kind)
        guard let file, protection.files.contains(file) else {
            throw Faults(
                "key-use.file",
                [
                    "key": key.rawValue, "command": kind.rawValue,
                    "file": file.map { "EF\($0.hexadecimal)" } ?? "?",
                ])
        }
    }

    /// The short identifier of the file that a command names; nil when it works on the one that is selected.
    private static func file(of command: CommandAPDU, _ kind: ProtectableCommand) -> UInt8? {
        switch kind {
        case .readBinary, .writeBinary, .updateBinary:
            return command.p1 & 0x80 != 0 && command.p1 & 0x1F != 0 ? command.p1 & 0x1F : nil
        default:
            return command.p2 >> 3 != 0 && command.p2 >> 3 != 0x1F ? command.p2 >> 3 : nil
        }
    }
}
