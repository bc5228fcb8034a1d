import CardCryptography
public import ISO7816

/// Issuer keys in this process's memory, opened from a sealed store.
///
/// A city's master keys are derived once and kept as ready ciphers, so that a card key costs one encryption. Several threads may
/// use the service, each with masters of its own as long as there are few.
///
/// No public text settles how SM4 is used: what the card's profile says comes with each call (``CryptogramForm``, ``SM4Blocks``,
/// ``SM4LineForm``).
public final class SoftwareKeyService: CardKeyService {
    let keySet: KeySet
    let hierarchy: KeyHierarchy
    private let masters: SharedMasters

    /// A service over an opened key set.
    ///
    /// - Throws: `serviceFailed` when the cryptographic library does not give the published answers.
    public init(_ keySet: KeySet, hierarchy: KeyHierarchy) throws(CardKeyError) {
        try CardKeyError.reporting { () throws(CryptographyError) in try KnownAnswers.check() }
        self.keySet = keySet
        self.hierarchy = hierarchy
        let live = hierarchy.keys.map { ($0.name, $0.live) }
        masters = SharedMasters(live: Dictionary(live, uniquingKeysWith: { first, _ in first }))
    }

    /// X ‖ Y over the newest pair of challenges; refuses zeros, wrong lengths and keys that are not for it.
    public func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        let key = try cardKey(key, for: .externalAuthentication, of: card)
        return try sessionCryptogram(key, challenges, form) + challenges.original
    }

    /// E(K, challenge), 8 bytes; refuses zeros, wrong lengths and keys that are not for it.
    public func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        let key = try cardKey(key, for: .externalAuthentication, of: card)
        try refuseZeros(challenge)
        return try key.use { span throws(CryptographyError) in
            try CardCryptogram.plainCryptogram(
                span, cipher: key.cipher, challenge: challenge, blocks: form.blocks)
        }
    }

    /// Whether the answer is the genuine card's; takes the same time wherever it differs.
    public func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool {
        let key = try cardKey(key, for: .internalAuthentication, of: card)
        return constantTimeEqual(answer, try sessionCryptogram(key, challenges, form))
    }

    /// The hierarchy's.
    public var identificationCodeKey: KeyName { hierarchy.identificationCode.key }

    /// Four bytes in the hierarchy's form.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] {
        guard groups.count == 12 else { throw .wrongLength("identification code", groups.count) }
        let key = try cardKey(key, for: .identificationCode, of: card)
        let form = hierarchy.identificationCode.form
        return try key.use { span throws(CryptographyError) in
            try form.authentication(over: groups, under: span, cipher: key.cipher)
        }
    }

    /// The finished command: LD ‖ header ‖ key or PIN, enciphered under the protecting key; then the MAC over header and cipher
    /// text, with the challenge as initial value.
    public func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        let master = try cardKey(request.protection, for: .keyLoading, of: request.card)
        guard request.challenge.count == 4 || request.challenge.count == 8 else {
            throw .wrongLength("challenge", request.challenge.count)
        }
        try refuseZeros(request.challenge)
        // the longest header of a COS has eight bytes
        guard request.header.count <= 8 else { throw .wrongLength("header", request.header.count) }
        let plain = try plainData(of: request)
        let data = try master.use { key throws(CryptographyError) in
            try plain.withSpan { plain throws(CryptographyError) in
                try LineProtection(.encipheredWithMAC, sm4: request.sm4).protect(
                    key, cipher: master.cipher, header: [0x84, 0xD4, request.p1, request.p2], plain: plain,
                    isRead: false, challenge: request.challenge)
            }
        }
        do throws(CommandAPDU.Malformed) {
            return try CommandAPDU(0x84, 0xD4, request.p1, request.p2, data: data)
        } catch {
            throw .wrongLength("command", data.count)
        }
    }

    /// Finds each key of the need; refuses those that are not held, or not for it.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {
        switch need {
        case .externalAuthentication(let key): _ = try cardKey(key, for: .externalAuthentication, of: card)
        case .securityDomain(let need, let keySet): try checkSecurityDomain(need, keySet: keySet, of: card)
        case .pinService(let service, let key): _ = try pinKey(key, for: service, of: card)
        case .lineProtection(let mode, let key): _ = try lineKey(key, mode, of: card)
        case .encipheredReading(let key): _ = try lineKey(key, .encipheredWithMAC, of: card)
        case .writeKey(let content, let protection):
            _ = try cardKey(protection, for: .keyLoading, of: card)
            guard let content else { return }
            let use: KeyUse? = if case .transport = protection { .keyLoading } else { nil }
            _ = try cardKey(content, for: use, of: card)
        }
    }

    /// The left three bytes of E(K, zeros).
    public func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue {
        let key = try cardKey(key, for: nil, of: card)
        return try key.use { span throws(CryptographyError) in
            let cipher: BlockCipher = key.cipher == .sm4 ? .sm4 : span.count == 8 ? .singleDES : .tripleDES
            return try KeyCheckValue(of: span, cipher: cipher)
        }
    }
}

extension SoftwareKeyService: CustomStringConvertible, CustomReflectable {
    /// The key set's name, level and area; no keys.
    public var description: String { "SoftwareKeyService over \(keySet)" }
    /// The key set's name, level and area; no keys.
    public var customMirror: Mirror { Mirror(self, children: ["keys": keySet.description]) }
}

// MARK: - Measuring

extension SoftwareKeyService {
    /// Derives the key of each card as INTERNAL AUTHENTICATE does, one call each, and lets go of it: what a use costs before it
    /// uses the key.
    package func deriveAndForget(_ key: CardKeyReference, ofEach cards: Span<CardKeyContext>) throws(CardKeyError) {
        for index in cards.indices { _ = try cardKey(key, for: .internalAuthentication, of: cards[index]) }
    }

    /// The same for many cards of one city in one call, which takes the lock and finds the master once.
    ///
    /// - Parameters:
    ///   - card: one of them.
    ///   - factors: the card factors of all.
    package func deriveAndForget(
        _ name: KeyName, ofCardsLike card: CardKeyContext, factors: Span<DiversificationFactor>
    ) throws(CardKeyError) {
        _ = try cardKey(.issuer(name), for: .internalAuthentication, of: card)
        try masters.withMasters { masters throws(CardKeyError) in
            guard let master = masters.master(of: name, for: card) else { return }
            try master.check(.internalAuthentication)
            for index in factors.indices { _ = try master.cardKey(factors[index]) }
        }
    }
}

// MARK: - Keys in use

extension SoftwareKeyService {
    /// The key of a card for one operation; `use` nil stands for a mere comparison.
    func cardKey(
        _ reference: CardKeyReference, for use: KeyUse?, of card: CardKeyContext
    ) throws(CardKeyError) -> CardKey {
        let cipher = try card.algorithm.cipher
        switch reference {
        case .transport(let value):
            guard value.count == 16 || (value.count == 8 && cipher == .tripleDES) else {
                throw .wrongLength("transport key", value.count)
            }
            return CardKey(SecretBytes(copying: value), cipher)
        case .issuer(let name):
            if let bytes = try keptKey(name, for: use, of: card) { return CardKey(bytes, cipher) }
            let bytes = try masters.withMasters { masters throws(CardKeyError) in
                let master = try master(name, for: use, of: card)
                masters.keep(master)
                return try master.cardKey(for: use, of: card)
            }
            return CardKey(bytes, cipher)
        }
    }

    private func keptKey(
        _ name: KeyName, for use: KeyUse?, of card: CardKeyContext
    ) throws(CardKeyError) -> SecretBytes? {
        try masters.withMasters { masters throws(CardKeyError) in try masters.cardKey(name, for: use, of: card) }
    }

    /// The master of a key and city, derived from what the set holds.
    private func master(
        _ name: KeyName, for use: KeyUse?, of card: CardKeyContext
    ) throws(CardKeyError) -> CityMaster {
        guard let key = hierarchy[name] else { throw .unknownKey(name) }
        if let use, !key.uses.contains(use) { throw .useNotAllowed(name, use.rawValue) }
        let algorithm = card.algorithm
        let version = try hierarchy.version(of: name, for: card)
        let cipher = try algorithm.cipher
        let master = try areaKey(
            KeySet.Identity(name: name, algorithm: algorithm, version: version), area: card.area)
        let identity = CityMasters.Identity(name: name, algorithm: algorithm, area: card.area, version: version)
        return try CardKeyError.reporting { () throws(CryptographyError) in
            try master.withSpan { span throws(CryptographyError) in
                CityMaster(
                    identity, isLive: version == key.live, uses: key.uses, key: try cipher.key(span),
                    parity: hierarchy.parity)
            }
        }
    }

    /// The key of a city, derived from what the set holds.
    func areaKey(_ identity: KeySet.Identity, area: String) throws(CardKeyError) -> HeldKey {
        let factors = hierarchy.areaFactors(from: keySet.level, area: area)
        guard factors.count == hierarchy.levels.count(where: { $0.level > keySet.level && $0.level < .card }) else {
            throw .wrongLength("area", area.utf8.count)
        }
        let held = try held(identity, area: area)
        return HeldKey(
            try CardKeyError.reporting { () throws(CryptographyError) in
                try held.derived(identity.algorithm.masterCipher, factors: factors, parity: hierarchy.parity)
            })
    }

    /// What the set holds of a key that shall serve the cards of an area.
    private func held(_ identity: KeySet.Identity, area: String) throws(CardKeyError) -> HeldKey {
        guard keySet.covers(area: area) else {
            throw .keyNotHeld(identity.name, identity.algorithm, area: area)
        }
        if let held = keySet[identity] { return held }
        let hasOther = keySet.identities.contains { $0.name == identity.name && $0.algorithm == identity.algorithm }
        throw hasOther
            ? .versionNotHeld(identity.name, identity.version)
            : .keyNotHeld(identity.name, identity.algorithm, area: area)
    }

    private func sessionCryptogram(
        _ key: borrowing CardKey, _ challenges: ChallengePair, _ form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try refuseZeros(challenges.factor)
        try refuseZeros(challenges.original)
        let form = CardCryptogram.Form(
            sessionKeyWidth: form.sessionKeyWidth, fullSM4Block: form.fullSM4Block, blocks: form.blocks)
        let cipher = key.cipher
        return try key.use { span throws(CryptographyError) in
            try CardCryptogram.sessionCryptogram(
                span, cipher: cipher, factor: challenges.factor, original: challenges.original, form: form)
        }
    }

    /// What a WRITE KEY enciphers: the header, then the key or the packed PIN.
    ///
    /// Whoever knows the protecting value reads what travels under it: a value that the caller gives protects a directory's first
    /// master key on its way into a blank, and nothing else.
    private func plainData(of request: WriteKeyRequest) throws(CardKeyError) -> SecretBytes {
        var use: KeyUse?
        if case .transport = request.protection { use = .keyLoading }
        switch request.content {
        case .key(let reference):
            return try cardKey(reference, for: use, of: request.card)
                .appended(to: request.header, contentLength: request.contentLength)
        case .pin(let pin):
            guard use == nil else { throw .useNotAllowed(KeyName(rawValue: "PIN"), KeyUse.keyLoading.rawValue) }
            return pin.withPackedDigits {
                SecretBytes.joining(request.header, $0, contentLength: request.contentLength)
            }
        }
    }

    /// Field software has been seen to authenticate with challenges of zeros, which proves nothing.
    func refuseZeros(_ challenge: [UInt8]) throws(CardKeyError) {
        guard challenge.contains(where: { $0 != 0 }) else { throw .zeroChallenge }
    }
}
