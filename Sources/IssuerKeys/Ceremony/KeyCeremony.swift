import ByteText
public import CardCryptography
public import CardData

/// A key ceremony (密钥仪式) from its opening to its key set: two to five custodians each bring a component of the root.
///
/// First every custodian commits to their component, in the order of the opening; until all have, components lie in envelopes
/// that only their custodians can open, and nothing has seen two of them. Then, with all custodians present, the envelopes are
/// opened together, held against the commitments and combined. A step that is refused changes nothing.
public struct KeyCeremony: Sendable {
    static let stateFormat = "sscard-key-ceremony-state-1"
    private static let saltLength = 32

    /// What has been written down so far.
    public private(set) var record: CeremonyRecord
    /// The sealed components, in the order of the commitments; none after the end.
    private(set) var envelopes: [[UInt8]]

    /// Opens a ceremony.
    ///
    /// Throws all that is wrong: `ceremony.custodian-count`, `custodian.twice`, `ceremony.level`, `ceremony.area`,
    /// `ceremony.name`, `component.algorithm`.
    public init(
        name: String, level: KeyLevel, area: String, algorithm: CardAlgorithm, custodians: [Custodian],
        time: RecordTime,
        random: RandomSource = { count throws(CryptographyError) in try SecureRandom.secret(count) }
    ) throws(Faults) {
        let identifier = try storing { () throws(CryptographyError) in try random(16).unprotectedCopy() }
        let opening = CeremonyRecord.Opening(
            identifier: identifier, time: time, name: name, level: level, area: area, algorithm: algorithm,
            custodians: custodians)
        if let faults = Faults(opening.faults) { throw faults }
        record = CeremonyRecord(opening: opening, commitments: [], outcome: nil)
        envelopes = []
    }

    /// Whose turn it is to commit; nil when all have.
    public var next: Custodian? {
        let done = record.commitments.count
        return done < record.opening.custodians.count ? record.opening.custodians[done] : nil
    }

    /// Takes one custodian's component: commitment, check value and signature are written down, the component is sealed for its
    /// custodian alone.
    ///
    /// Throws `ceremony.finished`, `ceremony.stranger`, `ceremony.already-committed`, `ceremony.out-of-order`,
    /// `ceremony.algorithm`, `ceremony.equal-components`, `ceremony.clock`.
    public mutating func commit(
        _ component: KeyComponent, _ source: CeremonyRecord.Source, by key: CustodianKey, time: RecordTime,
        random: RandomSource = { count throws(CryptographyError) in try SecureRandom.secret(count) }
    ) throws(Faults) {
        try checkTurn(of: key.custodian)
        try checkClock(time)
        guard component.algorithm == record.opening.algorithm else {
            throw Faults("ceremony.algorithm", ["algorithm": record.opening.algorithm.description])
        }
        let checkValue = try component.checkValue()
        if let same = record.commitments.first(where: { $0.checkValue == checkValue }) {
            throw Faults("ceremony.equal-components", ["number": String(same.custodian)])
        }
        let salt = try storing { () throws(CryptographyError) in try random(Self.saltLength) }
        let commitment = try component.commitment(salt: salt)
        let previous = try record.head
        func entry(_ signature: [UInt8]) -> CeremonyRecord.Commitment {
            CeremonyRecord.Commitment(
                custodian: key.custodian.number, time: time, source: source, commitment: commitment,
                checkValue: checkValue, previous: previous, signature: signature)
        }
        let unsigned = entry([])
        let envelope = try key.sealEnvelope(component.opening(salt: salt), header: unsigned.signedBytes)
        record.commitments.append(entry(try key.sign(unsigned.signedBytes)))
        envelopes.append(envelope)
    }

    /// Opens all components, combines them, makes the key set and signs the minutes.
    ///
    /// Throws `ceremony.finished`, `ceremony.not-all-committed`, `ceremony.missing-key`, `ceremony.out-of-order`,
    /// `ceremony.clock`, `ceremony.envelope`, `ceremony.commitment-mismatch`, `ceremony.equal-components`, `ceremony.zero-root`,
    /// `ceremony.weak-root`, and what inserting keys throws.
    /// - Parameter keys: Those of all custodians, in the order of the opening.
    public mutating func finish(
        _ keys: [CustodianKey], hierarchy: KeyHierarchy, time: RecordTime
    ) throws(Faults) -> (set: KeySet, transcript: CeremonyTranscript) {
        guard record.outcome == nil else { throw Faults("ceremony.finished") }
        if let next {
            throw Faults("ceremony.not-all-committed", ["number": String(next.number), "name": next.name])
        }
        try checkPresence(keys)
        try checkClock(time)
        let root = try root(keys)
        let set = try RootKeySet.make(of: root, record.opening, hierarchy: hierarchy)
        let list = try KeySetCheckList(set)
        let previous = try record.head
        func outcome(_ signatures: [[UInt8]]) -> CeremonyRecord.Outcome {
            CeremonyRecord.Outcome(
                time: time, root: set.root, keyCount: list.lines.count, checkList: list.digest, previous: previous,
                signatures: signatures)
        }
        let signed = outcome([]).signedBytes
        var signatures: [[UInt8]] = []
        for key in keys { signatures.append(try key.sign(signed)) }
        record.outcome = outcome(signatures)
        envelopes = []
        return (set, CeremonyTranscript(record: record))
    }

    /// The transcript of a ceremony that is over, as often as it is asked for; nil before.
    public var transcript: CeremonyTranscript? {
        record.outcome == nil ? nil : CeremonyTranscript(record: record)
    }

    private func root(_ keys: [CustodianKey]) throws(Faults) -> KeyComponent {
        var components: [KeyComponent] = []
        for (index, key) in keys.enumerated() {
            let component = try component(index, of: key)
            if let same = components.firstIndex(where: { $0.isEqual(to: component) }) {
                throw Faults("ceremony.equal-components", ["number": String(keys[same].custodian.number)])
            }
            components.append(component)
        }
        let sum = try storing { () throws(CryptographyError) in try KeyComponent.combine(components) }
        do throws(Faults) {
            return try KeyComponent.make(sum, record.opening.algorithm)
        } catch {
            throw Faults(error.faults[0].code == "component.weak" ? "ceremony.weak-root" : "ceremony.zero-root")
        }
    }

    private func component(_ index: Int, of key: CustodianKey) throws(Faults) -> KeyComponent {
        let commitment = record.commitments[index]
        let name = ["number": String(key.custodian.number), "name": key.custodian.name]
        guard let contents = try key.openEnvelope(envelopes[index], header: commitment.signedBytes),
            contents.count == Self.saltLength + KeyComponent.length
        else { throw Faults("ceremony.envelope", name) }
        let salt = contents.withSpan { SecretBytes(copying: $0.extracting(0..<Self.saltLength)) }
        let bytes = contents.withSpan { SecretBytes(copying: $0.extracting(Self.saltLength..<$0.count)) }
        let component = try KeyComponent.make(bytes, record.opening.algorithm)
        guard try constantTimeEqual(component.commitment(salt: salt), commitment.commitment),
            try component.checkValue() == commitment.checkValue
        else { throw Faults("ceremony.commitment-mismatch", name) }
        return component
    }

    private func checkTurn(of custodian: Custodian) throws(Faults) {
        let name = ["number": String(custodian.number), "name": custodian.name]
        guard record.outcome == nil else { throw Faults("ceremony.finished") }
        guard record.opening.custodians.contains(custodian) else { throw Faults("ceremony.stranger", name) }
        guard !record.commitments.contains(where: { $0.custodian == custodian.number }) else {
            throw Faults("ceremony.already-committed", name)
        }
        guard let next, next == custodian else {
            throw Faults("ceremony.out-of-order", name.merging(["next": next?.name ?? ""]) { first, _ in first })
        }
    }

    private func checkPresence(_ keys: [CustodianKey]) throws(Faults) {
        let present = keys.map(\.custodian)
        for custodian in present where !record.opening.custodians.contains(custodian) {
            throw Faults("ceremony.stranger", ["number": String(custodian.number), "name": custodian.name])
        }
        let missing = record.opening.custodians.filter { !present.contains($0) }
        let faults = missing.map { Fault("ceremony.missing-key", ["number": String($0.number), "name": $0.name]) }
        if let faults = Faults(faults) { throw faults }
        if let faults = Faults(CustodianRoster.repeated(in: present)) { throw faults }
        for (custodian, expected) in zip(present, record.opening.custodians) where custodian != expected {
            throw Faults(
                "ceremony.out-of-order",
                ["number": String(custodian.number), "name": custodian.name, "next": expected.name])
        }
    }

    private func checkClock(_ time: RecordTime) throws(Faults) {
        let last = record.commitments.last?.time ?? record.opening.time
        guard time >= last else {
            throw Faults("ceremony.clock", ["time": time.description, "last": last.description])
        }
    }
}

// MARK: - The state file

extension KeyCeremony {
    /// The text of the file in which a ceremony waits for its next step: no component stands in it but under its custodian's seal.
    public var stateText: String {
        let envelopes = RecordJSON.list(envelopes.map { .text($0.hexadecimal) })
        return RecordJSON.object(
            [("format", .text(Self.stateFormat))] + record.members + [("envelopes", envelopes)]
        ).fileText
    }

    /// Takes a ceremony up again.
    ///
    /// Throws what ``CardData/DataFile/read(_:)`` throws, `record.format`, `record.value`, and `ceremony.state-altered` where the
    /// state is not as it was written.
    public static func read(_ path: String) throws(Faults) -> KeyCeremony { try KeyCeremony(DataFile.read(path)) }

    init(_ root: YAMLNode) throws(Faults) {
        try root.checkFormat(Self.stateFormat)
        try root.checkKeys(["format", "opening", "commitments", "outcome", "envelopes"])
        record = try CeremonyRecord(root)
        var envelopes: [[UInt8]] = []
        for node in try root.required("envelopes").list { envelopes.append(try node.hexBytes) }
        self.envelopes = envelopes
        do throws(Faults) {
            try record.check()
        } catch {
            throw root.fault("ceremony.state-altered", ["reason": error.faults[0].code.rawValue])
        }
        guard envelopes.count == (record.outcome == nil ? record.commitments.count : 0) else {
            throw root.fault("ceremony.state-altered", ["reason": "envelopes"])
        }
    }
}
