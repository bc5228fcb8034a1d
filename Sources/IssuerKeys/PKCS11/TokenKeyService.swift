import CardCryptography
import CardData
public import ISO7816

/// Issuer keys in a PKCS#11 token.
///
/// Every operation derives the card's key inside the token and uses it there. Only a WRITE KEY brings a card's key out, into the
/// module's process and no further, and only from a token that was loaded for making cards.
///
/// What a token cannot do: SM4 in any form (the standard has no mechanism), and RELOAD PIN, whose key is the XOR of two halves.
/// Session keys of 8 bytes are single DES, which the token computes as triple DES with two equal halves.
///
/// Parity: a token sets odd parity on what it derives. Cryptograms, MACs and check values do not see it. A card's key that is
/// written into a card comes out of the token as plain cipher text and is brought under the hierarchy's rule, so that it has the
/// bytes that the software store writes.
public final class TokenKeyService: CardKeyService {
    /// What the token holds.
    public let contents: TokenDescription
    /// What the token refused when it was opened.
    public let probes: [TokenProbe: TokenProbe.Outcome]
    let hierarchy: KeyHierarchy
    let process: ModuleProcess
    /// What the token covers, without keys.
    private let set: KeySet
    private let held: Set<KeySet.Identity>
    /// Published transport values are no secrets and need no token.
    let transport: SoftwareKeyService

    /// A service over an opened token that holds a key set; the token is tried first and judged by the policy.
    ///
    /// - Throws: `token` with the reason: no key set, or a token that does what the policy refuses.
    public init(_ token: Token, hierarchy: KeyHierarchy, policy: TokenPolicy) throws(CardKeyError) {
        guard let contents = token.contents else { throw .token(.notLoaded(token.location.label)) }
        do throws(TokenFailure) {
            probes = try token.probe()
        } catch {
            throw .token(error)
        }
        let offences = policy.offences(in: probes)
        guard offences.isEmpty else { throw .token(.probeRefused(offences.map(\.rawValue))) }
        do throws(Faults) {
            set = try contents.emptySet
        } catch {
            throw .token(.notLoaded(token.location.label))
        }
        self.contents = contents
        self.hierarchy = hierarchy
        process = token.process
        held = Set(contents.identities)
        transport = try SoftwareKeyService(set, hierarchy: hierarchy)
    }

    /// X ‖ Y over the newest pair of challenges; refuses zeros, wrong lengths and keys that are not for it.
    public func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        guard let path = try path(key, for: .externalAuthentication, of: card) else {
            return try transport.externalAuthentication(with: key, of: card, challenges: challenges, form: form)
        }
        return try sessionCryptogram(path, challenges, form) + challenges.original
    }

    /// E(K, challenge), 8 bytes; refuses zeros, wrong lengths and keys that are not for it.
    public func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8] {
        guard let path = try path(key, for: .externalAuthentication, of: card) else {
            return try transport.plainExternalAuthentication(with: key, of: card, challenge: challenge)
        }
        try refuseZeros(challenge)
        guard challenge.count == 4 || challenge.count == 8 else { throw .wrongLength("challenge", challenge.count) }
        let block = challenge + [UInt8](repeating: 0, count: 8 - challenge.count)
        return try ask(.plainCryptogram, path, block)
    }

    /// Whether the answer is the genuine card's; takes the same time wherever it differs.
    public func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool {
        guard let path = try path(key, for: .internalAuthentication, of: card) else {
            return try transport.verifyInternalAuthentication(
                answer: answer, with: key, of: card, challenges: challenges, form: form)
        }
        return constantTimeEqual(answer, try sessionCryptogram(path, challenges, form))
    }

    /// The left 4 bytes of the command MAC from an initial value of zeros.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] {
        guard groups.count == 12 else { throw .wrongLength("identification code", groups.count) }
        guard let path = try path(key, for: .identificationCode, of: card) else {
            return try transport.identificationCodeAuthentication(over: groups, with: key, of: card)
        }
        return try commandMAC(path, initialValue: [UInt8](repeating: 0, count: 8), message: groups)
    }

    /// The finished command, made in the module's process: the card's key never reaches this one.
    public func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        let protection = try path(request.protection, for: .keyLoading, of: request.card)
        guard request.challenge.count == 4 || request.challenge.count == 8 else {
            throw .wrongLength("challenge", request.challenge.count)
        }
        try refuseZeros(request.challenge)
        guard request.header.count <= 8 else { throw .wrongLength("header", request.header.count) }
        guard let content = try content(of: request) else { return try transport.writeKeyCommand(request) }
        let known: [UInt8]? = if case .transport(let value) = request.protection { value } else { nil }
        let wrapped = WrappedKeyRequest(
            content: content, protection: protection.map { .inside($0) } ?? .known(known ?? []), header: request.header,
            contentLength: request.contentLength ?? 0, p1: request.p1, p2: request.p2,
            initialValue: request.challenge + [UInt8](repeating: 0, count: 8 - request.challenge.count),
            parity: hierarchy.parity)
        let message = ModuleWriter(.wrappedKey)
        wrapped.write(to: message)
        let data = try answer(to: message)
        do throws(CommandAPDU.Malformed) {
            return try CommandAPDU(0x84, 0xD4, request.p1, request.p2, data: data)
        } catch {
            throw .wrongLength("command", data.count)
        }
    }

    /// Finds each key of the need in the token; refuses those that are not held, or not for it, and all loading of issuer keys where
    /// card keys stay inside.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {
        switch need {
        case .externalAuthentication(let key): _ = try path(key, for: .externalAuthentication, of: card)
        case .securityDomain(let need, let keySet): try checkSecurityDomain(need, keySet: keySet, of: card)
        case .writeKey(let content, let protection):
            _ = try path(protection, for: .keyLoading, of: card)
            guard let content else { return }
            let use: KeyUse? = if case .transport = protection { .keyLoading } else { nil }
            guard try path(content, for: use, of: card) != nil else { return }
            guard contents.purpose == .cardMaking else { throw .token(.keysStayInside) }
        }
    }

    /// The left three bytes of E(K, zeros), computed inside the token.
    public func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue {
        guard let path = try path(key, for: nil, of: card) else {
            return try transport.keyCheckValue(of: key, card: card)
        }
        return KeyCheckValue(method: .encryptedZeros, bytes: try ask(.checkValue, path))
    }
}

extension TokenKeyService: CustomStringConvertible, CustomReflectable {
    /// The key set's name, level and area; no keys.
    public var description: String { "TokenKeyService over \(set)" }
    /// The key set's name, level and area; no keys.
    public var customMirror: Mirror { Mirror(self, children: ["keys": set.description]) }
}

// MARK: - Comparing

extension TokenKeyService {
    /// Cards that no one has, to compare keys by their check values: 48 bits in all.
    private static let comparedFactors: [[UInt8]] = [
        [0xFF, 0x53, 0x53, 0x43, 0x41, 0x52, 0x44, 0x01], [0xFF, 0x53, 0x53, 0x43, 0x41, 0x52, 0x44, 0x02],
    ]

    /// The keys of the token that are, or are not, those of the same version in another service, told by the check values of two
    /// cards' keys.
    public func keys(
        thatAre same: Bool, thoseOf other: any CardKeyService
    ) throws(CardKeyError) -> [KeySet.Identity] {
        var found: [KeySet.Identity] = []
        for identity in comparable where try isSame(identity, asVersion: identity.version, of: other) == same {
            found.append(identity)
        }
        return found
    }

    /// Refuses a token that came down from a forbidden root, or that holds a single development key under another root's name or
    /// another version's number.
    ///
    /// Throws `key-store.development-in-production`.
    public func refuse(_ forbidden: ForbiddenRoots) throws {
        let development = try DevelopmentKeySet.make(hierarchy: hierarchy)
        let service = try SoftwareKeyService(development, hierarchy: hierarchy)
        var isDevelopment = forbidden.contains(contents.root) || contents.root == development.root
        for identity in comparable where !isDevelopment {
            for known in development.identities where known.name == identity.name && known.algorithm == .tripleDES {
                isDevelopment = try isDevelopment || isSame(identity, asVersion: known.version, of: service)
            }
        }
        guard !isDevelopment else {
            throw Faults(
                "key-store.development-in-production", ["name": contents.name, "root": contents.root.description])
        }
    }

    /// What the token can use by the hierarchy.
    private var comparable: [KeySet.Identity] {
        contents.identities.filter { identity in
            identity.algorithm == .tripleDES
                && hierarchy[identity.name].map { $0.stage(of: identity.version) != .withdrawn } ?? false
        }
    }

    /// Whether a key of the token is a version of the same key in another service.
    private func isSame(
        _ identity: KeySet.Identity, asVersion version: KeyVersion, of other: any CardKeyService
    ) throws(CardKeyError) -> Bool {
        for factor in Self.comparedFactors {
            func card(_ version: KeyVersion) -> CardKeyContext {
                CardKeyContext(
                    algorithm: .tripleDES, area: contents.area, cardFactor: factor,
                    versions: CardKeyVersions(base: version))
            }
            let key = CardKeyReference.issuer(identity.name)
            let ours = try keyCheckValue(of: key, card: card(identity.version))
            guard try other.keyCheckValue(of: key, card: card(version)) == ours else { return false }
        }
        return true
    }
}

// MARK: - Many cards at once

extension TokenKeyService {
    /// Derives one key of many cards in one call of the token, for the WRITE KEY commands that will follow for these cards.
    ///
    /// The keys stay in the module's process until they are asked for, each once.
    /// - Parameters:
    ///   - card: one of the cards, which are all of one city and algorithm.
    ///   - factors: the card factors of all.
    /// - Throws: `keysStayInside` where the token is loaded for authentication, `useNotAllowed` and the like as for one card.
    public func prepare(
        _ name: KeyName, ofCardsLike card: CardKeyContext, factors: [DiversificationFactor]
    ) throws(CardKeyError) {
        try derive(name, ofCardsLike: card, factors: factors, isKept: true)
    }

    /// The module's process, whose time a benchmark counts.
    package var moduleProcess: Int32 { process.identifier }

    /// The same without keeping a key: what the derivation costs.
    package func deriveAndForget(
        _ name: KeyName, ofCardsLike card: CardKeyContext, factors: [DiversificationFactor]
    ) throws(CardKeyError) {
        try derive(name, ofCardsLike: card, factors: factors, isKept: false)
    }

    private func derive(
        _ name: KeyName, ofCardsLike card: CardKeyContext, factors: [DiversificationFactor], isKept: Bool
    ) throws(CardKeyError) {
        guard let master = try path(.issuer(name), for: nil, of: card)?.parent else { return }
        let request = ModuleWriter(.prepare)
        master.write(to: request)
        request.put(byte: isKept ? 1 : 0)
        request.put(hierarchy.parity.rawValue)
        request.put(factors)
        do throws(TokenFailure) {
            guard try process.ask(request).count() == factors.count else { throw .malformedMessage }
        } catch {
            throw .token(error)
        }
    }
}

// MARK: - Keys in use

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
    private func content(of request: WriteKeyRequest) throws(CardKeyError) -> WrappedKeyRequest.Content? {
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

    private func sessionCryptogram(
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

    private func answer(to request: ModuleWriter) throws(CardKeyError) -> [UInt8] {
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
