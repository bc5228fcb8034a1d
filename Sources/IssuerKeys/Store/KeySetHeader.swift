import ByteText
import CardCryptography
import CardData

/// The open part of a key set's file; sealing binds the keys to every byte of it.
struct KeySetHeader: Hashable, Sendable {
    /// The form of a file.
    enum Format: String, Hashable, Sendable {
        /// Keys without versions or lineage: read, never written any more.
        case first = "sscard-key-set-1"
        /// Keys with versions, and how they came down.
        case second = "sscard-key-set-2"
    }

    var format = Format.second
    let name: String
    let level: KeyLevel
    let area: String
    let root: KeyCheckValue
    let salt: [UInt8]
    let cost: KeyDerivation.ScryptCost
    var lineage: [DerivationRecord] = []
    var seal = Seal.aes256GCM

    /// What the seal covers.
    var bytes: [UInt8] {
        var fields = [
            format.rawValue, name, level.rawValue, area, root.description, salt.hexadecimal, String(cost.cost),
            String(cost.blockSize), String(cost.parallelization),
        ]
        fields += lineage.map(\.description)
        // the first files had one seal and did not name it
        if seal != .aes256GCM { fields.append(seal.rawValue) }
        return Array(fields.joined(separator: "\n").utf8)
    }

    /// The line of the file that names the seal; none for the one that needs no naming.
    var sealLine: String { seal == .aes256GCM ? "" : "\nseal: \(seal.rawValue)" }

    /// Whether text can name a set: one to 64 letters, digits, full stops and hyphens.
    static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            }
    }

    /// The key that seals, made from the passphrase.
    func sealingKey(passphrase: borrowing SecretBytes) throws(CryptographyError) -> SecretBytes {
        try passphrase.withSpan { span throws(CryptographyError) in
            try KeyDerivation.scrypt(passphrase: span, salt: salt, cost: cost, count: 32)
        }
    }
}

extension KeySetHeader {
    /// Reads the open part of a file; whatever it says is believed only once the seal has opened.
    init(_ root: YAMLNode) throws(Faults) {
        let formatName = try root.required("format").string
        guard let format = Format(rawValue: formatName) else {
            throw root.fault("key-store.format", ["format": formatName])
        }
        self.format = format
        name = try root.field("name") { Self.isName($0) ? $0 : nil }
        level = try root.field("level", KeyLevel.init(rawValue:))
        area = try root.field("area") { AreaFactor.isAreaCode($0) ? $0 : nil }
        self.root = try root.field("root", KeyCheckValue.init)
        let scrypt = try root.required("scrypt")
        salt = try scrypt.field("salt") { text in [UInt8](hexadecimal: text).flatMap { $0.count >= 16 ? $0 : nil } }
        // bounds: a file must not make the program work or fill memory for ever
        cost = KeyDerivation.ScryptCost(
            cost: try scrypt.field("cost") { UInt64($0).flatMap { (2...(1 << 17)).contains($0) ? $0 : nil } },
            blockSize: try scrypt.field("blockSize") { UInt64($0).flatMap { (1...8).contains($0) ? $0 : nil } },
            parallelization: try scrypt.field("parallelization") {
                UInt64($0).flatMap { (1...4).contains($0) ? $0 : nil }
            })
        if root["seal"] != nil { seal = try root.field("seal", Seal.init(rawValue:)) }
        guard format != .first, let records = root["lineage"] else { return }
        for node in try records.list {
            guard let record = DerivationRecord(try node.string) else {
                throw node.fault("key-store.value", ["field": "lineage"])
            }
            lineage.append(record)
        }
    }
}

extension Seal {
    /// As people call it.
    var title: String { self == .aes256GCM ? "AES-256-GCM" : "SM4-CTR and HMAC-SM3" }
}

extension YAMLNode {
    fileprivate func field<Value>(_ key: String, _ read: (String) -> Value?) throws(Faults) -> Value {
        let node = try required(key)
        guard let value = read(try node.string) else { throw node.fault("key-store.value", ["field": key]) }
        return value
    }
}
