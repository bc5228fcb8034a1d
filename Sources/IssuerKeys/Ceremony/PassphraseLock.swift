import ByteText
import CardCryptography
import CardData

/// How a passphrase opens something in a file: scrypt, then one of the two seals.
struct PassphraseLock: Hashable, Sendable {
    let seal: Seal
    let salt: [UInt8]
    let cost: KeyDerivation.ScryptCost

    /// A lock with a salt of its own.
    static func make(seal: Seal, cost: KeyDerivation.ScryptCost) throws(Faults) -> PassphraseLock {
        let salt = try storing { () throws(CryptographyError) in try SecureRandom.bytes(16) }
        return PassphraseLock(seal: seal, salt: salt, cost: cost)
    }

    private init(seal: Seal, salt: [UInt8], cost: KeyDerivation.ScryptCost) {
        self.seal = seal
        self.salt = salt
        self.cost = cost
    }

    func seal(
        _ contents: borrowing SecretBytes, passphrase: borrowing SecretBytes, header: [UInt8]
    ) throws(Faults) -> [UInt8] {
        try storing { () throws(CryptographyError) in
            let key = try key(passphrase)
            return try contents.withSpan { contents throws(CryptographyError) in
                try key.withSpan { key throws(CryptographyError) in
                    try seal.seal(contents, key: key, header: header)
                }
            }
        }
    }

    /// What was sealed; nil when the passphrase is another one, or anything was altered.
    func open(
        _ box: [UInt8], passphrase: borrowing SecretBytes, header: [UInt8]
    ) throws(Faults) -> SecretBytes? {
        try storing { () throws(CryptographyError) in
            let key = try key(passphrase)
            do throws(CryptographyError) {
                return try key.withSpan { key throws(CryptographyError) in
                    try seal.open(box, key: key, header: header)
                }
            } catch .notAuthentic {
                return nil
            }
        }
    }

    private func key(_ passphrase: borrowing SecretBytes) throws(CryptographyError) -> SecretBytes {
        try passphrase.withSpan { span throws(CryptographyError) in
            try KeyDerivation.scrypt(passphrase: span, salt: salt, cost: cost, count: 32)
        }
    }
}

extension PassphraseLock {
    var json: RecordJSON {
        .object([
            ("seal", .text(seal.rawValue)), ("salt", .text(salt.hexadecimal)), ("cost", .number(cost.cost)),
            ("blockSize", .number(cost.blockSize)), ("parallelization", .number(cost.parallelization)),
        ])
    }

    init(_ node: YAMLNode) throws(Faults) {
        try node.checkKeys(["seal", "salt", "cost", "blockSize", "parallelization"])
        seal = try node.value("seal", Seal.init(rawValue:))
        salt = try node.bytes("salt", count: 16)
        // bounds: a file must not make the program work or fill memory for ever
        cost = KeyDerivation.ScryptCost(
            cost: try node.value("cost") { UInt64($0).flatMap { (2...(1 << 17)).contains($0) ? $0 : nil } },
            blockSize: try node.value("blockSize") { UInt64($0).flatMap { (1...8).contains($0) ? $0 : nil } },
            parallelization: try node.value("parallelization") {
                UInt64($0).flatMap { (1...4).contains($0) ? $0 : nil }
            })
    }
}
