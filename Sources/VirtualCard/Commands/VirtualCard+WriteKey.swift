import CardCryptography
import CardLayout
import ISO7816

/// WRITE KEY, adding and updating, plain and by cipher with MAC (cos-dialects §4).
extension VirtualCard {
    func writeKey(_ command: CommandAPDU) throws -> Result {
        guard command.data.count >= 7 else { throw Refusal(.wrongLength) }
        let directory = try currentDirectory()
        guard let keyFile = directory.keyFile else { throw Refusal(.fileNotFound) }
        let isProtected = command.cla & 0x04 != 0
        if command.p1 == 0x01 {
            try demand(keyFile.addRight)
            let master = keyFile.slots.isEmpty ? masterAbove(directory) : keyFile.master
            try add(isProtected ? newKey(command, master: master) : KeySlot(command), to: directory, keyFile)
        } else {
            let existing = keyFile.index(baseType: KeySlot.baseType(of: command.p1), identifier: command.p2)
            guard let existing else { throw Refusal(.referencedDataNotFound) }
            let key = keyFile.slots[existing]
            guard key.baseType != 0x3A || profile.pinCommands.isWrittenAsKey else {
                throw Refusal(.securityStatusNotSatisfied)
            }
            guard isProtected || !key.isProtected else { throw Refusal(.securityStatusNotSatisfied) }
            try demand(key.changeRight)
            try demandUnlocked(key)
            // A key of bit 7 alone takes its update in plain with a MAC (cos-dialects §4.1).
            let enciphers = key.isEnciphered || !key.isProtected
            var content =
                isProtected
                ? try keyContent(of: command, enciphers: enciphers, master: keyFile.master) : command.data
            // TimeCOS gets the new key alone; what stands before it stays.
            if profile.family == .timecos { content = key.header + content }
            try update(existing, with: KeySlot(content: content, identifier: command.p2), in: directory)
        }
        isChanged = true
        return Result()
    }

    /// A new key out of its protection, in a form that the profile takes.
    private func newKey(_ command: CommandAPDU, master: KeySlot?) throws -> KeySlot {
        func key(enciphers: Bool) throws -> KeySlot {
            try KeySlot(
                content: keyContent(of: command, enciphers: enciphers, master: master), identifier: command.p2)
        }
        switch profile.keyLoading {
        case .enciphered: return try key(enciphers: true)
        case .mac: return try key(enciphers: false)
        case .both:
            // The MAC is the same either way: what deciphers to a key came as cipher text.
            if let key = try? key(enciphers: true) { return key }
            return try key(enciphers: false)
        }
    }

    /// A locked key is lost for good: a new value would give its tries back (cos-dialects §4.1).
    func demandUnlocked(_ key: KeySlot) throws {
        guard !key.hasCounter || key.triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked) }
    }

    /// The first master of a directory comes under the one above (cos-dialects §4.4); FMCOS knows no such key.
    func masterAbove(_ directory: DirectoryNode) -> KeySlot? {
        profile.firstMaster == .parent ? directory.parent?.keyFile?.master : directory.keyFile?.master
    }

    func add(_ slot: KeySlot, to directory: DirectoryNode, _ keyFile: KeyFile) throws {
        guard slot.identifier != 0xFF else { throw Refusal(.incorrectParameters) }
        guard keyFile.index(baseType: slot.baseType, identifier: slot.identifier) == nil else {
            throw Refusal(profile.fileExists)
        }
        let used = keyFile.used(overhead: profile.keyRecordOverhead)
        guard used + slot.value.count + profile.keyRecordOverhead <= keyFile.capacity else {
            throw Refusal(.notEnoughMemory)
        }
        directory.keyFile?.slots.append(slot)
    }

    /// Header and length must equal the old ones; only the protection bits may change, and the counter starts afresh.
    func update(_ index: Int, with slot: KeySlot, in directory: DirectoryNode) throws {
        guard let old = directory.keyFile?.slots[index] else { throw Refusal(.referencedDataNotFound) }
        guard
            slot.baseType == old.baseType, slot.useRight == old.useRight, slot.changeRight == old.changeRight,
            slot.nextState == old.nextState, slot.value.count == old.value.count,
            old.hasCounter || slot.counter == old.counter
        else { throw Refusal(.wrongData) }
        directory.keyFile?.slots[index].type = slot.type
        directory.keyFile?.slots[index].value = slot.value
        if old.hasCounter { directory.keyFile?.slots[index].noteSuccess() }
    }

    /// What a protected key command carries, under the directory's master whatever key protects files.
    func keyContent(of command: CommandAPDU, enciphers: Bool = true, master: KeySlot?) throws -> [UInt8] {
        guard let master else { throw Refusal(.referencedDataNotFound) }
        guard master.triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked) }
        let challenge = try newestChallenge()
        let form = LineProtection(enciphers ? .encipheredWithMAC : .mac, sm4: profile.secureMessaging.sm4)
        let length = command.data.count - form.macLength(cipher)
        guard length > 0, !enciphers || length % cipher.blockLength == 0 else { throw Refusal(.wrongLength) }
        do {
            return try form.unprotect(
                key: master.value, cipher: cipher, header: command.header, field: command.data, isRead: false,
                challenge: challenge)
        } catch {
            throw Refusal(error == .notAuthentic ? .invalidMAC : .wrongData)
        }
    }
}

extension KeySlot {
    static func baseType(of type: UInt8) -> UInt8 { type & 0x40 != 0 ? type & 0x3F : type }

    /// The five bytes before the key.
    var header: [UInt8] { [type, useRight, changeRight, nextState, counter] }

    /// Reads what a plain command adds.
    init(_ command: CommandAPDU) throws { try self.init(content: command.data, identifier: command.p2) }

    /// Reads `type ‖ four header bytes ‖ key` (cos-dialects §4.1).
    init(content: [UInt8], identifier: UInt8) throws {
        guard content.count > 5 else { throw VirtualCard.Refusal(.wrongLength) }
        let value = Array(content[5...])
        let lengths: Set<Int>
        switch KeySlot.baseType(of: content[0]) {
        case 0x3A: lengths = Set(2...8)
        case 0x3B: lengths = [8]
        case 0x30...0x32, 0x34...0x39, 0x3C...0x3F: lengths = [8, 16]
        default: throw VirtualCard.Refusal(.wrongData)
        }
        guard lengths.contains(value.count) else { throw VirtualCard.Refusal(.wrongLength) }
        self.init(
            type: content[0], identifier: identifier, useRight: content[1], changeRight: content[2],
            nextState: content[3], counter: content[4], value: value)
    }
}
