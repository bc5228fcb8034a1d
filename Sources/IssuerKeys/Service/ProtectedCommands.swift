import CardCryptography
public import ISO7816

/// Which commands line protection is for; a key that makes MACs of them makes none of others.
public enum ProtectedCommands {
    /// What a protected command does.
    public enum Kind: Hashable, Sendable {
        /// READ BINARY and READ RECORD.
        case reading
        /// UPDATE BINARY, UPDATE RECORD, APPEND RECORD, with their other codes.
        case writing
        /// CARD BLOCK, APPLICATION UNBLOCK, APPLICATION BLOCK.
        case locking

        init?(_ ins: UInt8) {
            switch ins {
            case 0xB0, 0xB2: self = .reading
            case 0xD6, 0xD0, 0xDC, 0xD2, 0xE2: self = .writing
            case 0x16, 0x18, 0x1E: self = .locking
            default: return nil
            }
        }
    }

    /// What an instruction does under protection; nil for those that have none here.
    public static func kind(ofInstruction ins: UInt8) -> Kind? { Kind(ins) }

    /// Whether the answer carries data, and with it a MAC.
    public static func isRead(_ command: CommandAPDU) -> Bool { Kind(command.ins) == .reading }

    /// The class of the protected form; nil when the command has none here.
    public static func classByte(of command: CommandAPDU) -> UInt8? {
        switch (command.cla | 0x04, Kind(command.ins)) {
        case (0x04, .reading) where command.data.isEmpty: 0x04
        case (0x04, .writing) where !command.data.isEmpty: 0x04
        case (0x84, .locking) where command.data.isEmpty: 0x84
        default: nil
        }
    }
}

extension CommandAPDU {
    /// The command of CLA INS P1 P2 with its protected data.
    ///
    /// - Throws: `wrongLength` for data that no command carries.
    static func finished(
        _ header: [UInt8], _ data: [UInt8], expectedLength: Int?
    ) throws(CardKeyError) -> CommandAPDU {
        do throws(CommandAPDU.Malformed) {
            return try CommandAPDU(
                header[0], header[1], header[2], header[3], data: data, expectedLength: expectedLength)
        } catch {
            throw .wrongLength("command", data.count)
        }
    }

    /// What of the command is protected: its data; Le where an enciphered command reads.
    func protectedContent(_ protection: LineProtection) -> [UInt8] {
        guard ProtectedCommands.isRead(self), protection.mode == .encipheredWithMAC else { return data }
        return [UInt8(truncatingIfNeeded: expectedLength ?? 256)]
    }

    /// Le of the protected answer: that of the plain one with what protection adds, never beyond 256.
    func protectedLength(_ protection: LineProtection, cipher: CardCipher) -> Int? {
        expectedLength.map { $0 == 256 ? 256 : min(protection.answerLength(plain: $0, cipher: cipher), 256) }
    }
}
