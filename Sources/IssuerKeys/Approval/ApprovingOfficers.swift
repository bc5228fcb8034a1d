import ByteText
public import CardCryptography
public import CardData

/// The persons who may approve, with their public keys (`Keys/officers.yaml` of a site, never a secret).
public struct ApprovingOfficers: Sendable {
    private var keys: [String: SM2.VerificationKey] = [:]

    /// Nobody.
    public init() {}

    /// Lets a person approve.
    ///
    /// Throws `approval.officer-name` for a name that is none, and `approval.officer-twice` when the name or the key is there already:
    /// two persons with one key are one.
    public mutating func add(_ name: String, key: SM2.VerificationKey) throws(Faults) {
        guard Self.isName(name) else { throw Faults("approval.officer-name", ["officer": name]) }
        guard keys[name] == nil, !keys.values.contains(where: { $0.point == key.point }) else {
            throw Faults("approval.officer-twice", ["officer": name])
        }
        keys[name] = key
    }

    /// Reads the file of a site: `officers`, a map from name to the key's point, 04 ‖ x ‖ y in hexadecimal digits.
    ///
    /// Throws all faults at once: those of ``DataFile/read(_:)``, of ``add(_:key:)``, and `approval.officer-key`.
    public static func read(_ path: String) throws(Faults) -> ApprovingOfficers {
        var officers = ApprovingOfficers()
        var faults = FaultCollector()
        let root = try DataFile.read(path)
        root.unknownKeys(allowed: ["officers"]).forEach { faults.add($0) }
        for entry in try root.required("officers").mapping {
            _ = faults.attempt(at: entry.place) { () throws(Faults) in
                guard let key = try? SM2.VerificationKey(point: entry.value.hexBytes) else {
                    throw entry.value.fault("approval.officer-key", ["officer": entry.key])
                }
                try officers.add(entry.key, key: key)
            }
        }
        try faults.check()
        return officers
    }

    /// The names, in order.
    public var names: [String] { keys.keys.sorted() }

    /// A person's key; nil when the person may not approve.
    public subscript(name: String) -> SM2.VerificationKey? { keys[name] }

    /// Whether text can name a person: 1 to 32 letters, digits, full stops and hyphens.
    static func isName(_ name: String) -> Bool { name.utf8.count <= 32 && KeySetHeader.isName(name) }
}
