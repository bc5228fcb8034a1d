import CardCryptography
import CardLayout
import ISO7816

/// APPLICATION BLOCK, APPLICATION UNBLOCK and CARD BLOCK (cos-dialects §6.7).
extension VirtualCard {
    /// SELECT and GET CHALLENGE, and the commands that lock and open.
    private static let allowedWhileLocked: Set<[UInt8]> = [
        [0x00, 0xA4], [0x00, 0x84], [0x80, 0x16], [0x80, 0x18], [0x80, 0x1E],
    ]

    /// A locked application takes no command but those that lead in and out.
    func demandUnlocked(_ command: CommandAPDU) throws {
        guard let lock = session.directory?.lock, lock != .open,
            !Self.allowedWhileLocked.contains([command.cla & 0x80, command.ins])
        else { return }
        throw Refusal(lock == .permanent ? .applicationLockedForGood : .functionNotSupported)
    }

    func blockApplication(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0, command.p2 <= 1 else { throw Refusal(.incorrectParameters) }
        try demandMACAlone(command)
        let directory = try currentDirectory()
        // the master file is locked by CARD BLOCK [inferred]
        guard !isInMasterFile else { throw Refusal(.functionNotSupported) }
        guard directory.lock != .permanent else { throw Refusal(.applicationLockedForGood) }
        try checkMAC(of: command, under: try lockKey(of: directory))
        directory.lock = command.p2 == 0 ? .temporary : .permanent
        directory.failuresInARow = 0
        isChanged = true
        return Result()
    }

    func unblockApplication(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        try demandMACAlone(command)
        let directory = try currentDirectory()
        guard directory.lock != .permanent else { throw Refusal(.applicationLockedForGood) }
        let key = try lockKey(of: directory)
        try countingFailures { try checkMAC(of: command, under: key) }
        if directory.lock != .open {
            directory.lock = .open
            isChanged = true
        }
        return Result()
    }

    func blockCard(_ command: CommandAPDU) throws -> Result {
        guard profile.cardBlock == .mac else { throw Refusal(.instructionNotSupported) }
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        try demandMACAlone(command)
        guard let keyFile = memory.masterFile?.keyFile,
            let index = keyFile.index(baseType: 0x36, identifier: 0x00)
        else { throw Refusal(profile.keyNotFound) }
        try checkMAC(of: command, under: keyFile.slots[index])
        memory.isBlocked = true
        isChanged = true
        return Result()
    }

    // MARK: -

    private func demandMACAlone(_ command: CommandAPDU) throws {
        guard command.cla == 0x84 else { throw Refusal(.secureMessagingMissing) }
        let macLength = lineProtection(enciphers: false).macLength(cipher)
        guard command.data.count == macLength else { throw Refusal(.wrongLength) }
    }

    private func checkMAC(of command: CommandAPDU, under key: KeySlot) throws {
        try demandUse(of: key)
        _ = try open(command, lineProtection(enciphers: false), key, try newestChallenge(), isRead: false)
    }

    /// The first of the profile's lock keys that the application has.
    private func lockKey(of directory: DirectoryNode) throws -> KeySlot {
        guard let keyFile = directory.keyFile,
            let index = profile.secureMessaging.lockKeys.lazy.compactMap({
                keyFile.index(baseType: 0x36, identifier: $0)
            }).first
        else { throw Refusal(profile.keyNotFound) }
        return keyFile.slots[index]
    }
}
