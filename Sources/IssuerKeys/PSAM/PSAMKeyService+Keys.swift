import CardCryptography

/// Where keys are in the module, and what it makes of them.
extension PSAMKeyService {
    /// Where a key is in the module and which factors lead to the card; refuses what the hierarchy or the module does not allow.
    func place(
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
    func checkArea(_ wanted: String) throws(CardKeyError) {
        guard let area = module.area else { throw .module(.empty) }
        var prefix = area[...]
        if module.dialect.keyLevel == .province { while prefix.hasSuffix("00") { prefix = prefix.dropLast(2) } }
        guard wanted.hasPrefix(prefix) else { throw .module(.area(found: area, wanted: wanted)) }
    }

    /// X of an authentication: the session key is made and used inside.
    func sessionCryptogram(
        _ place: PSAMKeyPlace, _ challenges: ChallengePair, _ form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try refuseZeros(challenges.factor)
        try refuseZeros(challenges.original)
        let length = place.cipher == .sm4 && form.fullSM4Block ? 16 : 8
        guard challenges.factor.count == length else { throw .wrongLength("session factor", challenges.factor.count) }
        guard challenges.original.count == length else {
            throw .wrongLength("original information", challenges.original.count)
        }
        try checkSessionKey(place, width: form.sessionKeyWidth, factorLength: length, form.blocks)
        try module.deriveSessionKey(place, factor: challenges.factor)
        let isWhole = length == place.cipher.blockLength
        let block = isWhole ? challenges.original : form.blocks.original.block(challenges.original)
        return try Array(module.encipher(block, place.cipher).prefix(length))
    }

    /// Refuses session keys that the module does not make: of another width, or of a block that is filled in another way.
    func checkSessionKey(
        _ place: PSAMKeyPlace, width: Int, factorLength: Int, _ blocks: SM4Blocks
    ) throws(CardKeyError) {
        guard width == 8 || width == 16 else { throw .wrongLength("session key", width) }
        let dialect = module.dialect
        guard place.cipher == .sm4 else {
            guard width == dialect.sessionKeyWidth else {
                throw .module(.sessionKeyWidth(module: dialect.sessionKeyWidth, card: width))
            }
            return
        }
        guard factorLength == 16 || blocks.sessionKey == dialect.sm4SessionKey else {
            throw .module(.sm4SessionKey(module: dialect.sm4SessionKey, card: blocks.sessionKey))
        }
    }

    /// Field software has been seen to authenticate with challenges of zeros, which proves nothing.
    func refuseZeros(_ challenge: [UInt8]) throws(CardKeyError) {
        guard challenge.contains(where: { $0 != 0 }) else { throw .zeroChallenge }
    }
}
