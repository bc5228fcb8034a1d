import ByteText
public import CardCryptography
public import CardData

/// One custodian's share in a file that only they can open.
public struct ShareFile: Hashable, Sendable {
    static let format = "sscard-share-1"

    /// The store that the share helps to open.
    public let name: String
    /// Whose it is.
    public let custodian: Custodian
    private let sealed: [UInt8]

    init(_ share: SecretShare, of name: String, for key: CustodianKey) throws(Faults) {
        let words = try dividing { () throws(SecretSharingError) in try share.words() }
        self.name = name
        custodian = key.custodian
        sealed = try key.sealEnvelope(words, header: Self.header(name, key.custodian))
    }

    /// The words, for their custodian to write down.
    ///
    /// Throws `custody.not-your-share` for another custodian's key, and `custody.share-altered`.
    public func words(_ key: CustodianKey) throws(Faults) -> SecretBytes {
        let parameters = ["number": String(custodian.number), "name": custodian.name]
        guard key.custodian == custodian else { throw Faults("custody.not-your-share", parameters) }
        guard let words = try key.openEnvelope(sealed, header: Self.header(name, custodian)) else {
            throw Faults("custody.share-altered", parameters)
        }
        return words
    }

    /// The share.
    ///
    /// Throws what ``words(_:)`` throws.
    public func share(_ key: CustodianKey) throws(Faults) -> SecretShare {
        let words = try words(key)
        return try dividing { () throws(SecretSharingError) in
            try words.withSpan { span throws(SecretSharingError) in try SecretShare(words: span) }
        }
    }

    private static func open(_ name: String, _ custodian: Custodian) -> [(String, RecordJSON)] {
        [("format", .text(format)), ("name", .text(name)), ("custodian", custodian.json)]
    }

    private static func header(_ name: String, _ custodian: Custodian) -> [UInt8] {
        RecordJSON.object(open(name, custodian)).canonicalBytes
    }
}

extension ShareFile {
    /// The text of its file.
    public var fileText: String {
        RecordJSON.object(Self.open(name, custodian) + [("sealed", .text(sealed.hexadecimal))]).fileText
    }

    /// Reads a share's file.
    ///
    /// Throws what ``CardData/DataFile/read(_:)`` throws, `record.format`, `record.value`, `custodian.value`.
    public static func read(_ path: String) throws(Faults) -> ShareFile { try ShareFile(DataFile.read(path)) }

    init(_ root: YAMLNode) throws(Faults) {
        try root.checkFormat(Self.format)
        try root.checkKeys(["format", "name", "custodian", "sealed"])
        name = try root.required("name").string
        custodian = try Custodian(root.required("custodian"))
        sealed = try root.bytes("sealed", count: nil)
    }
}
