import CardCryptography
import ISO7816

/// A session whose keys are in this process's memory, wiped when it is closed or let go of.
final class SoftwareGlobalPlatformSession: GlobalPlatformSession {
    /// What the session waits for.
    private enum Phase {
        /// EXTERNAL AUTHENTICATE has not been answered.
        case fresh
        /// Commands can go.
        case open
    }

    /// Session keys at a place of their own, so that closing wipes them at once.
    private final class Keys {
        let keys: SecureChannelSessionKeys
        init(_ keys: consuming SecureChannelSessionKeys) { self.keys = keys }
    }

    let channelProtocol: SecureChannelProtocol
    let level: SecureChannelLevel
    private let keyData: [UInt8]
    private let source: any GlobalPlatformKeySource
    private var held: Keys?
    private var phase = Phase.fresh
    private var state = SecureChannelState.beginning
    /// Where the channel stands once the command under way has been answered; nil when none is.
    private var next: SecureChannelState?

    init(
        _ keys: consuming SecureChannelSessionKeys, level: SecureChannelLevel, keyData: [UInt8],
        source: any GlobalPlatformKeySource
    ) {
        channelProtocol = keys.channelProtocol
        self.level = level
        self.keyData = keyData
        self.source = source
        held = Keys(keys)
    }

    func externalAuthentication() throws(GlobalPlatformKeyError) -> CommandAPDU {
        guard phase == .fresh, let held else { throw .sessionClosed }
        let cryptogram = try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
            try held.keys.hostCryptogram()
        }
        // its own MAC is the first of the chain, whatever level comes after it
        return try protect(held, [0x80, 0x82, level.rawValue, 0x00], cryptogram, nil, .commandMAC)
    }

    func wrap(_ command: CommandAPDU) throws(GlobalPlatformKeyError) -> CommandAPDU {
        guard phase == .open, let held else { throw .sessionClosed }
        // with a MAC behind the data the caller's length is too short
        let expected = command.expectedLength.map { level.authenticatesResponses ? 256 : $0 }
        return try protect(held, command.header, command.data, expected, level)
    }

    func unwrap(_ response: ResponseAPDU) throws(GlobalPlatformKeyError) -> ResponseAPDU {
        guard let held, let next else { throw .sessionClosed }
        self.next = nil
        guard phase == .open else {
            guard response.statusWord.isSuccess, response.data.isEmpty else {
                close()
                return response
            }
            (phase, state) = (.open, next)
            return response
        }
        do throws(CryptographyError) {
            let data = try held.keys.openResponse(
                response.data, statusWord: response.statusWord.rawValue, level, at: next)
            state = next
            return ResponseAPDU(data: data, response.statusWord)
        } catch {
            close()
            throw GlobalPlatformKeyError(error)
        }
    }

    func close() {
        held = nil
        next = nil
    }

    func encipher(
        keys: [CardKeyReference], of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) -> [UInt8] {
        try encipher(source.keys(keys, of: card), .none)
    }

    func encipher(
        _ content: borrowing SecretBytes, _ padding: SensitivePadding
    ) throws(GlobalPlatformKeyError) -> [UInt8] {
        guard let held else { throw .sessionClosed }
        return try encipher(held, content, padding)
    }

    func putKey(_ request: PutKeyRequest) throws(GlobalPlatformKeyError) -> PutKeyCommand {
        guard let held else { throw .sessionClosed }
        let set = try source.keySet(request.keySet, request.terms, for: channelProtocol.version)
        guard set.protocolVersion == channelProtocol.version else {
            throw .keysOfAnotherProtocol(keySet: set.name, channelProtocol)
        }
        let keys = try set.cardKeys(keyData: keyData)
        guard !PublishedKeys.has(keys, besides: source.publishedValues) else { throw .publishedKeys(set.name) }
        let cipher = keys.cipher
        let isAES = cipher.blockLength == 16
        var data = [set.version]
        var answer = [set.version]
        for key in SecureChannelKey.allCases {
            let (enciphered, check) = try keys.withKey(key) { span throws(GlobalPlatformKeyError) in
                // only 24-byte AES keys do not fill their blocks; their length stands in front
                let enciphered = try encipher(held, SecretBytes(copying: span), .bit)
                let check = try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
                    try KeyCheckValue(request.checkValue, of: span, cipher: cipher).bytes
                }
                return (enciphered, check)
            }
            let length = isAES && request.statesLength ? [UInt8(cipher.keyLength)] : []
            data += [isAES ? 0x88 : 0x80, UInt8(length.count + enciphered.count)] + length + enciphered
            data += [UInt8(check.count)] + check
            answer += check
        }
        do throws(CommandAPDU.Malformed) {
            // P2 81: several keys, the first of which is 01
            let command = try CommandAPDU(0x80, 0xD8, request.replacing, 0x81, data: data, expectedLength: 256)
            return PutKeyCommand(command: command, answer: answer)
        } catch {
            throw .wrongLength("PUT KEY", data.count)
        }
    }

    private func protect(
        _ held: Keys, _ header: [UInt8], _ data: [UInt8], _ expectedLength: Int?, _ level: SecureChannelLevel
    ) throws(GlobalPlatformKeyError) -> CommandAPDU {
        let protected = try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
            try held.keys.protect(header: header, data: data, level, at: state)
        }
        do throws(CommandAPDU.Malformed) {
            let command = try CommandAPDU(
                protected.cla, header[1], header[2], header[3], data: protected.data, expectedLength: expectedLength)
            next = protected.next
            return command
        } catch {
            throw .wrongLength("command", protected.data.count)
        }
    }

    private func encipher(
        _ held: Keys, _ content: borrowing SecretBytes, _ padding: SensitivePadding
    ) throws(GlobalPlatformKeyError) -> [UInt8] {
        let block = channelProtocol.blockLength
        let filled = padding == .bit ? (content.count + block - 1) / block * block : content.count
        let padded = content.withSpan { content in
            SecretBytes.filling(count: filled) { span in
                for index in content.indices { span[index] = content[index] }
                if filled > content.count { span[content.count] = 0x80 }
            }
        }
        return try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
            try padded.withSpan { padded throws(CryptographyError) in try held.keys.encipherSensitive(padded) }
        }
    }
}

extension SoftwareGlobalPlatformSession: CustomStringConvertible, CustomReflectable {
    /// Protocol and level; no keys.
    var description: String { "session \(channelProtocol), \(level)" }
    /// Nothing to see for `dump` and debuggers.
    var customMirror: Mirror { Mirror(self, children: []) }
}
