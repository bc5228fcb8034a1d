import ByteText
import CardCryptography
public import ISO7816
import Synchronization

/// Issuer keys in a PSAM: the module in a terminal's second slot diversifies and calculates, and gives no key out.
///
/// It authenticates, checks cards, makes the MACs of updates and locks, and resets and unblocks PINs. What needs a key itself, or
/// deciphering, is refused: WRITE KEY, the code of a new identification code, enciphered reading.
public final class PSAMKeyService: CardKeyService, @unchecked Sendable {  // `lock` guards the module
    private let lock = Mutex(())
    private let module: PSAMModule
    private let hierarchy: KeyHierarchy

    /// Opens the module behind a channel, which nobody else uses from now on.
    ///
    /// Throws `module`: `notAModule` when the application is not there, `empty` when no keys were loaded.
    public init(
        _ channel: any CardChannel, dialect: PSAMDialect, hierarchy: KeyHierarchy
    ) throws(CardKeyError) {
        module = try PSAMModule(channel, dialect)
        self.hierarchy = hierarchy
        guard module.area != nil else { throw .module(.empty) }
    }

    /// X ‖ Y: `BF DE` with the card's factors and the session factor, then `80 FA` over Y.
    public func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: .externalAuthentication, card)
            return try sessionCryptogram(place, challenges, form) + challenges.original
        }
    }

    /// E(K, challenge): `80 1A`, then `80 FA`.
    public func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: .externalAuthentication, card)
            try refuseZeros(challenge)
            guard challenge.count == 4 || challenge.count == 8 else {
                throw .wrongLength("challenge", challenge.count)
            }
            let left = challenge + [UInt8](repeating: 0, count: 8 - challenge.count)
            try module.deriveCardKey(place)
            let block = place.cipher == .sm4 ? left + left.map { ~$0 } : left
            return try Array(module.encipher(block, place.cipher).prefix(8))
        }
    }

    /// Whether the answer is the genuine card's.
    public func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: .internalAuthentication, card)
            return constantTimeEqual(answer, try sessionCryptogram(place, challenges, form))
        }
    }

    /// Refused: the module only enciphers with this key.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] {
        throw .module(.cannot(key.policyName, KeyUse.identificationCode.rawValue))
    }

    /// Refused: the card's new keys would have to leave the module.
    public func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        throw .module(.cannot(request.protection.policyName, "WRITE KEY"))
    }

    /// Finds the key in the module; refuses what needs a key outside it.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {
        switch need {
        case .externalAuthentication(let key):
            try lock.withLock { _ throws(CardKeyError) in
                _ = try place(of: key, for: .externalAuthentication, card)
            }
        case .writeKey(_, let protection): throw .module(.cannot(protection.policyName, "WRITE KEY"))
        case .securityDomain: throw .securityDomain(.noSecurityDomains)
        }
    }

    /// The left three bytes of E(K, zeros), where the module enciphers with the key.
    public func keyCheckValue(
        of key: CardKeyReference, card: CardKeyContext
    ) throws(CardKeyError) -> KeyCheckValue {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: nil, card)
            try module.deriveCardKey(place)
            let zeros = [UInt8](repeating: 0, count: place.cipher.blockLength)
            return KeyCheckValue(
                method: .encryptedZeros, bytes: Array(try module.encipher(zeros, place.cipher).prefix(3)))
        }
    }
}

// MARK: - Protected commands

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
            return try finished(
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
            guard answer.count >= LineProtection.macLength else { return nil }
            let text = Array(answer.dropLast(LineProtection.macLength))
            let initialValue = try prepare(place, exchange.protection.keyForm, exchange.challenge)
            let mac = try module.mac(text, initialValue: initialValue, place.cipher)
            return constantTimeEqual(mac, Array(answer.suffix(LineProtection.macLength))) ? text : nil
        }
    }

    /// The finished PIN command; the PIN goes to the module in the clear, over the terminal's own wire.
    public func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        // whoever knows the protecting value reads the PIN under it
        guard case .issuer = request.key else {
            throw .useNotAllowed(request.key.policyName, KeyUse.pinMaintenance.rawValue)
        }
        return try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: request.key, for: .pinMaintenance, request.card)
            switch request.act {
            case .reload:
                // the module folds keys of its own kind 4 only
                throw CardKeyError.module(.cannot(request.key.policyName, "RELOAD PIN"))
            case .reset(let pin, let p1, let p2):
                let digits = pin.withPackedDigits { Array($0) }
                return try pinCommand([0x84, 0x24, p1, p2], digits, place, request)
            case .unblock:
                return try pinCommand([0x84, 0x24, 0x00, 0x00], [], place, request)
            }
        }
    }

    private func pinCommand(
        _ header: [UInt8], _ digits: [UInt8], _ place: PSAMKeyPlace, _ request: PINCommandRequest
    ) throws(CardKeyError) -> CommandAPDU {
        try refuseZeros(request.challenge)
        let protection = LineProtection(.encipheredWithMAC, keyForm: request.keyForm)
        let data = try protected(
            digits, header: header, place, protection, isCounted: true, challenge: request.challenge)
        return try finished(header, data, expectedLength: nil)
    }

    /// Plain or enciphered data, then the MAC.
    private func protected(
        _ plain: [UInt8], header: [UInt8], _ place: PSAMKeyPlace, _ protection: LineProtection, isCounted: Bool,
        challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        let initialValue = try prepare(place, protection.keyForm, challenge)
        var field = plain
        if protection.mode == .encipheredWithMAC, !plain.isEmpty {
            guard plain.count <= 255 else { throw .wrongLength("data", plain.count) }
            if isCounted { field.insert(UInt8(plain.count), at: 0) }
            if field.count % place.cipher.blockLength != 0 { field.append(0x80) }
            while field.count % place.cipher.blockLength != 0 { field.append(0) }
            field = try module.encipher(field, place.cipher)
        }
        guard field.count <= 255 - LineProtection.macLength else { throw .wrongLength("data", plain.count) }
        let message = header + [UInt8(field.count + LineProtection.macLength)] + field
        return try field + module.mac(message, initialValue: initialValue, place.cipher)
    }

    /// Makes the protecting key ready inside; gives the initial value of its MACs.
    private func prepare(
        _ place: PSAMKeyPlace, _ form: LineProtection.KeyForm, _ challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        switch form {
        case .cardKey:
            try module.deriveCardKey(place)
            return try CardKeyError.reporting { () throws(CryptographyError) in
                try CardCryptogram.initialValue(challenge: challenge, cipher: place.cipher)
            }
        case .sessionKey(let width):
            try checkWidth(width, place)
            try module.deriveSessionKey(place, factor: challenge)
            return [UInt8](repeating: 0, count: place.cipher.blockLength)
        }
    }

    private func lineKey(_ exchange: ProtectedExchange) throws(CardKeyError) -> PSAMKeyPlace {
        try refuseZeros(exchange.challenge)
        let use: KeyUse = exchange.protection.mode == .mac ? .commandMAC : .commandEncipherment
        return try place(of: exchange.key, for: use, exchange.card)
    }

    private func finished(
        _ header: [UInt8], _ data: [UInt8], expectedLength: Int?
    ) throws(CardKeyError) -> CommandAPDU {
        do throws(CommandAPDU.Malformed) {
            return try CommandAPDU(
                header[0], header[1], header[2], header[3], data: data, expectedLength: expectedLength)
        } catch {
            throw .wrongLength("command", data.count)
        }
    }
}

// MARK: - Keys of the module

extension PSAMKeyService {
    /// Where a key is in the module and which factors lead to the card; refuses what the hierarchy or the module does not allow.
    private func place(
        of reference: CardKeyReference, for use: KeyUse?, _ card: CardKeyContext
    ) throws(CardKeyError) -> PSAMKeyPlace {
        guard case .issuer(let name) = reference else {
            throw .module(.cannot(reference.policyName, use?.rawValue ?? "check value"))
        }
        guard let key = hierarchy[name] else { throw .unknownKey(name) }
        if let use, !key.uses.contains(use) { throw .useNotAllowed(name, use.rawValue) }
        guard let terminalKey = key.terminalKey else { throw .module(.noPlace(name)) }
        // a module holds one version of each key; that of a card made with another would fail, and cost it a try
        let version = try hierarchy.version(of: name, for: card)
        guard version == key.live else { throw .versionNotHeld(name, version) }
        let dialect = module.dialect
        let algorithm = try dialect.algorithm(card.algorithm)
        if card.algorithm == .sm4, module.version < dialect.sm4From {
            throw .module(.algorithm(card.algorithm, version: module.version))
        }
        try checkArea(card.area)
        guard card.cardFactor.count == 8 else { throw .wrongLength("card factor", card.cardFactor.count) }
        let above = hierarchy.areaFactors(from: dialect.keyLevel, area: card.area).map(\.bytes)
        guard above.count + 1 == dialect.factorCount else { throw .wrongLength("area", card.area.utf8.count) }
        let downwards = above + [card.cardFactor]
        return PSAMKeyPlace(
            keyFile: algorithm.keyFile, use: UInt8(dialect.factorCount) << 5 | terminalKey.keyClass & 0x1F,
            identifier: terminalKey.identifier,
            factors: (dialect.isCardFirst ? downwards.reversed() : downwards).flatMap(\.self),
            cipher: try card.algorithm.cipher)
    }

    /// Keys of another area would fail in the card, and cost it a try.
    private func checkArea(_ wanted: String) throws(CardKeyError) {
        guard let area = module.area else { throw .module(.empty) }
        var prefix = area[...]
        if module.dialect.keyLevel == .province { while prefix.hasSuffix("00") { prefix = prefix.dropLast(2) } }
        guard wanted.hasPrefix(prefix) else { throw .module(.area(found: area, wanted: wanted)) }
    }

    private func sessionCryptogram(
        _ place: PSAMKeyPlace, _ challenges: ChallengePair, _ form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try refuseZeros(challenges.factor)
        try refuseZeros(challenges.original)
        let length = place.cipher == .sm4 && form.fullSM4Block ? 16 : 8
        guard challenges.factor.count == length else { throw .wrongLength("session factor", challenges.factor.count) }
        guard challenges.original.count == length else {
            throw .wrongLength("original information", challenges.original.count)
        }
        try checkWidth(form.sessionKeyWidth, place)
        try module.deriveSessionKey(place, factor: challenges.factor)
        let zeros = [UInt8](repeating: 0, count: place.cipher.blockLength - length)
        return try Array(module.encipher(challenges.original + zeros, place.cipher).prefix(length))
    }

    private func checkWidth(_ width: Int, _ place: PSAMKeyPlace) throws(CardKeyError) {
        guard width == 8 || width == 16 else { throw .wrongLength("session key", width) }
        guard place.cipher == .sm4 || width == module.dialect.sessionKeyWidth else {
            throw .module(.sessionKeyWidth(module: module.dialect.sessionKeyWidth, card: width))
        }
    }

    private func refuseZeros(_ challenge: [UInt8]) throws(CardKeyError) {
        guard challenge.contains(where: { $0 != 0 }) else { throw .zeroChallenge }
    }
}

extension PSAMKeyService: CustomStringConvertible, CustomReflectable {
    /// The area of its keys.
    public var description: String { "PSAMKeyService of \(module.area ?? "no area")" }
    /// The area of its keys.
    public var customMirror: Mirror { Mirror(self, children: ["area": module.area ?? ""]) }
}
