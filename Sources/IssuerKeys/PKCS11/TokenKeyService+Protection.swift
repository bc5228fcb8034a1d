import ByteText
import CardCryptography
public import ISO7816

/// Protected commands and PIN commands, under keys that stay in the token.
extension TokenKeyService {
    /// Tokens have the DES keys alone, whose MACs are of this length.
    private static let macLength = LineProtection(.mac).macLength(.tripleDES)

    /// The key that protects one command, and the initial value of its MAC.
    private struct Line {
        let path: TokenKeyPath
        let initialValue: [UInt8]
    }

    /// The finished protected command; refuses zeros, wrong lengths, other commands and keys that are not for it.
    public func protect(
        _ command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> CommandAPDU {
        guard let cla = ProtectedCommands.classByte(of: command) else {
            throw .useNotAllowed(exchange.key.policyName, "\(command.cla.hexadecimal) \(command.ins.hexadecimal)")
        }
        guard let line = try line(exchange) else { return try transport.protect(command, by: exchange) }
        let header = [cla, command.ins, command.p1, command.p2]
        let isCounted = !ProtectedCommands.isRead(command) || exchange.protection.readForm == .counted
        let data = try field(
            line, exchange.protection.mode, header: header, plain: command.protectedContent(exchange.protection),
            isCounted: isCounted)
        return try .finished(
            header, data, expectedLength: command.protectedLength(exchange.protection, cipher: .tripleDES))
    }

    /// The answer's data; the MAC is compared in constant time before anything is deciphered.
    public func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> [UInt8]? {
        guard let line = try line(exchange) else { return try transport.unprotect(answer, to: command, by: exchange) }
        guard answer.count >= Self.macLength else { return nil }
        let text = Array(answer.dropLast(Self.macLength))
        let mac = try commandMAC(line.path, initialValue: line.initialValue, message: text)
        guard constantTimeEqual(mac, Array(answer.suffix(Self.macLength))) else { return nil }
        guard exchange.protection.mode == .encipheredWithMAC, !text.isEmpty else { return text }
        guard text.count % 8 == 0 else { return nil }
        let isCounted = exchange.protection.readForm == .counted
        guard isCounted || command.expectedLength != nil else { throw .wrongLength("answer", text.count) }
        let padded = try ask(.decipher, line.path, text)
        let start = isCounted ? 1 : 0
        let end = start + (isCounted ? Int(padded[0]) : command.expectedLength ?? 0)
        guard end <= padded.count, padded.count - end < 8,
            end == padded.count || (padded[end] == 0x80 && padded[(end + 1)...].allSatisfy { $0 == 0 })
        else { return nil }
        return Array(padded[start..<end])
    }

    /// The finished PIN command; refuses zeros, wrong lengths, published values and keys that are not for it, and RELOAD PIN, which
    /// no token can make.
    public func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        let path = try pinPath(request.key, for: request.act.service, of: request.card)
        let digits: SecretBytes
        let header: [UInt8]
        switch request.act {
        case .reload: throw .token(.beyondToken("RELOAD PIN"))
        case .reset(let pin, let p1, let p2):
            digits = pin.withPackedDigits { SecretBytes.joining([], $0, contentLength: nil) }
            header = [0x84, 0x24, p1, p2]
        case .unblock:
            digits = SecretBytes(copying: [])
            header = [0x84, 0x24, 0x00, 0x00]
        }
        try refuseZeros(request.challenge)
        let line = try line(path, challenge: request.challenge, keyForm: request.keyForm)
        var plain = digits.unprotectedCopy()
        defer { plain.wipe() }
        let data = try field(line, .encipheredWithMAC, header: header, plain: plain, isCounted: true)
        return try .finished(header, data, expectedLength: nil)
    }

    /// The way to the key of a PIN command.
    func pinPath(
        _ reference: CardKeyReference, for service: CardKeyNeed.PINService, of card: CardKeyContext
    ) throws(CardKeyError) -> TokenKeyPath {
        guard let path = try path(reference, for: .pinMaintenance, of: card) else {
            throw .useNotAllowed(reference.policyName, KeyUse.pinMaintenance.rawValue)
        }
        guard service != .reload else { throw .token(.beyondToken("RELOAD PIN")) }
        return path
    }

    // MARK: - Lines

    /// The protecting key; nil for a transport value.
    private func line(_ exchange: ProtectedExchange) throws(CardKeyError) -> Line? {
        try refuseZeros(exchange.challenge)
        let isEnciphered = exchange.protection.mode == .encipheredWithMAC
        let use: KeyUse = isEnciphered ? .commandEncipherment : .commandMAC
        guard let path = try path(exchange.key, for: use, of: exchange.card) else { return nil }
        return try line(path, challenge: exchange.challenge, keyForm: exchange.protection.keyForm)
    }

    private func line(
        _ path: TokenKeyPath, challenge: [UInt8], keyForm: LineProtection.KeyForm
    ) throws(CardKeyError) -> Line {
        switch keyForm {
        case .cardKey:
            guard challenge.count == 4 || challenge.count == 8 else { throw .wrongLength("challenge", challenge.count) }
            return Line(path: path, initialValue: challenge + [UInt8](repeating: 0, count: 8 - challenge.count))
        case .sessionKey(let width):
            return Line(
                path: try sessionKey(path, factor: challenge, width: width),
                initialValue: [UInt8](repeating: 0, count: 8))
        }
    }

    /// A command's data field: plain or enciphered data, then the MAC.
    private func field(
        _ line: Line, _ mode: LineProtection.Mode, header: [UInt8], plain: [UInt8], isCounted: Bool
    ) throws(CardKeyError) -> [UInt8] {
        guard plain.count <= 255 else { throw .wrongLength("data", plain.count) }
        var field = plain
        if mode == .encipheredWithMAC, !plain.isEmpty {
            var blocks = (isCounted ? [UInt8(plain.count)] : []) + plain
            defer { blocks.wipe() }
            if blocks.count % 8 != 0 { blocks.append(0x80) }
            while blocks.count % 8 != 0 { blocks.append(0) }
            field = try ask(.encipher, line.path, blocks)
        }
        guard field.count <= 255 - Self.macLength else { throw .wrongLength("data", plain.count) }
        let message = header + [UInt8(field.count + Self.macLength)] + field
        return try field + commandMAC(line.path, initialValue: line.initialValue, message: message)
    }
}
