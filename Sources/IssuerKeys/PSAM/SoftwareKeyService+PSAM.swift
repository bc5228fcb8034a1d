import CardCryptography
public import ISO7816

/// What a WRITE KEY of a PSAM shall carry.
public struct PSAMKeyRequest: Sendable {
    /// The key.
    public enum Content: Hashable, Sendable {
        /// The module's own master key: MKMF, diversified for the module as for a card.
        case master
        /// A key of the hierarchy, of the level that the module holds.
        case key(KeyName)
    }

    /// The key.
    public let content: Content
    /// Its algorithm.
    public let algorithm: CardAlgorithm
    /// The module: its factor, the area of its keys, the algorithm of the master key it has now.
    public let module: CardKeyContext
    /// The master key it has now; the published one of a blank protects nothing but the first master key.
    public let protection: CardKeyReference
    /// The module's last challenge: 4 bytes.
    public let challenge: [UInt8]
    /// How the module wants to be spoken to.
    public let dialect: PSAMDialect

    /// A request from its parts.
    public init(
        _ content: Content, _ algorithm: CardAlgorithm, module: CardKeyContext, protection: CardKeyReference,
        challenge: [UInt8], dialect: PSAMDialect
    ) {
        self.content = content
        self.algorithm = algorithm
        self.module = module
        self.protection = protection
        self.challenge = challenge
        self.dialect = dialect
    }
}

/// Keys on their way into a PSAM, as finished commands.
extension SoftwareKeyService {
    /// The master key of every PSAM is that of a card's MF, diversified for the module [inferred].
    static let moduleMaster = KeyName(rawValue: "MKMF")

    /// `84 D4 00 file 24 E(LD ‖ use ‖ identifier ‖ 00 ‖ algorithm ‖ 00000000 ‖ key) ‖ MAC` (cos-dialects §7).
    ///
    /// The key's parity bits are those of the hierarchy's rule.
    public func psamKeyCommand(_ request: PSAMKeyRequest) throws(CardKeyError) -> CommandAPDU {
        try refuseZeros(request.challenge)
        guard request.challenge.count == 4 else { throw .wrongLength("challenge", request.challenge.count) }
        let algorithm = try request.dialect.algorithm(request.algorithm)
        let plain: SecretBytes
        let file: UInt8
        switch request.content {
        case .master:
            file = 0
            let module = CardKeyContext(
                algorithm: request.algorithm, area: request.module.area, cardFactor: request.module.cardFactor)
            plain = try cardKey(.issuer(Self.moduleMaster), for: .keyLoading, of: module)
                .appended(to: [0, 0, 0, algorithm.code, 0, 0, 0, 0], contentLength: nil)
        case .key(let name):
            guard case .issuer = request.protection else {
                throw .useNotAllowed(name, KeyUse.keyLoading.rawValue)
            }
            file = UInt8(truncatingIfNeeded: algorithm.keyFile)
            plain = try moduleKey(name, request, code: algorithm.code)
        }
        let master = try cardKey(request.protection, for: .keyLoading, of: request.module)
        let data = try plain.withSpan { plain throws(CardKeyError) in
            try master.use { key throws(CryptographyError) in
                try LineProtection(.encipheredWithMAC).protect(
                    key, cipher: master.cipher, header: [0x84, 0xD4, 0x00, file], plain: plain, isRead: false,
                    challenge: request.challenge)
            }
        }
        do throws(CommandAPDU.Malformed) {
            return try CommandAPDU(0x84, 0xD4, 0x00, file, data: data)
        } catch {
            throw .wrongLength("command", data.count)
        }
    }

    /// The header, then the key of the level that the module holds.
    private func moduleKey(
        _ name: KeyName, _ request: PSAMKeyRequest, code: UInt8
    ) throws(CardKeyError) -> SecretBytes {
        guard let key = hierarchy[name] else { throw .unknownKey(name) }
        guard let place = key.terminalKey else { throw .module(.noPlace(name)) }
        let identity = KeySet.Identity(name: name, algorithm: request.algorithm, version: key.live)
        let area = request.module.area
        guard keySet.level <= request.dialect.keyLevel, keySet.covers(area: area), let held = keySet[identity] else {
            throw .keyNotHeld(name, request.algorithm, area: area)
        }
        let factors = hierarchy.levels
            .filter { $0.level > keySet.level && $0.level <= request.dialect.keyLevel }
            .compactMap { $0.factor(area: area) }
        let cipher = try request.algorithm.cipher
        let bytes = try CardKeyError.reporting { () throws(CryptographyError) in
            try held.derived(request.algorithm.masterCipher, factors: factors, parity: hierarchy.parity)
        }
        let use = UInt8(request.dialect.factorCount) << 5 | place.keyClass & 0x1F
        return CardKey(bytes, cipher).appended(to: [use, place.identifier, 0, code, 0, 0, 0, 0], contentLength: nil)
    }

    /// Which keys this service can bring into a PSAM, by algorithm, in the hierarchy's order.
    func moduleKeys(_ algorithm: CardAlgorithm) -> [KeyName] {
        hierarchy.keys.filter { key in
            key.terminalKey != nil
                && keySet[KeySet.Identity(name: key.name, algorithm: algorithm, version: key.live)] != nil
        }.map(\.name)
    }

    /// Whether the service can make the master key of a PSAM for an algorithm.
    func holdsModuleMaster(_ algorithm: CardAlgorithm) -> Bool {
        guard let master = hierarchy[Self.moduleMaster] else { return false }
        return keySet[KeySet.Identity(name: master.name, algorithm: algorithm, version: master.live)] != nil
    }
}
