import ByteText
public import CardCryptography
public import CardData

/// The signed report of a recovery drill (恢复演练): that the shares of these custodians opened the store, into a copy that was
/// thrown away, and that every key in it had its check value.
public struct RecoveryDrill: Hashable, Sendable {
    static let format = "sscard-recovery-drill-1"

    /// When it was held.
    public let time: RecordTime
    /// How long it took from the first share to the last comparison, in milliseconds.
    public let milliseconds: UInt64
    /// The store's name.
    public let name: String
    /// The store's root, by its check value.
    public let root: KeyCheckValue
    /// How many keys were compared.
    public let keyCount: Int
    /// The SM3 of the list of their check values, in the store and in the copy.
    public let checkList: [UInt8]
    /// The division whose shares were used.
    public let identifier: UInt16
    /// Which of its shares.
    public let shares: [Int]
    /// Who was there, and signs.
    public let witnesses: [Custodian]
    /// Each witness's SM2 signature over everything else, r ‖ s, in their order.
    public private(set) var signatures: [[UInt8]]

    /// Opens the store with shares, seals it into a throw-away copy, opens that, and compares the keys.
    ///
    /// Throws what ``StoreBackup/open(directory:shares:mode:)`` throws, `custody.no-witness`, and `custody.differs` where the copy
    /// holds other keys.
    /// - Parameters:
    ///   - scratch: An empty directory, in which nothing is left.
    ///   - witnesses: The custodians who sign.
    ///   - cost: What opening the copy costs.
    ///   - elapsed: Milliseconds since the first share was there.
    public static func hold(
        _ backup: StoreBackup, directory: String, shares: [SecretShare], scratch: String, witnesses: [CustodianKey],
        mode: SealedKeyStore.Mode, time: RecordTime, cost: KeyDerivation.ScryptCost = .init(cost: 1 << 17),
        elapsed: () -> UInt64
    ) throws(Faults) -> RecoveryDrill {
        guard !witnesses.isEmpty else { throw Faults("custody.no-witness") }
        let set = try backup.open(directory: directory, shares: shares, mode: mode)
        let list = try checkListOfCopy(set, scratch: scratch, mode: mode, cost: cost)
        guard list.digest == backup.checkList else { throw Faults("custody.differs", ["name": backup.name]) }
        var drill = RecoveryDrill(
            time: time, milliseconds: elapsed(), name: backup.name, root: backup.root, keyCount: list.lines.count,
            checkList: list.digest, identifier: backup.identifier, shares: shares.map(\.number).sorted(),
            witnesses: witnesses.map(\.custodian), signatures: [])
        let signed = drill.signedBytes
        for key in witnesses { drill.signatures.append(try key.sign(signed)) }
        return drill
    }

    private static func checkListOfCopy(
        _ set: KeySet, scratch: String, mode: SealedKeyStore.Mode, cost: KeyDerivation.ScryptCost
    ) throws(Faults) -> KeySetCheckList {
        let secret = try storing { () throws(CryptographyError) in try SecureRandom.secret(32) }
        let path = scratch + "/" + SealedKeyStore.fileName
        try DurableFile.create(SealedKeyStore.seal(set, passphrase: secret, cost: cost), at: path)
        do throws(Faults) {
            let list = try KeySetCheckList(SealedKeyStore.open(directory: scratch, passphrase: secret, mode: mode))
            try DurableFile.wipe(path)
            return list
        } catch {
            try DurableFile.wipe(path)
            throw error
        }
    }

    private var members: [(String, RecordJSON)] {
        [
            ("format", .text(Self.format)), ("time", .text(time.description)), ("milliseconds", .number(milliseconds)),
            ("name", .text(name)), ("root", .text(root.description)), ("keyCount", .number(UInt64(keyCount))),
            ("checkList", .text(checkList.hexadecimal)), ("identifier", .number(UInt64(identifier))),
            ("shares", .list(shares.map { .number(UInt64($0)) })), ("witnesses", .list(witnesses.map(\.json))),
        ]
    }

    private var signedBytes: [UInt8] { RecordJSON.object(members).canonicalBytes }
}

extension RecoveryDrill {
    /// The text of the report.
    public var fileText: String {
        let signatures = signatures.map { RecordJSON.text($0.hexadecimal) }
        return RecordJSON.object(members + [("signatures", .list(signatures))]).fileText
    }

    /// Reads and checks a report to the last byte, as ``CeremonyTranscript/verify(_:roster:)`` does a transcript.
    ///
    /// Throws `transcript.form`, `transcript.signature`, and with a roster `transcript.not-in-roster`.
    public static func verify(_ bytes: [UInt8], roster: CustodianRoster? = nil) throws(Faults) -> RecoveryDrill {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Faults("transcript.form", ["reason": "no text"])
        }
        let drill: RecoveryDrill
        do throws(Faults) {
            drill = try RecoveryDrill(DataFile.parse(text, file: "report"))
        } catch {
            throw Faults("transcript.form", ["reason": error.faults[0].code.rawValue])
        }
        guard Array(drill.fileText.utf8) == bytes, !drill.witnesses.isEmpty,
            drill.signatures.count == drill.witnesses.count
        else {
            throw Faults("transcript.form", ["reason": "not as it was written"])
        }
        for (witness, signature) in zip(drill.witnesses, drill.signatures) {
            let parameters = ["number": String(witness.number), "name": witness.name]
            guard try witness.hasSigned(drill.signedBytes, signature) else {
                throw Faults("transcript.signature", parameters)
            }
            guard roster == nil || roster?[witness.number] == witness else {
                throw Faults("transcript.not-in-roster", parameters)
            }
        }
        return drill
    }

    private init(_ root: YAMLNode) throws(Faults) {
        try root.checkFormat(Self.format)
        try root.checkKeys([
            "format", "time", "milliseconds", "name", "root", "keyCount", "checkList", "identifier", "shares",
            "witnesses", "signatures",
        ])
        time = try root.value("time", RecordTime.init)
        milliseconds = try root.value("milliseconds", UInt64.init)
        name = try root.value("name") { KeySetHeader.isName($0) ? $0 : nil }
        self.root = try root.value("root") { KeyCheckValue($0) }
        keyCount = try root.value("keyCount") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        checkList = try root.bytes("checkList", count: 32)
        identifier = try root.value("identifier", UInt16.init)
        var shares: [Int] = []
        for node in try root.required("shares").list { shares.append(try Self.shareNumber(node)) }
        self.shares = shares
        var witnesses: [Custodian] = []
        for node in try root.required("witnesses").list { witnesses.append(try Custodian(node)) }
        self.witnesses = witnesses
        var signatures: [[UInt8]] = []
        for node in try root.required("signatures").list {
            let signature = try node.hexBytes
            guard signature.count == 64 else { throw node.fault("record.value", ["field": "signatures"]) }
            signatures.append(signature)
        }
        self.signatures = signatures
    }

    private static func shareNumber(_ node: YAMLNode) throws(Faults) -> Int {
        let number = try node.integer
        guard (1...16).contains(number) else { throw node.fault("record.value", ["field": "shares"]) }
        return number
    }
}
