import ByteText
public import CardCryptography
public import CardLayout
public import ISO7816
public import IssuerKeys

/// One command to a card: fixed bytes, or a slot that is filled when the card's challenge is known.
public enum CardOperation: Hashable, Sendable {
    /// Bytes that are the same for every challenge.
    case fixed(CommandAPDU)
    /// EXTERNAL AUTHENTICATE with the last challenge, or in the social-security form with the last two.
    case authenticate(CardKeyReference, identifier: UInt8, form: AuthenticationForm)
    /// WRITE KEY by cipher and MAC with the last challenge, under the directory's current master key.
    case writeKey(KeyRecord, KeyContent, isUpdate: Bool, master: CardKeyReference)
    /// The answer to reset that a blank shall give from the next reset on: the one it gives already, settled (cos-dialects §3.7).
    case writeAnswerToReset
    /// The transport code of a blank: E(transport key, 0000 ‖ historical bytes 8 to 13) (cos-dialects §3.7).
    case presentTransportCode
    /// VERIFY the PIN, which has `length` bytes.
    case verifyPIN(identifier: UInt8, length: Int)
    /// A command that reads or writes under line protection with the last challenge: in plain here, as it is before and after.
    case protected(CommandAPDU, key: CardKeyReference, mode: LineProtection.Mode)
    /// A command of the secure channel to a security domain or an application of it.
    case securityDomain(SecurityDomainOperation)

    /// What a key record receives.
    public enum KeyContent: Hashable, Sendable {
        /// A key of the card.
        case key(CardKeyReference)
        /// The holder's PIN of `length` bytes.
        case personalIdentificationNumber(length: Int)
    }

    /// The two forms of EXTERNAL AUTHENTICATE (cos-dialects §6.6).
    public enum AuthenticationForm: String, Hashable, Sendable {
        /// Eight bytes E(K, RND).
        case plain
        /// X ‖ Y over two challenges.
        case session
    }
}

extension CardOperation {
    /// The command as it can be printed before it runs: slots as `··`, with the length they will have.
    public func printed(profile: COSProfile) -> String {
        switch self {
        case .fixed(let command):
            return command.bytes.hexadecimal
        case .authenticate(_, let identifier, let form):
            return "008200\(byte(identifier))" + slot(form.length(profile: profile))
        case .writeKey(let record, let content, let isUpdate, _):
            let loading = try? profile.keyLoading(of: record, isUpdate: isUpdate)
            return "84D4\(byte(loading?.p1 ?? 0))\(byte(loading?.p2 ?? 0))"
                + slot(keyDataLength(of: record, content, isUpdate: isUpdate, profile: profile))
        case .writeAnswerToReset:
            let command = try? profile.answerToResetTemplate
            return (command?.bytes.prefix(4).hexadecimal ?? "") + slot(command?.data.count ?? 0)
        case .presentTransportCode:
            let template = try? profile.commands[.transportCode]?.command([
                .transportCode: [UInt8](repeating: 0, count: 8)
            ])
            return (template?.header.hexadecimal ?? "") + slot(8)
        case .verifyPIN(let identifier, let length):
            return "002000\(byte(identifier))" + slot(profile.pinBlockLength ?? length)
        case .protected(let command, _, let mode):
            let cla = ProtectedCommands.classByte(of: command) ?? command.cla
            return [cla, command.ins, command.p1, command.p2].hexadecimal
                + slot(fieldLength(of: command, mode, profile))
        case .securityDomain(let operation): return operation.printed(profile.globalPlatform)
        }
    }

    /// How many bytes the command has.
    public func length(profile: COSProfile) -> Int {
        switch self {
        case .fixed(let command): command.bytes.count
        case .authenticate(_, _, let form): 5 + form.length(profile: profile)
        case .writeKey(let record, let content, let isUpdate, _):
            5 + keyDataLength(of: record, content, isUpdate: isUpdate, profile: profile)
        case .writeAnswerToReset: (try? profile.answerToResetTemplate)?.bytes.count ?? 0
        case .presentTransportCode: 5 + 8
        case .verifyPIN(_, let length): 5 + (profile.pinBlockLength ?? length)
        case .protected(let command, _, let mode):
            5 + fieldLength(of: command, mode, profile) + (command.expectedLength == nil ? 0 : 1)
        case .securityDomain(let operation): operation.length(profile.globalPlatform)
        }
    }

    /// How many of them are data, which is what a reader's limit counts.
    public func dataLength(profile: COSProfile) -> Int {
        switch self {
        case .fixed(let command): command.data.count
        case .protected(let command, _, let mode): fieldLength(of: command, mode, profile)
        case .securityDomain(let operation): operation.dataLength(profile.globalPlatform)
        case .authenticate, .writeKey, .writeAnswerToReset, .presentTransportCode, .verifyPIN:
            max(0, length(profile: profile) - 5)
        }
    }

    /// How many bytes the data of the answer has on the line, of which `count` are told in plain.
    public func answerLength(plain count: Int, profile: COSProfile) -> Int {
        guard case .protected(let command, _, let mode) = self, ProtectedCommands.isRead(command) else { return count }
        return profile.lineProtection(mode).answerLength(plain: count, cipher: profile.cipher)
    }

    /// What a protected command carries, with its MAC; Le is a byte of it where reading is enciphered.
    private func fieldLength(of command: CommandAPDU, _ mode: LineProtection.Mode, _ profile: COSProfile) -> Int {
        let form = profile.lineProtection(mode)
        guard ProtectedCommands.isRead(command) else {
            return form.fieldLength(plain: command.data.count, cipher: profile.cipher)
        }
        return mode == .mac ? form.macLength(profile.cipher) : form.answerLength(plain: 1, cipher: profile.cipher)
    }

    /// Cipher over LD, header and key, and a MAC.
    private func keyDataLength(
        of record: KeyRecord, _ content: KeyContent, isUpdate: Bool, profile: COSProfile
    ) -> Int {
        let header = (try? profile.keyLoading(of: record, isUpdate: isUpdate))?.header.count ?? 0
        let length = profile.paddedKeyLength(isUpdate: isUpdate) ?? content.length(profile: profile)
        let form = LineProtection(.encipheredWithMAC, sm4: profile.secureMessaging.sm4)
        return form.fieldLength(plain: header + length, cipher: profile.cipher)
    }

    private func slot(_ count: Int) -> String { byte(UInt8(truncatingIfNeeded: count)) + "‹\(count)›" }

    private func byte(_ value: UInt8) -> String { [value].hexadecimal }
}

extension CardOperation.AuthenticationForm {
    /// Bytes of command data.
    func length(profile: COSProfile) -> Int {
        switch self {
        case .plain: 8
        case .session: 2 * challengeLength(profile: profile)
        }
    }

    /// Bytes of the challenges the form needs.
    public func challengeLength(profile: COSProfile) -> Int {
        self == .session && profile.algorithm == .sm4 && profile.sm4Authentication == .full16 ? 16 : 8
    }
}

extension CardOperation.KeyContent {
    func length(profile: COSProfile) -> Int {
        switch self {
        case .key: 16
        case .personalIdentificationNumber(let length): length
        }
    }
}

extension CardOperation {
    /// What the slot will ask the key service for; nil for what needs no key of the service.
    public func keyNeed(profile: COSProfile) -> CardKeyNeed? {
        switch self {
        case .fixed, .verifyPIN, .writeAnswerToReset, .presentTransportCode: nil
        case .securityDomain(let operation): operation.keyNeed(profile.globalPlatform)
        case .authenticate(let key, _, _): .externalAuthentication(key)
        case .protected(let command, let key, .encipheredWithMAC) where ProtectedCommands.isRead(command):
            .encipheredReading(key)
        case .protected(_, let key, let mode): .lineProtection(mode, key)
        case .writeKey(_, .key(let content), _, let master): .writeKey(content, under: master)
        case .writeKey(_, .personalIdentificationNumber, _, let master): .writeKey(nil, under: master)
        }
    }

    /// Which key, in which form, fills the operation's slot; empty for fixed bytes.
    public func slotDescription(profile: COSProfile) -> String {
        switch self {
        case .fixed, .verifyPIN, .writeAnswerToReset, .presentTransportCode: ""
        case .authenticate(let key, _, let form): "\(key.name) \(form.rawValue)"
        case .writeKey(let record, let content, _, let master):
            "\(content.name) \(record.description) under \(master.name)"
        case .protected(let command, let key, let mode):
            "\(key.name) \(mode == .mac ? "mac" : "enciphered") \(command.bytes.hexadecimal)"
        case .securityDomain(let operation): operation.slot(profile.globalPlatform)
        }
    }
}

extension CardOperation.KeyContent {
    /// The key's name, or `PIN`.
    var name: String {
        switch self {
        case .key(let reference): reference.name
        case .personalIdentificationNumber: "PIN"
        }
    }
}

extension COSProfile {
    /// The command for a card with the serial number 000000000000, whose answer to reset is as long as that of all others.
    fileprivate var answerToResetTemplate: CommandAPDU? {
        get throws {
            try answerToResetWriting(
                AnswerToReset(bytes: answerToResetPrefix + [UInt8](repeating: 0x00, count: 6)))
        }
    }
}
