import CardCryptography
import CardLayout
import ISO7816

/// VERIFY, CHANGE PIN, RELOAD PIN, and resetting and unblocking the PIN (cos-dialects §6.6, card.md §2.1).
extension VirtualCard {
    func verify(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters) }
        let isProtected = command.cla & 0x04 != 0
        if command.data.isEmpty, !isProtected, profile.hasFreeCounterQuery { return try tellCounter(of: command.p2) }
        guard isProtected || (2...8).contains(command.data.count) else { throw Refusal(.wrongLength) }
        let (directory, index) = try personalIdentificationNumber(command.p2)
        guard let key = directory.keyFile?.slots[index] else { throw Refusal(.keyIndexNotSupported) }
        try demandUse(of: key)
        // the PIN of a protected record comes with a MAC, no other does (cos-dialects §4.1, §6.6)
        guard isProtected == key.isProtected else {
            throw Refusal(isProtected ? .classAgainstProtection : .secureMessagingMissing)
        }
        let presented = isProtected ? try protectedDigits(command, key, in: directory) : command.data
        try judge(constantTimeEqual(digits(presented), digits(key.value)), slot: index, in: directory)
        session.reach(key.nextState, inMaster: isInMasterFile)
        return Result()
    }

    /// VERIFY without data: how many tries are left, at no cost (ISO/IEC 7816-4 §7.5.6).
    private func tellCounter(of identifier: UInt8) throws -> Result {
        let (directory, index) = try personalIdentificationNumber(identifier)
        let left = directory.keyFile?.slots[index].triesLeft ?? 0
        throw Refusal(left > 0 ? .triesLeft(left) : .authenticationMethodBlocked)
    }

    /// 80 5E: P1 01 changes the PIN for whoever knows the old one, P1 00 loads it anew under the reload key.
    func changePIN(_ command: CommandAPDU) throws -> Result {
        guard command.cla & 0x04 == 0 else { throw Refusal(.classAgainstProtection) }
        switch command.p1 {
        case 0x00: try reload(command)
        case 0x01:
            guard profile.pinCommands.change != .none else { throw Refusal(.instructionNotSupported) }
            try change(command)
        default: throw Refusal(.incorrectParameters)
        }
        return Result()
    }

    /// 84 24: with a PIN it takes the old one's place, with a MAC alone the old one gets its tries back.
    ///
    /// Of P1 P2 the sources have three
    /// forms, and each is taken: 00 00, 00 01, or the PIN's identifier and 00 (cos-dialects §12).
    func resetPIN(_ command: CommandAPDU) throws -> Result {
        guard command.p2 == 0 || (command.p2 == 1 && command.p1 == 0) else { throw Refusal(.incorrectParameters) }
        guard command.cla == 0x84 else { throw Refusal(.secureMessagingMissing) }
        let form = LineProtection(
            .encipheredWithMAC, keyForm: profile.pinKeyForm, sm4: profile.secureMessaging.sm4)
        let macLength = form.macLength(cipher)
        guard command.data.count >= macLength, (command.data.count - macLength) % cipher.blockLength == 0 else {
            throw Refusal(.wrongLength)
        }
        let isMACAlone = command.data.count == macLength
        guard isMACAlone || profile.pinCommands.reset == .pinUnblock else { throw Refusal(.instructionNotSupported) }
        guard !isMACAlone || profile.pinCommands.unblock == .macOnly else { throw Refusal(.wrongLength) }
        let (directory, index) = try personalIdentificationNumber(command.p1)
        guard let keyFile = directory.keyFile,
            let keyIndex = keyFile.index(baseType: profile.pinCommands.key.type, identifier: 0x00)
        else {
            throw Refusal(.keyIndexNotSupported)
        }
        let key = keyFile.slots[keyIndex]
        guard session.isMet(key.useRight) else { throw Refusal(.securityStatusNotSatisfied) }
        guard key.triesLeft > 0 else { throw Refusal(.applicationLockedForGood) }
        let challenge = try newestChallenge()
        let digits = try countingTries(of: keyIndex, in: directory) {
            try open(command, form, key, challenge, isRead: false)
        }
        if !digits.isEmpty { try replacePIN(index, in: directory, with: digits) }
        directory.keyFile?.slots[index].noteSuccess()
        isChanged = true
        return Result()
    }

    // MARK: -

    private func change(_ command: CommandAPDU) throws {
        guard (5...17).contains(command.data.count) else { throw Refusal(.wrongLength) }
        let (directory, index) = try personalIdentificationNumber(command.p2)
        guard let key = directory.keyFile?.slots[index] else { throw Refusal(.keyIndexNotSupported) }
        try demandUse(of: key)
        guard let separator = command.data.firstIndex(of: 0xFF) else { throw Refusal(.wrongData) }
        let new = Array(command.data[(separator + 1)...])
        let isRight = constantTimeEqual(Array(command.data[..<separator]), digits(key.value))
        try judge(isRight, slot: index, in: directory)
        try replacePIN(index, in: directory, with: new)
        isChanged = true
    }

    private func reload(_ command: CommandAPDU) throws {
        guard (6...12).contains(command.data.count) else { throw Refusal(.wrongLength) }
        let (directory, index) = try personalIdentificationNumber(command.p2)
        // one reload key an application has, whatever its identifier (cos-dialects §4.1)
        guard let keyFile = directory.keyFile,
            let keyIndex = keyFile.slots.firstIndex(where: { $0.baseType == 0x38 })
        else { throw Refusal(.keyIndexNotSupported) }
        let key = keyFile.slots[keyIndex]
        try demandUse(of: key)
        let digits = Array(command.data.dropLast(CardCryptogram.reloadMACLength))
        try countingTries(of: keyIndex, in: directory) {
            let mac = try refusing { try CardCryptogram.reloadMAC(key: key.value, pin: digits) }
            guard constantTimeEqual(mac, Array(command.data.suffix(CardCryptogram.reloadMACLength))) else {
                throw Refusal(.secureMessagingIncorrect)
            }
        }
        try replacePIN(index, in: directory, with: digits)
        directory.keyFile?.slots[index].noteSuccess()
        isChanged = true
    }

    /// Runs what checks a MAC under a key with an error counter; a wrong MAC costs it a try.
    private func countingTries<Value>(
        of index: Int, in directory: DirectoryNode, _ body: () throws -> Value
    ) throws -> Value {
        let before = directory.keyFile?.slots[index].counter
        defer { if directory.keyFile?.slots[index].counter != before { isChanged = true } }
        do {
            let value = try body()
            directory.keyFile?.slots[index].noteSuccess()
            return value
        } catch let refusal as Refusal where refusal.statusWord == .secureMessagingIncorrect {
            directory.keyFile?.slots[index].noteFailure()
            throw refusal
        }
    }

    /// Puts new digits in the place of the old ones; the record keeps at least its length.
    private func replacePIN(_ index: Int, in directory: DirectoryNode, with new: [UInt8]) throws {
        let new = digits(new)
        guard (2...6).contains(new.count), isDecimal(new), let keyFile = directory.keyFile else {
            throw Refusal(.wrongData)
        }
        let old = keyFile.slots[index].value
        let used = keyFile.used(overhead: profile.keyRecordOverhead)
        guard used + max(new.count - old.count, 0) <= keyFile.capacity else { throw Refusal(.notEnoughMemory) }
        let filler = [UInt8](repeating: 0xFF, count: max(old.count - new.count, 0))
        directory.keyFile?.slots[index].value = new + filler
    }

    /// Decimal digits, the last one F where their number is odd.
    private func isDecimal(_ packed: [UInt8]) -> Bool {
        let nibbles = packed.flatMap { [$0 >> 4, $0 & 0x0F] }
        return nibbles.dropLast().allSatisfy { $0 < 10 } && nibbles.last.map { $0 < 10 || $0 == 0x0F } ?? false
    }

    private func protectedDigits(
        _ command: CommandAPDU, _ pin: KeySlot, in directory: DirectoryNode
    ) throws -> [UInt8] {
        guard let keyFile = directory.keyFile,
            let index = keyFile.index(baseType: profile.pinCommands.key.type, identifier: 0x00)
        else {
            throw Refusal(.keyIndexNotSupported)
        }
        let challenge = try newestChallenge()
        do {
            return try open(
                command, lineProtection(enciphers: pin.isEnciphered), keyFile.slots[index], challenge, isRead: false)
        } catch let refusal as Refusal where refusal.statusWord == .secureMessagingIncorrect {
            throw Refusal(.invalidMAC)
        }
    }

    /// The PIN of the current directory, or, where the profile climbs, of the nearest directory above that has one.
    private func personalIdentificationNumber(_ identifier: UInt8) throws -> (DirectoryNode, Int) {
        var directory: DirectoryNode? = try currentDirectory()
        while let candidate = directory {
            if let index = candidate.keyFile?.index(baseType: 0x3A, identifier: identifier) {
                return (candidate, index)
            }
            directory = profile.pinLookup == .climb ? candidate.parent : nil
        }
        throw Refusal(.keyIndexNotSupported)
    }

    /// Trailing FF bytes of a PIN do not count.
    private func digits(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        while bytes.last == 0xFF { bytes.removeLast() }
        return bytes
    }
}
