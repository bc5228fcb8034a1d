import ByteText
public import CardCryptography
public import CardData

/// A custodian's own secrets, opened: the SM2 key they sign with, and the secret that their envelopes are sealed under.
///
/// On disk they lie in a file of the custodian's, sealed under a passphrase that nobody else knows.
public final class CustodianKey: Sendable {
    static let format = "sscard-custodian-1"
    private static let envelopeLength = 32

    /// Who it is.
    public let custodian: Custodian
    let signing: SM2.SigningKey
    private let envelope: SecretBytes

    private init(_ custodian: Custodian, _ signing: SM2.SigningKey, _ envelope: consuming SecretBytes) {
        self.custodian = custodian
        self.signing = signing
        self.envelope = envelope
    }

    /// New secrets for a custodian.
    ///
    /// Throws `custodian.value` and `key-store.cryptography`.
    public static func make(
        number: UInt64, name: String,
        random: RandomSource = { count throws(CryptographyError) in try SecureRandom.secret(count) }
    ) throws(Faults) -> CustodianKey {
        let signing = try storing { () throws(CryptographyError) in try SM2.SigningKey.generate() }
        let envelope = try storing { () throws(CryptographyError) in try random(envelopeLength) }
        let custodian = try Custodian(number: number, name: name, point: signing.verificationKey.point)
        return CustodianKey(custodian, signing, envelope)
    }

    /// Signs with SM2 over SM3 under the default identifier: r ‖ s, 64 bytes.
    func sign(_ bytes: [UInt8]) throws(Faults) -> [UInt8] {
        try storing { () throws(CryptographyError) in
            try signing.sign(bytes, identifier: SM2.defaultIdentifier)
        }
    }

    /// Seals something that only this custodian can open again, bound to open bytes.
    func sealEnvelope(_ contents: borrowing SecretBytes, header: [UInt8]) throws(Faults) -> [UInt8] {
        try storing { () throws(CryptographyError) in
            try contents.withSpan { contents throws(CryptographyError) in
                try envelope.withSpan { key throws(CryptographyError) in
                    try SM4Box.seal(contents, key: key, header: header)
                }
            }
        }
    }

    /// Opens an envelope of this custodian's; nil when it was altered, or is another one's.
    func openEnvelope(_ box: [UInt8], header: [UInt8]) throws(Faults) -> SecretBytes? {
        try storing { () throws(CryptographyError) in
            do throws(CryptographyError) {
                return try envelope.withSpan { key throws(CryptographyError) in
                    try SM4Box.open(box, key: key, header: header)
                }
            } catch .notAuthentic {
                return nil
            }
        }
    }
}

// MARK: - The file

extension CustodianKey {
    /// The text of the custodian's file.
    ///
    /// - Parameter cost: What opening it costs; the default is 128 MiB and a good third of a second.
    /// Throws `key-store.cryptography`.
    public func fileText(
        passphrase: borrowing SecretBytes, seal: Seal = .aes256GCM,
        cost: KeyDerivation.ScryptCost = .init(cost: 1 << 17)
    ) throws(Faults) -> String {
        let lock = try PassphraseLock.make(seal: seal, cost: cost)
        let open = Self.openPart(custodian, lock)
        let der = try storing { () throws(CryptographyError) in try signing.der() }
        let contents = SecretBytes.filling(count: Self.envelopeLength + der.count) { span in
            envelope.withSpan { for index in $0.indices { span[index] = $0[index] } }
            der.withSpan { for index in $0.indices { span[Self.envelopeLength + index] = $0[index] } }
        }
        let box = try lock.seal(contents, passphrase: passphrase, header: RecordJSON.object(open).canonicalBytes)
        return RecordJSON.object(open + [("sealed", .text(box.hexadecimal))]).fileText
    }

    /// The custodian whom a file belongs to, without opening it; whoever altered the file can make it say anything.
    ///
    /// Throws what ``CardData/DataFile/read(_:)`` throws, `record.format`, `record.value` and `custodian.value`.
    public static func custodian(inFile path: String) throws(Faults) -> Custodian {
        try parts(DataFile.read(path)).custodian
    }

    /// Opens a custodian's file.
    ///
    /// Throws what ``custodian(inFile:)`` throws, and `custodian.not-opened`.
    public static func open(_ path: String, passphrase: borrowing SecretBytes) throws(Faults) -> CustodianKey {
        try open(DataFile.read(path), passphrase: passphrase)
    }

    static func open(_ root: YAMLNode, passphrase: borrowing SecretBytes) throws(Faults) -> CustodianKey {
        let (custodian, lock, box) = try parts(root)
        let header = RecordJSON.object(openPart(custodian, lock)).canonicalBytes
        guard let contents = try lock.open(box, passphrase: passphrase, header: header) else {
            throw root.fault("custodian.not-opened", ["number": String(custodian.number), "name": custodian.name])
        }
        guard contents.count > envelopeLength else { throw root.fault("record.value", ["field": "sealed"]) }
        let signing = try storing { () throws(CryptographyError) in
            try contents.withSpan { span throws(CryptographyError) in
                try SM2.SigningKey(der: span.extracting(envelopeLength..<span.count))
            }
        }
        guard signing.verificationKey.point == custodian.point else {
            throw root.fault("record.value", ["field": "publicKey"])
        }
        let envelope = contents.withSpan { SecretBytes(copying: $0.extracting(0..<envelopeLength)) }
        return CustodianKey(custodian, signing, envelope)
    }

    private static func openPart(_ custodian: Custodian, _ lock: PassphraseLock) -> [(String, RecordJSON)] {
        [("format", .text(format)), ("custodian", custodian.json), ("lock", lock.json)]
    }

    private static func parts(
        _ root: YAMLNode
    ) throws(Faults) -> (custodian: Custodian, lock: PassphraseLock, box: [UInt8]) {
        try root.checkFormat(format)
        try root.checkKeys(["format", "custodian", "lock", "sealed"])
        return (
            try Custodian(root.required("custodian")), try PassphraseLock(root.required("lock")),
            try root.bytes("sealed", count: nil)
        )
    }
}

extension CustodianKey: CustomStringConvertible, CustomReflectable {
    /// Whose it is, and nothing of it.
    public var description: String { "key of custodian \(custodian.number)" }
    /// Nothing to see for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: ["number": custodian.number]) }
}
