import CardCryptography
import CardLayout
import ISO7816

/// Line protection of files (cos-dialects §3.3, §5).
extension VirtualCard {
    /// How the answer to a command that reads travels.
    struct ReadExchange {
        /// How many plain bytes are wanted; nil for all there are.
        let expectedLength: Int?
        /// The most plain bytes one answer carries.
        let largestAnswer: Int
        /// Nil for an answer in plain.
        fileprivate var protection: (form: LineProtection, key: [UInt8], cipher: CardCipher, challenge: [UInt8])?

        /// The length on the wire of an answer of `count` plain bytes.
        func answerLength(_ count: Int) -> Int {
            protection.map { $0.form.answerLength(plain: count, cipher: $0.cipher) } ?? count
        }

        /// The answer's data as it travels.
        func answer(_ plain: [UInt8]) throws -> [UInt8] {
            guard let protection else { return plain }
            return try protection.form.protectAnswer(
                key: protection.key, cipher: protection.cipher, plain: plain, challenge: protection.challenge)
        }
    }

    /// Whether the command may read the file as far as protection goes, and how its answer travels.
    ///
    /// Files with protection bits may be read either way as long as the control byte allows plain reading; a protected command
    /// to a file without any protection does not fit it.
    func demandReadable(_ file: FileNode, _ command: CommandAPDU) throws -> ReadExchange {
        if let length = command.expectedLength, length != 256, length > longestAnswer { throw Refusal(.wrongLength) }
        guard command.cla & 0x04 != 0 else {
            guard !file.mustBeReadProtected else { throw Refusal(.secureMessagingMissing) }
            guard command.data.isEmpty else { throw Refusal(.wrongLength) }
            let length = command.expectedLength ?? 256
            return ReadExchange(expectedLength: length == 256 ? nil : length, largestAnswer: 256)
        }
        guard file.isLineProtected else { throw Refusal(.classAgainstProtection) }
        let form = lineProtection(enciphers: file.isEnciphered)
        let key = try lineProtectionKey(file.readKey)
        let challenge = try newestChallenge()
        let plain = try open(command, form, key, challenge, isRead: true)
        // Enciphered, the wanted length is in the data; else Le counts the MAC, and T=0 has none.
        var length: Int?
        if file.isEnciphered {
            guard let wanted = plain.first, plain.count == 1 else { throw Refusal(.secureMessagingIncorrect) }
            length = wanted == 0 ? nil : Int(wanted)
        } else {
            guard plain.isEmpty else { throw Refusal(.secureMessagingIncorrect) }
            if let whole = command.expectedLength, whole != 256, !ignoresLe(of: command) {
                length = whole - form.macLength(cipher)
            }
        }
        guard length ?? 1 > 0 else { throw Refusal(.wrongLength) }
        return ReadExchange(
            expectedLength: length, largestAnswer: form.largestAnswer(cipher: cipher),
            protection: (form, key.value, cipher, challenge))
    }

    /// TimeCOS gives a record whole to a protected command, whatever its Le (cos-dialects §6.3).
    func ignoresLe(of command: CommandAPDU) -> Bool {
        profile.ignoresProtectedLe && command.cla == 0x04 && command.ins == 0xB2
    }

    /// The largest Le besides 00, which stands for everything there is (cos-dialects §2.1); only two families have a published one.
    private var longestAnswer: Int {
        profile.family == .fmcos || profile.family == .timecos ? profile.largestAnswerData : 256
    }

    /// What a command writes into a file, taken out of the protection that the file demands.
    ///
    /// The third failure in a row locks the application for good.
    func writtenData(of command: CommandAPDU, to file: FileNode) throws -> [UInt8] {
        try demand(file.writeRight)
        let isProtected = command.cla & 0x04 != 0
        guard file.protection != 0 else {
            guard !isProtected else { throw Refusal(.classAgainstProtection) }
            return command.data
        }
        guard isProtected else { throw Refusal(.secureMessagingMissing) }
        let key = try lineProtectionKey(file.writeKey)
        let challenge = try newestChallenge()
        let form = lineProtection(enciphers: file.isEnciphered)
        let data = try countingFailures { try open(command, form, key, challenge, isRead: false) }
        guard !data.isEmpty else { throw Refusal(.wrongLength) }
        return data
    }

    // MARK: - What protected commands share

    /// What a protected command carries; 6988 when its MAC is wrong or it deciphers to nothing.
    func open(
        _ command: CommandAPDU, _ form: LineProtection, _ key: KeySlot, _ challenge: [UInt8], isRead: Bool
    ) throws -> [UInt8] {
        guard command.data.count >= form.macLength(cipher) else { throw Refusal(.wrongLength) }
        do {
            return try form.unprotect(
                key: key.value, cipher: cipher, header: command.header, field: command.data, isRead: isRead,
                challenge: challenge)
        } catch {
            throw Refusal(.secureMessagingIncorrect)
        }
    }

    /// Runs what checks a protected command, and counts what fails for its MAC.
    func countingFailures<Value>(_ body: () throws -> Value) throws -> Value {
        let directory = try currentDirectory()
        do {
            let value = try body()
            if directory.failuresInARow != 0 {
                directory.failuresInARow = 0
                isChanged = true
            }
            return value
        } catch let refusal as Refusal where refusal.statusWord == .secureMessagingIncorrect {
            directory.failuresInARow = min(directory.failuresInARow + 1, DirectoryNode.mostFailuresInARow)
            isChanged = true
            guard directory.failuresInARow >= DirectoryNode.mostFailuresInARow else { throw refusal }
            directory.lock = .permanent
            throw Refusal(.applicationLockedForGood)
        }
    }

    func newestChallenge() throws -> [UInt8] {
        guard let challenge = session.challenges.first else { throw Refusal(profile.noChallenge) }
        return challenge
    }

    func lineProtection(enciphers: Bool) -> LineProtection {
        profile.lineProtection(enciphers ? .encipheredWithMAC : .mac)
    }

    private func lineProtectionKey(_ identifier: UInt8) throws -> KeySlot {
        let keyFile = try currentDirectory().keyFile
        guard let keyFile, let index = keyFile.index(baseType: 0x36, identifier: identifier) else {
            throw Refusal(profile.keyNotFound)
        }
        try demandUse(of: keyFile.slots[index])
        return keyFile.slots[index]
    }
}
