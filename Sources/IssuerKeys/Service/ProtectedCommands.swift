import CardCryptography
public import ISO7816

/// Which commands line protection is for; a key that makes MACs of them makes none of others.
public enum ProtectedCommands {
    /// READ BINARY and READ RECORD.
    private static let reading: Set<UInt8> = [0xB0, 0xB2]
    /// UPDATE BINARY, UPDATE RECORD, APPEND RECORD, with their other codes.
    private static let writing: Set<UInt8> = [0xD6, 0xD0, 0xDC, 0xD2, 0xE2]
    /// CARD BLOCK, APPLICATION UNBLOCK, APPLICATION BLOCK.
    private static let locking: Set<UInt8> = [0x16, 0x18, 0x1E]

    /// Whether the answer carries data, and with it a MAC.
    public static func isRead(_ command: CommandAPDU) -> Bool { reading.contains(command.ins) }

    /// The class of the protected form; nil when the command has none here.
    public static func classByte(of command: CommandAPDU) -> UInt8? {
        switch command.cla | 0x04 {
        case 0x04 where reading.contains(command.ins) && command.data.isEmpty: 0x04
        case 0x04 where writing.contains(command.ins) && !command.data.isEmpty: 0x04
        case 0x84 where locking.contains(command.ins) && command.data.isEmpty: 0x84
        default: nil
        }
    }
}

extension CommandAPDU {
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
