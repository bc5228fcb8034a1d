extension SecureChannelSessionKeys {
    /// A command as it travels, and where the channel stands once the other side has taken it.
    public struct ProtectedCommand: Hashable, Sendable {
        /// CLA with its secure-messaging bit.
        public let cla: UInt8
        /// The data with its MAC.
        public let data: [UInt8]
        /// The state after it.
        public let next: SecureChannelState
    }

    /// A command as it was meant.
    public struct OpenedCommand: Hashable, Sendable {
        /// The data without MAC and padding.
        public let data: [UInt8]
        /// The state after it.
        public let next: SecureChannelState
    }

    /// Protects a command.
    ///
    /// SCP02: the MAC is taken over the plain command with CLA and Lc changed, then the data is enciphered (appendix E.4.4,
    /// E.4.6). SCP03: the data is enciphered first (Amendment D §6.2.4, §6.2.6).
    /// - Parameters:
    ///   - header: CLA INS P1 P2 of the plain command.
    ///   - state: Where the channel stands; the caller moves to `next` when the command has had its answer.
    /// - Throws: `wrongLength` when no room is left for the MAC.
    public borrowing func protect(
        header: [UInt8], data: [UInt8], _ level: SecureChannelLevel, at state: SecureChannelState
    ) throws(CryptographyError) -> ProtectedCommand {
        guard header.count == 4 else { throw .wrongLength("command header", header.count) }
        guard level.authenticatesCommands else { return ProtectedCommand(cla: header[0], data: data, next: state) }
        let next = counted(state, level)
        var sent = data
        if level.enciphersCommands && !data.isEmpty { sent = try encipher(padded(data), next.commandCount) }
        guard sent.count + channelProtocol.macLength <= 255 else { throw .wrongLength("command data", data.count) }
        let cla = header[0] | 0x04
        let mac = try commandMAC([cla] + header[1...], channelProtocol.version == .scp02 ? data : sent, state)
        return ProtectedCommand(
            cla: cla, data: sent + mac.prefix(channelProtocol.macLength),
            next: SecureChannelState(chain: mac, commandCount: next.commandCount))
    }

    /// Opens a protected command.
    ///
    /// - Throws: `notAuthentic` when the MAC is missing or wrong, or what was deciphered is no padded text.
    public borrowing func open(
        header: [UInt8], data: [UInt8], _ level: SecureChannelLevel, at state: SecureChannelState
    ) throws(CryptographyError) -> OpenedCommand {
        guard level.authenticatesCommands else { return OpenedCommand(data: data, next: state) }
        guard header.count == 4, header[0] & 0x04 != 0, data.count >= channelProtocol.macLength else {
            throw .notAuthentic
        }
        let next = counted(state, level)
        let body = Array(data.dropLast(channelProtocol.macLength))
        let isEnciphered = level.enciphersCommands && !body.isEmpty
        var plain = body
        // SCP02 takes the MAC over the plain data, so deciphering comes first; the caller tells neither failure apart
        if isEnciphered && channelProtocol.version == .scp02 { plain = try deciphered(body, 0) }
        let mac = try commandMAC(header, plain, state)
        guard constantTimeEqual(Array(mac.prefix(channelProtocol.macLength)), Array(data[body.count...])) else {
            throw .notAuthentic
        }
        if isEnciphered && channelProtocol.version == .scp03 { plain = try deciphered(body, next.commandCount) }
        return OpenedCommand(data: plain, next: SecureChannelState(chain: mac, commandCount: next.commandCount))
    }

    /// The MAC of a command: 8 bytes in SCP02, the whole block of 16 in SCP03.
    private borrowing func commandMAC(
        _ header: [UInt8], _ data: [UInt8], _ state: SecureChannelState
    ) throws(CryptographyError) -> [UInt8] {
        guard data.count + channelProtocol.macLength <= 255 else { throw .wrongLength("command data", data.count) }
        let message = header + [UInt8(data.count + channelProtocol.macLength)] + data
        return try commandMAC.withSpan { key throws(CryptographyError) in
            switch channelProtocol.version {
            case .scp02:
                // i = 15 and 55: the first initial value is zero, every later one is the last MAC under the left half of the key
                let initialValue =
                    state.chain.isEmpty
                    ? [UInt8](repeating: 0, count: 8)
                    : try BlockCipherKey(.singleDES, key.extracting(0..<8)).encrypt(state.chain)
                return try Self.scp02MAC(key, message, initialValue: initialValue)
            case .scp03: return try BlockCipherMAC.cmac(cipher, key: key, chain(state) + message)
            }
        }
    }

    /// The chaining value of SCP03.
    borrowing func chain(_ state: SecureChannelState) -> [UInt8] {
        state.chain.isEmpty ? [UInt8](repeating: 0, count: 16) : state.chain
    }

    /// "The encryption counter … shall be incremented for each command", also for those without data: both sides count commands,
    /// not encryptions (Amendment D §6.2.6).
    private borrowing func counted(_ state: SecureChannelState, _ level: SecureChannelLevel) -> SecureChannelState {
        guard level.enciphersCommands else { return state }
        return SecureChannelState(chain: state.chain, commandCount: state.commandCount + 1)
    }

    private borrowing func deciphered(_ body: [UInt8], _ count: UInt64) throws(CryptographyError) -> [UInt8] {
        guard body.count % channelProtocol.blockLength == 0 else { throw .notAuthentic }
        guard let plain = unpadded(try decipher(body, count)) else { throw .notAuthentic }
        return plain
    }
}
