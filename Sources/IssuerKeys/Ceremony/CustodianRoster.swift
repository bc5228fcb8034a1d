public import CardData

/// Who the custodians of a house are: the file that an auditor holds their signatures against.
public struct CustodianRoster: Hashable, Sendable {
    static let format = "sscard-custodian-roster-1"

    /// In the order of the file; no number, name or key twice.
    public let custodians: [Custodian]

    /// A roster of these people.
    ///
    /// Throws `custodian.twice` for all who are the same by number, name or key.
    public init(_ custodians: [Custodian]) throws(Faults) {
        if let faults = Faults(Self.repeated(in: custodians)) { throw faults }
        self.custodians = custodians
    }

    /// Everyone who is in a list already, by number, name or key.
    static func repeated(in custodians: [Custodian]) -> [Fault] {
        custodians.indices.compactMap { index in
            let one = custodians[index]
            let isKnown = custodians[..<index].contains {
                $0.number == one.number || $0.name == one.name || $0.point == one.point
            }
            return isKnown ? Fault("custodian.twice", ["number": String(one.number), "name": one.name]) : nil
        }
    }

    /// The custodian of a number; nil when there is none.
    public subscript(number: UInt64) -> Custodian? { custodians.first { $0.number == number } }

    /// The text of its file.
    public var fileText: String {
        RecordJSON.object([
            ("format", .text(Self.format)), ("custodians", .list(custodians.map(\.json))),
        ]).fileText
    }

    /// Reads a roster's file.
    ///
    /// Throws what ``CardData/DataFile/read(_:)`` throws, `record.format`, `record.value`, `custodian.value`, `custodian.twice`.
    public static func read(_ path: String) throws(Faults) -> CustodianRoster {
        let root = try DataFile.read(path)
        try root.checkFormat(format)
        try root.checkKeys(["format", "custodians"])
        var faults = FaultCollector()
        let custodians = try root.required("custodians").list.compactMap { node in
            faults.attempt { () throws(Faults) in try Custodian(node) }
        }
        try faults.check()
        return try CustodianRoster(custodians)
    }
}
