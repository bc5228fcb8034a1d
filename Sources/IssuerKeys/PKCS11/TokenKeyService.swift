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
    let set: KeySet
    let held: Set<KeySet.Identity>
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
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        guard let path = try path(key, for: .externalAuthentication, of: card) else {
            return try transport.plainExternalAuthentication(
                with: key, of: card, challenge: challenge, form: form)
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

    /// The hierarchy's.
    public var identificationCodeKey: KeyName { hierarchy.identificationCode.key }

    /// Four bytes in the hierarchy's form.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] {
        guard groups.count == 12 else { throw .wrongLength("identification code", groups.count) }
        guard let path = try path(key, for: .identificationCode, of: card) else {
            return try transport.identificationCodeAuthentication(over: groups, with: key, of: card)
        }
        guard let block = hierarchy.identificationCode.form.block(of: groups, length: 8) else {
            return try commandMAC(path, initialValue: [UInt8](repeating: 0, count: 8), message: groups)
        }
        return try Array(ask(.plainCryptogram, path, block).prefix(4))
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
        case .pinService(let service, let key): _ = try pinPath(key, for: service, of: card)
        case .lineProtection(let mode, let key):
            _ = try path(key, for: mode == .mac ? .commandMAC : .commandEncipherment, of: card)
        case .encipheredReading(let key): _ = try path(key, for: .commandEncipherment, of: card)
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
