import ByteText
import CardCryptography
public import ISO7816
import Synchronization

/// Protected commands and PIN commands, under keys that stay in the module.
extension PSAMKeyService {
    /// The finished protected command; refuses zeros, other commands and keys that are not for it.
    public func protect(
        _ command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> CommandAPDU {
        guard let cla = ProtectedCommands.classByte(of: command) else {
            throw .useNotAllowed(exchange.key.policyName, "\(command.cla.hexadecimal) \(command.ins.hexadecimal)")
        }
        return try lock.withLock { _ throws(CardKeyError) in
            let place = try lineKey(exchange)
            let content = command.protectedContent(exchange.protection)
            let isCounted = !ProtectedCommands.isRead(command) || exchange.protection.readForm == .counted
            let data = try protected(
                content, header: [cla, command.ins, command.p1, command.p2], place, exchange.protection,
                isCounted: isCounted, challenge: exchange.challenge)
            return try .finished(
                [cla, command.ins, command.p1, command.p2], data,
                expectedLength: command.protectedLength(exchange.protection, cipher: place.cipher))
        }
    }

    /// The answer's data where it travels in plain with a MAC; a module does not decipher.
    public func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> [UInt8]? {
        guard exchange.protection.mode == .mac else {
            throw .module(.cannot(exchange.key.policyName, "enciphered reading"))
        }
        return try lock.withLock { _ throws(CardKeyError) in
            let place = try lineKey(exchange)
            let macLength = exchange.protection.macLength(place.cipher)
            guard answer.count >= macLength else { return nil }
            let text = Array(answer.dropLast(macLength))
            let mac = try mac(over: text, place, exchange.protection, exchange.challenge)
            return constantTimeEqual(mac, Array(answer.suffix(macLength))) ? text : nil
        }
    }

    /// The finished PIN command; the PIN goes to the module in the clear, over the terminal's own wire.
    public func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try pinPlace(of: request.key, for: request.act.service, request.card)
            switch request.act {
            case .reload: throw cannotReload(request.key)
            case .reset(let pin, let p1, let p2):
                let digits = pin.withPackedDigits { Array($0) }
                return try pinCommand([0x84, 0x24, p1, p2], digits, place, request)
            case .unblock:
                return try pinCommand([0x84, 0x24, 0x00, 0x00], [], place, request)
            }
        }
    }

    /// Where the key of a PIN command is.
    func pinPlace(
        of reference: CardKeyReference, for service: CardKeyNeed.PINService, _ card: CardKeyContext
    ) throws(CardKeyError) -> PSAMKeyPlace {
        // whoever knows the protecting value reads the PIN under it
        guard case .issuer = reference else {
            throw .useNotAllowed(reference.policyName, KeyUse.pinMaintenance.rawValue)
        }
        let place = try place(of: reference, for: .pinMaintenance, card)
        guard service != .reload else { throw cannotReload(reference) }
        return place
    }

    /// The module folds keys of its own kind 4 only.
    private func cannotReload(_ key: CardKeyReference) -> CardKeyError {
        .module(.cannot(key.policyName, "RELOAD PIN"))
    }

    private func pinCommand(
        _ header: [UInt8], _ digits: [UInt8], _ place: PSAMKeyPlace, _ request: PINCommandRequest
    ) throws(CardKeyError) -> CommandAPDU {
        try refuseZeros(request.challenge)
        let data = try protected(
            digits, header: header, place, request.protection, isCounted: true, challenge: request.challenge)
        return try .finished(header, data, expectedLength: nil)
    }

    /// Plain or enciphered data, then the MAC.
    private func protected(
        _ plain: [UInt8], header: [UInt8], _ place: PSAMKeyPlace, _ protection: LineProtection, isCounted: Bool,
        challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        let initialValue = try prepare(place, protection, challenge)
        var field = plain
        if protection.mode == .encipheredWithMAC, !plain.isEmpty {
            guard plain.count <= 255 else { throw .wrongLength("data", plain.count) }
            let blocks = protection.dataBlocks(plain, isCounted: isCounted, cipher: place.cipher)
            field = try module.encipher(blocks, place.cipher)
        }
        let macLength = protection.macLength(place.cipher)
        guard field.count <= 255 - macLength else { throw .wrongLength("data", plain.count) }
        let message = header + [UInt8(field.count + macLength)] + field
        return try field
            + module.mac(
                protection.macBlocks(message, cipher: place.cipher), initialValue: initialValue, place.cipher,
                length: macLength)
    }

    /// The MAC over an answer's data.
    private func mac(
        over text: [UInt8], _ place: PSAMKeyPlace, _ protection: LineProtection, _ challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        let initialValue = try prepare(place, protection, challenge)
        return try module.mac(
            protection.macBlocks(text, cipher: place.cipher), initialValue: initialValue, place.cipher,
            length: protection.macLength(place.cipher))
    }

    /// Makes the protecting key ready inside; gives the initial value of its MACs.
    private func prepare(
        _ place: PSAMKeyPlace, _ protection: LineProtection, _ challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        switch protection.keyForm {
        case .cardKey:
            try module.deriveCardKey(place)
            return try CardKeyError.reporting { () throws(CryptographyError) in
                try protection.initialValue(challenge: challenge, cipher: place.cipher)
            }
        case .sessionKey(let width):
            try checkSessionKey(
                place, width: width, factorLength: challenge.count, protection.sm4.blocks)
            try module.deriveSessionKey(place, factor: challenge)
            return [UInt8](repeating: 0, count: place.cipher.blockLength)
        }
    }

    private func lineKey(_ exchange: ProtectedExchange) throws(CardKeyError) -> PSAMKeyPlace {
        try refuseZeros(exchange.challenge)
        let use: KeyUse = exchange.protection.mode == .mac ? .commandMAC : .commandEncipherment
        return try place(of: exchange.key, for: use, exchange.card)
    }
}
