import ByteText
import CardCryptography
import CardData

/// What a ceremony has written down so far: what shall be made, each custodian's commitment, in the end the result.
///
/// Each entry names the hash of the one before it, and each custodian signs their commitment when they make it: nothing can be
/// changed, left out or put in another order afterwards.
public struct CeremonyRecord: Sendable {
    /// What shall be made, and by whom.
    public struct Opening: Hashable, Sendable {
        /// Drawn for each ceremony, 16 bytes.
        public let identifier: [UInt8]
        /// When it began.
        public let time: RecordTime
        /// What the key set will be called.
        public let name: String
        /// The level of its keys: ministry or province.
        public let level: KeyLevel
        /// Its area.
        public let area: String
        /// The algorithm of the root and its components.
        public let algorithm: CardAlgorithm
        /// Who brings the components, in the order in which they do.
        public let custodians: [Custodian]
    }

    /// Where a component came from.
    public enum Source: String, Hashable, Sendable {
        /// The custodian typed it.
        case typed
        /// The program drew it, and nobody knows it.
        case generated
    }

    /// One custodian's word on their component, given before any component is opened.
    public struct Commitment: Hashable, Sendable {
        /// The custodian.
        public let custodian: UInt64
        /// When it was made.
        public let time: RecordTime
        /// Where the component came from.
        public let source: Source
        /// SM3(salt ‖ component), the salt of 32 bytes.
        public let commitment: [UInt8]
        /// The component's check value.
        public let checkValue: KeyCheckValue
        /// The SM3 of the entry before.
        public let previous: [UInt8]
        /// The custodian's SM2 signature over all of this.
        public let signature: [UInt8]
    }

    /// What was made.
    public struct Outcome: Hashable, Sendable {
        /// When.
        public let time: RecordTime
        /// The root's check value.
        public let root: KeyCheckValue
        /// How many keys the set holds.
        public let keyCount: Int
        /// The SM3 of the list of their check values (``KeySetCheckList``).
        public let checkList: [UInt8]
        /// The SM3 of the entry before.
        public let previous: [UInt8]
        /// Every custodian's SM2 signature over all of this, in their order.
        public let signatures: [[UInt8]]
    }

    /// What shall be made.
    public let opening: Opening
    /// The commitments so far, in their order.
    public internal(set) var commitments: [Commitment]
    /// What was made; nil before the end.
    public internal(set) var outcome: Outcome?

    /// The hash of the newest entry, which the next one names.
    var head: [UInt8] {
        get throws(Faults) {
            let entry = commitments.last.map { RecordJSON.object($0.members(isSigned: true)) } ?? opening.json
            return try storing { () throws(CryptographyError) in try HashFunction.sm3.hash(entry.canonicalBytes) }
        }
    }
}

extension CeremonyRecord.Opening {
    /// What is wrong with an opening, all of it.
    var faults: [Fault] {
        var faults = CustodianRoster.repeated(in: custodians)
        if !(2...5).contains(custodians.count) {
            faults.append(Fault("ceremony.custodian-count", ["count": String(custodians.count)]))
        }
        if level != .ministry && level != .province {
            faults.append(Fault("ceremony.level", ["level": level.rawValue]))
        }
        if !AreaFactor.isAreaCode(area) { faults.append(Fault("ceremony.area", ["area": area])) }
        if !KeySetHeader.isName(name) { faults.append(Fault("ceremony.name", ["name": name])) }
        if algorithm != .sm4 && algorithm != .tripleDES {
            faults.append(Fault("component.algorithm", ["algorithm": algorithm.description]))
        }
        return faults
    }
}

// MARK: - As JSON

extension CeremonyRecord.Opening {
    var json: RecordJSON {
        .object([
            ("identifier", .text(identifier.hexadecimal)), ("time", .text(time.description)), ("name", .text(name)),
            ("level", .text(level.rawValue)), ("area", .text(area)), ("algorithm", .text(algorithm.description)),
            ("custodians", .list(custodians.map(\.json))),
        ])
    }

    init(_ node: YAMLNode) throws(Faults) {
        try node.checkKeys(["identifier", "time", "name", "level", "area", "algorithm", "custodians"])
        identifier = try node.bytes("identifier", count: 16)
        time = try node.value("time", RecordTime.init)
        name = try node.required("name").string
        level = try node.value("level", KeyLevel.init(rawValue:))
        area = try node.required("area").string
        algorithm = try node.value("algorithm") { CardAlgorithm($0) }
        var custodians: [Custodian] = []
        for member in try node.required("custodians").list { custodians.append(try Custodian(member)) }
        self.custodians = custodians
    }
}

extension CeremonyRecord.Commitment {
    func members(isSigned: Bool) -> [(String, RecordJSON)] {
        [
            ("custodian", .number(custodian)), ("time", .text(time.description)), ("source", .text(source.rawValue)),
            ("commitment", .text(commitment.hexadecimal)), ("checkValue", .text(checkValue.description)),
            ("previous", .text(previous.hexadecimal)),
        ] + (isSigned ? [("signature", .text(signature.hexadecimal))] : [])
    }

    /// What the custodian signs, and what their envelope is bound to.
    var signedBytes: [UInt8] { RecordJSON.object(members(isSigned: false)).canonicalBytes }

    init(_ node: YAMLNode) throws(Faults) {
        try node.checkKeys([
            "custodian", "time", "source", "commitment", "checkValue", "previous", "signature",
        ])
        custodian = try node.value("custodian", UInt64.init)
        time = try node.value("time", RecordTime.init)
        source = try node.value("source", CeremonyRecord.Source.init(rawValue:))
        commitment = try node.bytes("commitment", count: 32)
        checkValue = try node.value("checkValue") { KeyCheckValue($0) }
        previous = try node.bytes("previous", count: 32)
        signature = try node.bytes("signature", count: 64)
    }
}

extension CeremonyRecord.Outcome {
    func members(isSigned: Bool) -> [(String, RecordJSON)] {
        [
            ("time", .text(time.description)), ("root", .text(root.description)),
            ("keyCount", .number(UInt64(keyCount))), ("checkList", .text(checkList.hexadecimal)),
            ("previous", .text(previous.hexadecimal)),
        ] + (isSigned ? [("signatures", .list(signatures.map { .text($0.hexadecimal) }))] : [])
    }

    /// What every custodian signs.
    var signedBytes: [UInt8] { RecordJSON.object(members(isSigned: false)).canonicalBytes }

    init(_ node: YAMLNode) throws(Faults) {
        try node.checkKeys(["time", "root", "keyCount", "checkList", "previous", "signatures"])
        time = try node.value("time", RecordTime.init)
        root = try node.value("root") { KeyCheckValue($0) }
        keyCount = try node.value("keyCount") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        checkList = try node.bytes("checkList", count: 32)
        previous = try node.bytes("previous", count: 32)
        var signatures: [[UInt8]] = []
        for member in try node.required("signatures").list {
            let signature = try member.hexBytes
            guard signature.count == 64 else { throw member.fault("record.value", ["field": "signatures"]) }
            signatures.append(signature)
        }
        self.signatures = signatures
    }
}

extension CeremonyRecord {
    /// The members of a transcript or state file, behind its format.
    var members: [(String, RecordJSON)] {
        [
            ("opening", opening.json),
            ("commitments", .list(commitments.map { .object($0.members(isSigned: true)) })),
        ] + (outcome.map { [("outcome", .object($0.members(isSigned: true)))] } ?? [])
    }

    init(_ root: YAMLNode) throws(Faults) {
        opening = try Opening(root.required("opening"))
        var commitments: [Commitment] = []
        for node in try root.required("commitments").list { commitments.append(try Commitment(node)) }
        self.commitments = commitments
        outcome = try root["outcome"].map { node throws(Faults) in try Outcome(node) }
    }
}
