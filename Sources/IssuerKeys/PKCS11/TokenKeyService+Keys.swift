import CardCryptography

/// The way to keys inside the token, and what is asked of them there.
extension TokenKeyService {
    /// The way to a card's key inside the token.
    ///
    /// - Parameter use: nil for a mere comparison.
    /// - Returns: nil for a transport value, which is no secret.
    func path(
        _ reference: CardKeyReference, for use: KeyUse?, of card: CardKeyContext
    ) throws(CardKeyError) -> TokenKeyPath? {
        guard case .issuer(let name) = reference else { return nil }
        switch card.algorithm {
        case .tripleDES: break
        case .sm4: throw .token(.beyondToken("SM4"))
        case .ssf33, .aes: throw .algorithmNotAvailable(card.algorithm)
        }
        guard let key = hierarchy[name] else { throw .unknownKey(name) }
        if let use, !key.uses.contains(use) { throw .useNotAllowed(name, use.rawValue) }
        let factors = hierarchy.areaFactors(from: contents.level, area: card.area)
        guard factors.count == hierarchy.levels.count(where: { $0.level > contents.level && $0.level < .card })
        else { throw .wrongLength("area", card.area.utf8.count) }
        guard AreaFactor.isAreaCode(card.area) else { throw .wrongLength("area", card.area.utf8.count) }
        let identity = try KeySet.Identity(
            name: name, algorithm: card.algorithm, version: hierarchy.version(of: name, for: card))
        guard set.covers(area: card.area) else { throw .keyNotHeld(name, card.algorithm, area: card.area) }
        guard held.contains(identity) else {
            throw contents.identities.contains { $0.name == name && $0.algorithm == card.algorithm }
                ? .versionNotHeld(name, identity.version) : .keyNotHeld(name, card.algorithm, area: card.area)
        }
        guard let factor = DiversificationFactor(card.cardFactor) else {
            throw .wrongLength("card factor", card.cardFactor.count)
        }
        return TokenKeyPath(identity, factors: factors + [factor])
    }

    /// What a WRITE KEY carries; nil when neither key nor protection is the issuer's.
    func content(of request: WriteKeyRequest) throws(CardKeyError) -> WrappedKeyRequest.Content? {
        var use: KeyUse?
        if case .transport = request.protection { use = .keyLoading }
        switch request.content {
        case .key(.transport(let value)):
            guard use == nil else { return nil }
            // the software service's own rule for the length of a published value
            _ = try transport.keyCheckValue(of: .transport(value), card: request.card)
            return .given(HeldKey(SecretBytes(copying: value)))
        case .key(let reference):
            if case .transport(let value) = request.protection {
                _ = try transport.keyCheckValue(of: .transport(value), card: request.card)
            }
            return try path(reference, for: use, of: request.card).map { .inside($0) }
        case .pin(let pin):
            guard use == nil else { throw .useNotAllowed(KeyName(rawValue: "PIN"), KeyUse.keyLoading.rawValue) }
            return .given(HeldKey(pin.withPackedDigits { SecretBytes.joining([], $0, contentLength: nil) }))
        }
    }

    /// X of an authentication: the session key is made and used inside.
    func sessionCryptogram(
        _ path: TokenKeyPath, _ challenges: ChallengePair, _ form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try refuseZeros(challenges.factor)
        try refuseZeros(challenges.original)
        guard challenges.original.count == challenges.factor.count else {
            throw .wrongLength("original information", challenges.original.count)
        }
        let session = try sessionKey(path, factor: challenges.factor, width: form.sessionKeyWidth)
        return try ask(.sessionCryptogram, session, challenges.original)
    }

    /// The session key of an authentication or of line protection, one level below the card's key.
    func sessionKey(_ path: TokenKeyPath, factor: [UInt8], width: Int) throws(CardKeyError) -> TokenKeyPath {
        guard let session = DiversificationFactor(factor) else { throw .wrongLength("session factor", factor.count) }
        switch width {
        case 8: return path.appending(session, .left)
        case 16: return path.appending(session, .whole)
        default: throw .wrongLength("session key", width)
        }
    }

    /// The left four bytes of a command's MAC.
    func commandMAC(
        _ path: TokenKeyPath, initialValue: [UInt8], message: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        let request = ModuleWriter(.commandMAC)
        path.write(to: request)
        request.put(initialValue)
        request.put(message)
        return try answer(to: request)
    }

    /// Asks for an operation on a key and some bytes.
    func ask(_ operation: ModuleOperation, _ path: TokenKeyPath, _ bytes: [UInt8]? = nil) throws(CardKeyError)
        -> [UInt8]
    {
        let request = ModuleWriter(operation)
        path.write(to: request)
        if let bytes { request.put(bytes) }
        return try answer(to: request)
    }

    /// What the module's process answers with, one field.
    func answer(to request: ModuleWriter) throws(CardKeyError) -> [UInt8] {
        do throws(TokenFailure) {
            let reader = try process.ask(request)
            let field = try reader.field()
            try reader.end()
            return field
        } catch {
            throw .token(error)
        }
    }

    /// Field software has been seen to authenticate with challenges of zeros, which proves nothing.
    func refuseZeros(_ challenge: [UInt8]) throws(CardKeyError) {
        guard challenge.contains(where: { $0 != 0 }) else { throw .zeroChallenge }
    }
}
