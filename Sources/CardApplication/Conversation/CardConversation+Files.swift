import CardCryptography
public import CardLayout
public import ISO7816
public import IssuerKeys

/// Commands to files, in plain or under the line protection that a file asks for.
extension CardConversation {
    /// Sends a command that reads or writes a file, protected where the file asks for it; the answer is plain.
    ///
    /// A protected command takes a challenge of its own.
    /// - Throws: `channel` with `protectionBroken` for an answer without the promised MAC, or with a wrong one; `keys` where the key
    ///   service does not have the key.
    public func send(_ command: CommandAPDU, to file: CompiledFile) throws(CardError) -> ResponseAPDU {
        guard let operation = try protected(command, to: file) else { return try send(.fixed(command)) }
        return try send(operation)
    }

    /// Sends a command to a file that has to succeed and hands back its data.
    @discardableResult
    public func perform(_ command: CommandAPDU, to file: CompiledFile) throws(CardError) -> [UInt8] {
        guard let operation = try protected(command, to: file) else { return try perform(.fixed(command)) }
        return try perform(operation)
    }

    /// Whether the key service can read what the file's protection hides; true for a file that is read in plain.
    public func canRead(_ file: CompiledFile) -> Bool {
        guard let protection = file.protection, protection.isReadProtected else { return true }
        let need: CardKeyNeed =
            protection.mode == .mac ? .lineProtection(.mac, protection.key) : .encipheredReading(protection.key)
        return (try? keys.check(need, of: context)) != nil
    }

    /// The challenge is taken here; nil for a command in plain.
    private func protected(_ command: CommandAPDU, to file: CompiledFile) throws(CardError) -> CardOperation? {
        guard let operation = file.protected(command) else { return nil }
        try perform(.fixed(CardCommands(profile: profile).getChallenge(profile.secureMessaging.challengeLength)))
        return operation
    }
}

extension CompiledFile {
    /// The operation in place of a command in plain, where the file asks for protection; it needs a challenge before it.
    public func protected(_ command: CommandAPDU) -> CardOperation? {
        guard let protection, !ProtectedCommands.isRead(command) || protection.isReadProtected else { return nil }
        return .protected(command, key: protection.key, mode: protection.mode)
    }
}

extension CompiledFile.Protection {
    /// The protecting key.
    public var key: CardKeyReference { .issuer(KeyName(rawValue: keyName)) }
}
