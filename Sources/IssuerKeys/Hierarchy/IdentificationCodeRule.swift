import CardCryptography
import CardData

/// How the authentication code of a card's identification code (卡认证码) is made.
///
/// No public text says which key and which form the ministry uses (card.md §1.7), so the hierarchy says it.
public struct IdentificationCodeRule: Hashable, Sendable {
    /// What is calculated over the three groups of the code, 12 bytes; four bytes of it are the authentication code.
    public enum Form: String, Hashable, Sendable, CaseIterable {
        /// The command MAC from an initial value of zeros.
        case commandMAC = "command-mac"
        /// The left four bytes of the first block of E(K, groups ‖ 80 00…).
        case firstBlock = "first-block"
        /// The left four bytes of the last block of the same, each block by itself.
        case lastBlock = "last-block"
    }

    /// The key, which the hierarchy lets be used for it.
    public let key: KeyName
    /// What is calculated.
    public let form: Form

    /// A rule from its parts.
    public init(key: KeyName, form: Form) {
        self.key = key
        self.form = form
    }

    /// What is taken where a hierarchy says nothing, as those of before do.
    public static let usual = IdentificationCodeRule(key: KeyName(rawValue: "IRK"), form: .commandMAC)

    /// `identificationCode: {key: IRK, form: command-mac}`; the usual rule where the file has none.
    ///
    /// - Throws: `key-hierarchy.identification-code` for a key that the hierarchy does not have, or that is not for it.
    init(of node: YAMLNode?, keys: [KeyHierarchy.Key]) throws(Faults) {
        guard let node else {
            self = .usual
            return
        }
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["key", "form"]).forEach { faults.add($0) }
        try faults.check()
        let named = try node.required("key")
        let name = KeyName(rawValue: try named.string)
        guard keys.first(where: { $0.name == name })?.uses.contains(.identificationCode) ?? false else {
            throw named.fault("key-hierarchy.identification-code", ["key": name.rawValue])
        }
        key = name
        form = try node.required("form").word(Form.self)
    }
}

extension IdentificationCodeRule.Form {
    /// The one block that is enciphered; nil where all of them are chained.
    func block(of groups: [UInt8], length: Int) -> [UInt8]? {
        let marked = groups + [0x80]
        let blocks = marked + [UInt8](repeating: 0, count: (length - marked.count % length) % length)
        return switch self {
        case .commandMAC: nil
        case .firstBlock: Array(blocks.prefix(length))
        case .lastBlock: Array(blocks.suffix(length))
        }
    }

    /// The four bytes over the groups, under a card's key.
    func authentication(
        over groups: [UInt8], under key: Span<UInt8>, cipher: CardCipher
    ) throws(CryptographyError) -> [UInt8] {
        guard let block = block(of: groups, length: cipher.blockLength) else {
            return try CardCryptogram.commandMAC(
                key, cipher: cipher, initialValue: [UInt8](repeating: 0, count: cipher.blockLength), message: groups)
        }
        return try Array(CardCryptogram.block(key, cipher: cipher, block).prefix(4))
    }
}
