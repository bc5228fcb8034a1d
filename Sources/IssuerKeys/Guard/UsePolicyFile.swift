public import CardData

/// Reading of the policy file.
extension UsePolicy {
    /// Reads a policy file.
    ///
    /// Throws all faults at once: those of ``DataFile/read(_:)``, `use-policy.unknown-word`, `use-policy.number`, `use-policy.missing`
    /// for an operation without a rule, `use-policy.unknown-key`, and `use-policy.key-without-commands` for a key of the hierarchy that
    /// makes MACs of commands and has no entry.
    public static func read(_ path: String, hierarchy: KeyHierarchy) throws(Faults) -> UsePolicy {
        try UsePolicy(DataFile.read(path), hierarchy: hierarchy)
    }

    init(_ root: YAMLNode, hierarchy: KeyHierarchy) throws(Faults) {
        var faults = FaultCollector()
        root.unknownKeys(allowed: ["version", "operations", "keys"]).forEach { faults.add($0) }
        let version = faults.attempt { () throws(Faults) in try root.required("version").string }
        var rules: [KeyOperation: Rule] = [:]
        for entry in faults.attempt({ () throws(Faults) in try root.required("operations").mapping }) ?? [] {
            _ = faults.attempt { () throws(Faults) in
                let operation = try Self.word(entry.key, KeyOperation.self, at: entry.place)
                rules[operation] = try Rule(entry.value)
            }
        }
        for operation in KeyOperation.allCases where rules[operation] == nil && version != nil {
            faults.add("use-policy.missing", ["operation": operation.rawValue], at: root.place)
        }
        var protections: [KeyName: Protection] = [:]
        for entry in faults.attempt({ () throws(Faults) in try root.required("keys").mapping }) ?? [] {
            let name = KeyName(rawValue: entry.key)
            if hierarchy[name] == nil { faults.add("use-policy.unknown-key", ["key": entry.key], at: entry.place) }
            _ = faults.attempt { () throws(Faults) in protections[name] = try Protection(entry.value) }
        }
        for key in hierarchy.keys where !key.uses.isDisjoint(with: [.commandMAC, .commandEncipherment]) {
            guard protections[key.name] == nil else { continue }
            faults.add("use-policy.key-without-commands", ["key": key.name.rawValue], at: root.place)
        }
        try faults.check()
        self.version = version ?? ""
        self.rules = rules
        self.protections = protections
    }

    fileprivate static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ text: String, _: Word.Type, at place: SourcePlace
    ) throws(Faults) -> Word {
        guard let word = Word(rawValue: text) else {
            let allowed = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw Faults("use-policy.unknown-word", ["value": text, "allowed": allowed], at: place)
        }
        return word
    }

    fileprivate static func words<Word: RawRepresentable<String> & CaseIterable & Hashable>(
        _ node: YAMLNode, _: Word.Type
    ) throws(Faults) -> Set<Word> {
        var words: Set<Word> = []
        for member in try node.list { words.insert(try word(member.string, Word.self, at: member.place)) }
        return words
    }

    fileprivate static func number(_ node: YAMLNode, _ range: ClosedRange<Int>) throws(Faults) -> Int {
        let number = try node.integer
        guard range.contains(number) else {
            throw node.fault(
                "use-policy.number",
                ["value": String(number), "least": String(range.lowerBound), "most": String(range.upperBound)])
        }
        return number
    }
}

extension UsePolicy.Rule {
    fileprivate init(_ node: YAMLNode) throws(Faults) {
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["roles", "groups", "per-day", "persons", "ticket"]).forEach { faults.add($0) }
        var roles: Set<String> = []
        for member in faults.attempt({ () throws(Faults) in try node.required("roles").list }) ?? [] {
            _ = faults.attempt { () throws(Faults) in roles.insert(try member.string) }
        }
        let groups = faults.attempt { () throws(Faults) in
            try node["groups"].map { groups throws(Faults) in try UsePolicy.words(groups, KeyGroup.self) } ?? []
        }
        let perDay = faults.attempt { () throws(Faults) in
            try node["per-day"].map { number throws(Faults) in try UsePolicy.number(number, 0...100_000_000) }
        }
        let persons = faults.attempt { () throws(Faults) in
            try node["persons"].map { number throws(Faults) in try UsePolicy.number(number, 1...2) } ?? 1
        }
        let ticket = faults.attempt { () throws(Faults) in try node["ticket"]?.boolean ?? false }
        try faults.check()
        self.init(
            roles: roles, groups: groups ?? [], perDay: perDay ?? nil, persons: persons ?? 2,
            needsTicket: ticket ?? true)
    }
}

extension UsePolicy.Protection {
    fileprivate init(_ node: YAMLNode) throws(Faults) {
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["commands", "files"]).forEach { faults.add($0) }
        let commands = faults.attempt { () throws(Faults) in
            try UsePolicy.words(node.required("commands"), ProtectableCommand.self)
        }
        var files: Set<UInt8> = []
        for member in faults.attempt({ () throws(Faults) in try node["files"]?.list ?? [] }) ?? [] {
            _ = faults.attempt { () throws(Faults) in files.insert(try member.hexByte) }
        }
        try faults.check()
        self.init(commands: commands ?? [], files: files)
    }
}
