import ByteText
import CardCryptography
public import ISO7816

/// Protected commands and PIN commands.
///
/// The policy of use keeps callers apart that tell the truth about the challenge. With the card's key itself, the challenge is
/// the MAC's initial value, and a caller who invents it can turn the MAC of one command into that of another: the form of the
/// card, not of this service. Session keys do not have that weakness.
extension SoftwareKeyService {
    /// The finished protected command; refuses zeros, wrong lengths, other commands and keys that are not for it.
    public func protect(
        _ command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> CommandAPDU {
        guard let cla = ProtectedCommands.classByte(of: command) else {
            throw .useNotAllowed(exchange.key.policyName, "\(command.cla.hexadecimal) \(command.ins.hexadecimal)")
        }
        let key = try lineKey(exchange)
        let header = [cla, command.ins, command.p1, command.p2]
        let content = command.protectedContent(exchange.protection)
        let data = try key.use { span throws(CryptographyError) in
            try exchange.protection.protect(
                span, cipher: key.cipher, header: header, plain: content.span,
                isRead: ProtectedCommands.isRead(command), challenge: exchange.challenge)
        }
        return try .finished(
            header, data, expectedLength: command.protectedLength(exchange.protection, cipher: key.cipher))
    }

    /// The answer's data; the MAC is compared in constant time before anything is deciphered.
    public func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> [UInt8]? {
        let key = try lineKey(exchange)
        return try key.use { span throws(CryptographyError) in
            do throws(CryptographyError) {
                return try exchange.protection.unprotectAnswer(
                    span, cipher: key.cipher, answer: answer, length: command.expectedLength,
                    challenge: exchange.challenge)
            } catch {
                guard error == .notAuthentic || error == .malformedPlaintext else { throw error }
                return nil
            }
        }
    }

    /// The finished PIN command; refuses zeros, wrong lengths, published values and keys that are not for it.
    public func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        let key = try pinKey(request.key, for: request.act.service, of: request.card)
        switch request.act {
        case .reload(let pin, let identifier):
            let digits = pin.withPackedDigits { Array($0) }
            let mac = try key.use { span throws(CryptographyError) in
                try CardCryptogram.reloadMAC(span, pin: digits)
            }
            return try .finished([0x80, 0x5E, 0x00, identifier], digits + mac, expectedLength: nil)
        case .reset(let pin, let p1, let p2):
            let digits = pin.withPackedDigits { SecretBytes.joining([], $0, contentLength: nil) }
            return try protectedPIN(digits, [0x84, 0x24, p1, p2], key, request)
        case .unblock:
            return try protectedPIN(SecretBytes(copying: []), [0x84, 0x24, 0x00, 0x00], key, request)
        }
    }

    /// The key of a PIN command.
    func pinKey(
        _ reference: CardKeyReference, for service: CardKeyNeed.PINService, of card: CardKeyContext
    ) throws(CardKeyError) -> CardKey {
        // whoever knows the protecting value reads the PIN under it
        guard case .issuer(let name) = reference else {
            throw .useNotAllowed(reference.policyName, KeyUse.pinMaintenance.rawValue)
        }
        let key = try cardKey(reference, for: .pinMaintenance, of: card)
        guard service != .reload || key.cipher == .tripleDES else { throw .useNotAllowed(name, "reload") }
        return key
    }

    private func protectedPIN(
        _ digits: borrowing SecretBytes, _ header: [UInt8], _ key: borrowing CardKey, _ request: PINCommandRequest
    ) throws(CardKeyError) -> CommandAPDU {
        try refuseZeros(request.challenge)
        let protection = request.protection
        let cipher = key.cipher
        let data = try digits.withSpan { digits throws(CardKeyError) in
            try key.use { span throws(CryptographyError) in
                try protection.protect(
                    span, cipher: cipher, header: header, plain: digits, isRead: false, challenge: request.challenge)
            }
        }
        return try .finished(header, data, expectedLength: nil)
    }

    private func lineKey(_ exchange: ProtectedExchange) throws(CardKeyError) -> CardKey {
        try refuseZeros(exchange.challenge)
        return try lineKey(exchange.key, exchange.protection.mode, of: exchange.card)
    }

    /// The key that protects commands in a mode.
    func lineKey(
        _ key: CardKeyReference, _ mode: LineProtection.Mode, of card: CardKeyContext
    ) throws(CardKeyError) -> CardKey {
        switch mode {
        case .mac: return try cardKey(key, for: .commandMAC, of: card)
        case .encipheredWithMAC:
            guard case .issuer = key else {
                throw .useNotAllowed(key.policyName, KeyUse.commandEncipherment.rawValue)
            }
            return try cardKey(key, for: .commandEncipherment, of: card)
        }
    }
}

extension CardKeyReference {
    /// How the policy of use names the key in a refusal.
    package var policyName: KeyName {
        switch self {
        case .issuer(let name): name
        case .transport: KeyName(rawValue: "transport")
        }
    }
}
