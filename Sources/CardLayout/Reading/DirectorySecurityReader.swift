import ByteText
import CardData

/// Reads the states and keys of a profile's directories.
enum DirectorySecurityReader {
    private static let defaultKeys: Set<String> = ["use", "change", "tries", "protected"]

    /// `directories:` of a profile; `keyDefaults:` fills what a key record does not say.
    ///
    /// - Parameter localKeyBit: whether EXTERNAL AUTHENTICATE names keys outside the master file with bit 8.
    static func readAll(
        _ root: YAMLNode, localKeyBit: Bool, into reading: inout NodeReading
    ) -> [String: DirectorySecurity] {
        let defaults = root["keyDefaults"]
        if let defaults { reading.refuseUnknownKeys(of: defaults, allowed: defaultKeys) }
        let entries = reading.required(root, "directories") { value throws(Faults) in try value.mapping } ?? []
        var directories: [String: DirectorySecurity] = [:]
        for entry in entries {
            let bits: UInt8 = localKeyBit && entry.key != "MF" ? 0x80 : 0x00
            directories[entry.key] = directory(entry, defaults, localBits: bits, &reading)
        }
        return directories
    }

    private static func directory(
        _ entry: YAMLNode.Entry, _ defaults: YAMLNode?, localBits: UInt8, _ reading: inout NodeReading
    ) -> DirectorySecurity? {
        let node = entry.value
        reading.refuseUnknownKeys(
            of: node,
            allowed: [
                "createRight", "eraseRight", "addKeyRight", "shortIdentifier", "states", "keys", "directoryFile",
                "transactionFile",
            ])
        let create = reading.hexByte(node, "createRight")
        let erase = reading.hexByte(node, "eraseRight")
        let add = reading.hexByte(node, "addKeyRight")
        let short = reading.hexByte(node, "shortIdentifier")
        let stateEntries = reading.required(node, "states") { value throws(Faults) in try value.mapping } ?? []
        let states = stateEntries.compactMap { state in
            reading.faults.attempt { () throws(Faults) in try Self.state(state) }
        }
        let keyEntries = reading.required(node, "keys") { value throws(Faults) in try value.mapping } ?? []
        // `none` takes away what the extended profile has.
        let stated = keyEntries.filter { (try? $0.value.string) != "none" }
        let keys = withPINLast(stated.compactMap { key($0, defaults, localBits: localBits, &reading) })
        check(keys, states, &reading)
        let directoryFile = systemFile(node, "directoryFile", &reading)
        let transactionFile = systemFile(node, "transactionFile", &reading)
        guard let create, let erase, let add, let short else { return nil }
        return DirectorySecurity(
            createRight: create, eraseRight: erase, addKeyRight: add, shortIdentifierByte: short, states: states,
            keys: keys, directoryFile: directoryFile, transactionFile: transactionFile, place: entry.place)
    }

    /// `{identifier: 001D, size: 230, recordLength: 23, read: EF, write: EF}`; sizes are decimal, and may be missing.
    private static func systemFile(_ node: YAMLNode, _ key: String, _ reading: inout NodeReading) -> SystemFileRule? {
        guard let rule = node[key] else { return nil }
        reading.refuseUnknownKeys(of: rule, allowed: ["identifier", "size", "recordLength", "read", "write"])
        let identifier = reading.required(rule, "identifier") { value throws(Faults) -> UInt16 in try value.hexNumber()
        }
        let size = reading.optional(rule, "size") { value throws(Faults) in try value.integer(in: 1...0x7FFF) }
        let length = reading.optional(rule, "recordLength") { value throws(Faults) in try value.integer(in: 0...255) }
        let read = reading.hexByte(rule, "read")
        let write = reading.hexByte(rule, "write")
        guard let identifier, let read, let write else { return nil }
        return SystemFileRule(
            identifier: identifier, size: size, recordLength: UInt8(length ?? 0), readRight: read, writeRight: write)
    }

    /// Keys that an extending profile adds stand before the PIN of the one it extends.
    private static func withPINLast(_ keys: [KeyRecord]) -> [KeyRecord] {
        guard let index = keys.firstIndex(where: \.isPIN),
            keys[(index + 1)...].allSatisfy({ $0.place.file != keys[index].place.file })
        else { return keys }
        return Array(keys[..<index]) + keys[(index + 1)...] + [keys[index]]
    }

    /// `3: pin & RK1DF04`: what has been presented when the register shows 3.
    ///
    /// A state that none explains is the master key's own: F, or what the maker gave it.
    private static func state(_ entry: YAMLNode.Entry) throws(Faults) -> DirectorySecurity.State {
        guard entry.key.utf8.count == 1, let value = UInt8(entry.key, radix: 16), (1...14).contains(value) else {
            throw Faults("layout.state-value", ["value": entry.key], at: entry.place)
        }
        let presented: [AccessRule]
        switch try AccessRuleReader.read(entry.value) {
        case .all(let rules): presented = rules
        case let rule: presented = [rule]
        }
        var keys: Set<String> = []
        var pin = false
        for rule in presented {
            switch rule {
            case .pin: pin = true
            case .key(let name): keys.insert(name)
            default: throw entry.value.fault("layout.state-rule", ["state": entry.key])
            }
        }
        return DirectorySecurity.State(value: value, keys: keys, pin: pin)
    }

    /// `39/A1: {name: RK1DF01, state: 1}`: type and identifier, then what the record holds.
    private static func key(
        _ entry: YAMLNode.Entry, _ defaults: YAMLNode?, localBits: UInt8, _ reading: inout NodeReading
    ) -> KeyRecord? {
        let node = entry.value
        let parts = entry.key.split(separator: "/").map { [UInt8](hexadecimal: $0) ?? [] }
        guard parts.count == 2, parts[0].count == 1, parts[1].count == 1, kinds.contains(parts[0][0]) else {
            reading.faults.add("layout.key-identifier", ["key": entry.key], at: entry.place)
            return nil
        }
        let (type, identifier) = (parts[0][0], parts[1][0])
        // Types 30 to 35 and those of payments, 3C to 3F, state a version and an algorithm where the others state the next state and a counter.
        let isInternal = type < 0x36 || type == purchaseKind
        let (fourth, fifth) = isInternal ? ("version", "algorithm") : ("state", "tries")
        reading.refuseUnknownKeys(of: node, allowed: ["name", "use", "change", "protected", fourth, fifth])
        let merged = defaults.map { ExtendingFile.merge($0, with: node) } ?? node
        let name = reading.string(node, "name")
        let use = reading.hexByte(merged, "use")
        let change = reading.hexByte(merged, "change")
        let isProtected = reading.boolean(merged, "protected")
        let next: UInt8?
        let tries: UInt8?
        if isInternal {
            next = reading.hexByte(node, "version")
            tries = reading.hexByte(node, "algorithm")
        } else {
            let setsState = type == 0x39 || type == 0x3A
            next = setsState ? reading.required(node, "state", Self.nibble) : 0xFF
            tries = reading.integer(merged, "tries", in: 1...15).map { UInt8($0) }
        }
        guard let name, let use, let change, let isProtected, let next, let tries else { return nil }
        return KeyRecord(
            name: name, type: type, identifier: identifier, useRight: use, changeRight: change, nextState: next,
            tries: tries, isProtected: isProtected, reference: identifier | localBits, place: entry.place)
    }

    private static let purchaseKind: UInt8 = 0x3E
    private static let kinds: Set<UInt8> = [0x30, 0x31, 0x32, 0x34, 0x36, 0x37, 0x38, 0x39, 0x3A, purchaseKind]

    private static func nibble(_ node: YAMLNode) throws(Faults) -> UInt8 {
        let text = try node.string
        guard text.utf8.count == 1, let value = UInt8(text, radix: 16), value > 0 else {
            throw node.fault("layout.state-value", ["value": text])
        }
        return value
    }

    /// The master key leads, the PIN ends, and every state that another key sets is one that the table explains.
    private static func check(
        _ keys: [KeyRecord], _ states: [DirectorySecurity.State], _ reading: inout NodeReading
    ) {
        if let first = keys.first, !first.isMaster {
            reading.faults.add("layout.master-key-first", ["key": first.name], at: first.place)
        }
        for (index, key) in keys.enumerated() where key.isPIN && index != keys.count - 1 {
            reading.faults.add("layout.pin-last", at: key.place)
        }
        for key in keys where key.type == 0x39 || key.isPIN {
            let state = states.first { $0.value == key.nextState }
            let explained =
                if key.isMaster { state == nil } else if key.isPIN { state?.pin == true } else {
                    state?.keys.contains(key.name) == true
                }
            if !explained {
                reading.faults.add(
                    "layout.state-of-key",
                    ["key": key.name, "state": String(key.nextState, radix: 16, uppercase: true)],
                    at: key.place)
            }
        }
    }
}
