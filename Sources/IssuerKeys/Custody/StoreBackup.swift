import ByteText
public import CardCryptography
public import CardData

/// Who holds the shares that open a sealed key store without its passphrase, and what the store must then hold: no secret.
///
/// The key that the passphrase makes is divided by SLIP-0039, one share a custodian. The shares open this very file: a store that
/// is sealed anew needs a new backup, and copies of the file must be kept, for shares without it are worth nothing.
public struct StoreBackup: Hashable, Sendable {
    static let format = "sscard-store-backup-1"

    /// Whom a share belongs to.
    public struct Member: Hashable, Sendable {
        /// The custodian.
        public let custodian: Custodian
        /// The share's number, from 1.
        public let share: Int
        /// SM3 of the share's words, by which another one is told at once.
        public let fingerprint: [UInt8]
    }

    /// When it was made.
    public let time: RecordTime
    /// The store's name.
    public let name: String
    /// The store's root, by its check value.
    public let root: KeyCheckValue
    /// How many keys the store holds.
    public let keyCount: Int
    /// The SM3 of the list of their check values (``KeySetCheckList``).
    public let checkList: [UInt8]
    /// The SM3 of the store's file.
    public let file: [UInt8]
    /// The number of the division, which all its shares have.
    public let identifier: UInt16
    /// How many shares open the store.
    public let threshold: Int
    /// Everyone who holds a share.
    public let members: [Member]

    /// Divides what opens a store among custodians, after opening the store with it.
    ///
    /// Throws what opening the store and dividing a secret throw, and `custodian.twice`.
    public static func make(
        directory: String, passphrase: borrowing SecretBytes, threshold: Int, custodians: [CustodianKey],
        time: RecordTime, mode: SealedKeyStore.Mode,
        random: RandomSource = { count throws(CryptographyError) in try SecureRandom.secret(count) }
    ) throws(Faults) -> (backup: StoreBackup, shares: [ShareFile]) {
        if let faults = Faults(CustodianRoster.repeated(in: custodians.map(\.custodian))) { throw faults }
        let root = try SealedKeyStore.file(in: directory)
        let secret = try SealedKeyStore.unlockingKey(root, passphrase: passphrase)
        let set = try SealedKeyStore.open(root, unlockingKey: secret, mode: mode)
        let shares = try SecretSharing.split(secret, threshold: threshold, count: custodians.count, random: random)
        let list = try KeySetCheckList(set)
        var members: [Member] = []
        var files: [ShareFile] = []
        for (custodian, share) in zip(custodians, shares) {
            members.append(
                Member(
                    custodian: custodian.custodian, share: share.number, fingerprint: try share.fingerprint()))
            files.append(try ShareFile(share, of: set.name, for: custodian))
        }
        let backup = StoreBackup(
            time: time, name: set.name, root: set.root, keyCount: list.lines.count, checkList: list.digest,
            file: try digest(ofStoreIn: directory), identifier: shares[0].identifier, threshold: threshold,
            members: members)
        return (backup, files)
    }

    /// The SM3 of a store's file.
    static func digest(ofStoreIn directory: String) throws(Faults) -> [UInt8] {
        let bytes = try DurableFile.readBytes(directory + "/" + SealedKeyStore.fileName)
        return try storing { () throws(CryptographyError) in try HashFunction.sm3.hash(bytes) }
    }

    /// Opens the store with shares.
    ///
    /// Throws `custody.other-store` where the file is not the one the backup was made of, `custody.other-share` for each share that
    /// was not handed out then, what ``SecretSharing/combine(_:passphrase:)`` and opening throw, and `custody.differs` where the
    /// store holds other keys.
    public func open(directory: String, shares: [SecretShare], mode: SealedKeyStore.Mode) throws(Faults) -> KeySet {
        guard try Self.digest(ofStoreIn: directory) == file else { throw Faults("custody.other-store", ["name": name]) }
        try check(shares)
        let secret = try SecretSharing.combine(shares)
        let set = try SealedKeyStore.open(SealedKeyStore.file(in: directory), unlockingKey: secret, mode: mode)
        guard try KeySetCheckList(set).digest == checkList, set.root == root else {
            throw Faults("custody.differs", ["name": name])
        }
        return set
    }

    private func check(_ shares: [SecretShare]) throws(Faults) {
        var faults = FaultCollector()
        for share in shares {
            let fingerprint = try share.fingerprint()
            let isHandedOut = members.contains { $0.share == share.number && $0.fingerprint == fingerprint }
            if share.identifier != identifier {
                faults.add("share.mixed-sets")
            } else if !isHandedOut {
                faults.add("custody.other-share", ["number": String(share.number)])
            }
        }
        try faults.check()
    }
}

extension SecretShare {
    /// SM3 of the words.
    func fingerprint() throws(Faults) -> [UInt8] {
        let words = try dividing { () throws(SecretSharingError) in try self.words() }
        return try storing { () throws(CryptographyError) in
            try words.withSpan { span throws(CryptographyError) in try HashFunction.sm3.hash(span) }
        }
    }
}

/// Runs a piece of secret sharing; its error becomes the faults it reports.
func dividing<Value: ~Copyable>(_ body: () throws(SecretSharingError) -> Value) throws(Faults) -> Value {
    do throws(SecretSharingError) {
        return try body()
    } catch {
        throw sharingFaults(error)
    }
}

// MARK: - The file

extension StoreBackup {
    /// The text of its file.
    public var fileText: String {
        RecordJSON.object([
            ("format", .text(Self.format)), ("time", .text(time.description)), ("name", .text(name)),
            ("root", .text(root.description)), ("keyCount", .number(UInt64(keyCount))),
            ("checkList", .text(checkList.hexadecimal)), ("file", .text(file.hexadecimal)),
            ("identifier", .number(UInt64(identifier))), ("threshold", .number(UInt64(threshold))),
            ("members", .list(members.map(\.json))),
        ]).fileText
    }

    /// Reads a backup's file.
    ///
    /// Throws what ``CardData/DataFile/read(_:)`` throws, `record.format`, `record.value`, `custodian.value`.
    public static func read(_ path: String) throws(Faults) -> StoreBackup { try StoreBackup(DataFile.read(path)) }

    init(_ root: YAMLNode) throws(Faults) {
        try root.checkFormat(Self.format)
        try root.checkKeys([
            "format", "time", "name", "root", "keyCount", "checkList", "file", "identifier", "threshold", "members",
        ])
        time = try root.value("time", RecordTime.init)
        name = try root.value("name") { KeySetHeader.isName($0) ? $0 : nil }
        self.root = try root.value("root") { KeyCheckValue($0) }
        keyCount = try root.value("keyCount") { Int($0) }
        checkList = try root.bytes("checkList", count: 32)
        file = try root.bytes("file", count: 32)
        identifier = try root.value("identifier", UInt16.init)
        threshold = try root.value("threshold") { Int($0) }
        var members: [Member] = []
        for node in try root.required("members").list { members.append(try Member(node)) }
        self.members = members
    }
}

extension StoreBackup.Member {
    fileprivate var json: RecordJSON {
        .object([
            ("custodian", custodian.json), ("share", .number(UInt64(share))),
            ("fingerprint", .text(fingerprint.hexadecimal)),
        ])
    }

    fileprivate init(_ node: YAMLNode) throws(Faults) {
        try node.checkKeys(["custodian", "share", "fingerprint"])
        custodian = try Custodian(node.required("custodian"))
        share = try node.value("share") { Int($0) }
        fingerprint = try node.bytes("fingerprint", count: 32)
    }
}
