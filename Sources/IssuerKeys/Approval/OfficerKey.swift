import ByteText
public import CardCryptography
public import CardData

/// The SM2 key with which an officer approves: services of the PIN, and the policy of use.
///
/// On disk it lies in a file of the officer's, sealed under a passphrase that nobody else knows.
public final class OfficerKey: Sendable {
    static let format = "sscard-officer-1"

    /// Who it is: the number under which ``ApprovingOfficers`` know the public key.
    public let officer: String
    private let signing: SM2.SigningKey

    private init(_ officer: String, _ signing: SM2.SigningKey) {
        self.officer = officer
        self.signing = signing
    }

    /// A new key.
    ///
    /// Throws `approval.officer-name` and `key-store.cryptography`.
    public static func make(_ officer: String) throws(Faults) -> OfficerKey {
        guard ApprovingOfficers.isName(officer) else {
            throw Faults("approval.officer-name", ["officer": officer])
        }
        return OfficerKey(officer, try storing { () throws(CryptographyError) in try SM2.SigningKey.generate() })
    }

    /// The public part, for the list of officers.
    public var verificationKey: SM2.VerificationKey { signing.verificationKey }

    /// Approves a request.
    public func approve(_ request: ApprovalRequest) throws(ApprovalError) -> Approval {
        try Approval(of: request, by: officer, key: signing)
    }

    /// Signs a policy of use: r ‖ s, 64 bytes.
    ///
    /// Throws what ``SignedUsePolicy/sign(_:as:with:)`` throws.
    public func signPolicy(_ path: String) throws(Faults) -> [UInt8] {
        try SignedUsePolicy.sign(path, as: officer, with: signing)
    }
}

// MARK: - The file

extension OfficerKey {
    /// The text of the officer's file.
    ///
    /// - Parameter cost: What opening it costs; the default is 128 MiB and a good third of a second.
    /// Throws `key-store.cryptography`.
    public func fileText(
        passphrase: borrowing SecretBytes, cost: KeyDerivation.ScryptCost = .init(cost: 1 << 17)
    ) throws(Faults) -> String {
        let lock = try PassphraseLock.make(seal: .aes256GCM, cost: cost)
        let open = Self.openPart(officer, verificationKey.point, lock)
        let der = try storing { () throws(CryptographyError) in try signing.der() }
        let box = try lock.seal(der, passphrase: passphrase, header: RecordJSON.object(open).canonicalBytes)
        return RecordJSON.object(open + [("sealed", .text(box.hexadecimal))]).fileText
    }

    /// Whose a file is, without opening it; whoever altered the file can make it say anything.
    ///
    /// Throws what ``CardData/DataFile/read(_:)`` throws, `record.format` and `record.value`.
    public static func officer(inFile path: String) throws(Faults) -> String {
        try parts(DataFile.read(path)).officer
    }

    /// Opens an officer's file.
    ///
    /// Throws what ``officer(inFile:)`` throws, and `officer-key.not-opened`.
    public static func open(_ path: String, passphrase: borrowing SecretBytes) throws(Faults) -> OfficerKey {
        let root = try DataFile.read(path)
        let (officer, point, lock, box) = try parts(root)
        let header = RecordJSON.object(openPart(officer, point, lock)).canonicalBytes
        guard let der = try lock.open(box, passphrase: passphrase, header: header) else {
            throw root.fault("officer-key.not-opened", ["officer": officer])
        }
        let signing = try storing { () throws(CryptographyError) in
            try der.withSpan { span throws(CryptographyError) in try SM2.SigningKey(der: span) }
        }
        guard signing.verificationKey.point == point else { throw root.fault("record.value", ["field": "publicKey"]) }
        return OfficerKey(officer, signing)
    }

    private static func openPart(
        _ officer: String, _ point: [UInt8], _ lock: PassphraseLock
    ) -> [(String, RecordJSON)] {
        [
            ("format", .text(format)), ("officer", .text(officer)), ("publicKey", .text(point.hexadecimal)),
            ("lock", lock.json),
        ]
    }

    private static func parts(
        _ root: YAMLNode
    ) throws(Faults) -> (officer: String, point: [UInt8], lock: PassphraseLock, box: [UInt8]) {
        try root.checkFormat(format)
        try root.checkKeys(["format", "officer", "publicKey", "lock", "sealed"])
        return (
            try root.value("officer") { ApprovingOfficers.isName($0) ? $0 : nil },
            try root.bytes("publicKey", count: 65), try PassphraseLock(root.required("lock")),
            try root.bytes("sealed", count: nil)
        )
    }
}

extension OfficerKey: CustomStringConvertible, CustomReflectable {
    /// Whose it is, and nothing of it.
    public var description: String { "key of officer \(officer)" }
    /// Nothing to see for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: ["officer": officer]) }
}
