import ByteText
public import CardData

/// Reading of the hierarchy file.
extension KeyHierarchy {
    /// Reads a hierarchy file.
    ///
    /// Throws all faults at once: those of ``DataFile/read(_:)``, `key-hierarchy.level`, `key-hierarchy.factor`,
    /// `key-hierarchy.name`, `key-hierarchy.duplicate`, `key-hierarchy.unknown-word`, `key-hierarchy.use-conflict`,
    /// `key-hierarchy.number`, `key-hierarchy.version`, `key-hierarchy.stages`, `key-hierarchy.period`, those of dates,
    /// `key-hierarchy.place-taken`, `key-hierarchy.published-value` and `key-hierarchy.no-domain-key`.
    public static func read(_ path: String) throws(Faults) -> KeyHierarchy {
        try KeyHierarchy(DataFile.read(path))
    }

    init(_ root: YAMLNode) throws(Faults) {
        var faults = FaultCollector()
        root.unknownKeys(allowed: [
            "parity", "levels", "versions", "periods", "cut-off", "identificationCode", "keys", "securityDomains",
        ]).forEach { faults.add($0) }
        let parity = faults.attempt { () throws(Faults) in try root.required("parity").word(KeyParity.self) }
        let levels = faults.attempt { () throws(Faults) in try Self.levels(root.required("levels")) }
        let defaults = faults.attempt { () throws(Faults) in try Defaults(root) }
        let cutOffs = faults.attempt { () throws(Faults) in try Self.cutOffs(root["cut-off"]) }
        var keys: [Key] = []
        var names: Set<KeyName> = []
        for entry in faults.attempt({ () throws(Faults) in try root.required("keys").mapping }) ?? [] {
            guard let key = faults.attempt({ () throws(Faults) in try Key(entry, defaults) }) else { continue }
            if !names.insert(key.name).inserted {
                faults.add("key-hierarchy.duplicate", ["key": key.name.rawValue], at: entry.place)
            }
            keys.append(key)
        }
        Self.sharedPlaces(keys).forEach { faults.add($0) }
        let domains = faults.attempt { () throws(Faults) in
            try SecurityDomainKeySet.all(in: root["securityDomains"], keys: keys)
        }
        let code = faults.attempt { () throws(Faults) in
            try IdentificationCodeRule(of: root["identificationCode"], keys: keys)
        }
        try faults.check()
        guard let parity, let levels, let cutOffs, let code else { throw root.fault("data-file.empty") }
        self.init(
            keys: keys, levels: levels, parity: parity, cutOffs: cutOffs, securityDomains: domains ?? [],
            identificationCode: code)
    }

    /// `cut-off: {3des: 20301231}`.
    private static func cutOffs(_ node: YAMLNode?) throws(Faults) -> [CardAlgorithm: CardDate] {
        var faults = FaultCollector()
        var cutOffs: [CardAlgorithm: CardDate] = [:]
        for entry in try node?.mapping ?? [] {
            guard let algorithm = CardAlgorithm(entry.key) else {
                faults.add(
                    "key-hierarchy.unknown-word",
                    ["value": entry.key, "allowed": CardAlgorithm.allCases.map(\.description).joined(separator: ", ")],
                    at: entry.place)
                continue
            }
            cutOffs[algorithm] = faults.attempt { () throws(Faults) in try entry.value.day }
        }
        try faults.check()
        return cutOffs
    }

    /// Keys that have the place of another one in the hardware module, or its identifier in a PSAM.
    private static func sharedPlaces(_ keys: [Key]) -> [Fault] {
        var addresses: [UInt16: KeyName] = [:]
        var identifiers: [UInt8: KeyName] = [:]
        var faults: [Fault] = []
        for key in keys {
            func note(_ other: KeyName?, _ place: String) {
                guard let other else { return }
                faults.append(
                    Fault(
                        "key-hierarchy.place-taken",
                        ["key": key.name.rawValue, "other": other.rawValue, "place": place], at: key.place))
            }
            if let first = key.moduleAddress {
                for group in 0..<UInt16(key.moduleGroups) {
                    let address = first &+ group
                    note(addresses.updateValue(key.name, forKey: address), "HSM \(address.hexadecimal)")
                }
            }
            if let identifier = key.terminalKey?.identifier {
                note(identifiers.updateValue(key.name, forKey: identifier), "PSAM \(identifier.hexadecimal)")
            }
        }
        return faults
    }

    private static func levels(_ node: YAMLNode) throws(Faults) -> [LevelFactor] {
        var faults = FaultCollector()
        let levels = try node.mapping.compactMap { entry in
            faults.attempt { () throws(Faults) in try LevelFactor(entry) }
        }
        try faults.check()
        guard levels.map(\.level) == [.province, .city, .card] else { throw node.fault("key-hierarchy.level") }
        return levels
    }
}

extension LevelFactor {
    fileprivate init(_ entry: YAMLNode.Entry) throws(Faults) {
        guard let level = KeyLevel(rawValue: entry.key), level != .ministry else {
            throw Faults("key-hierarchy.level", at: entry.place)
        }
        let node = entry.value
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["title", "digits", "suffix"]).forEach { faults.add($0) }
        try faults.check()
        self.level = level
        place = entry.place
        guard level != .card else {
            rule = .card
            return
        }
        let digits = try node.required("digits").integer
        let suffix = try node.required("suffix").hexBytes
        guard (1...6).contains(digits), digits + suffix.count == 8 else { throw node.fault("key-hierarchy.factor") }
        rule = .area(digits: digits, suffix: suffix)
    }
}

extension KeyHierarchy.Key {
    private static let allowedKeys: Set = [
        "group", "use", "title", "algorithms", "versions", "period", "address", "groups", "length", "psam",
    ]

    fileprivate init(_ entry: YAMLNode.Entry, _ defaults: KeyHierarchy.Defaults?) throws(Faults) {
        let node = entry.value
        var faults = FaultCollector()
        node.unknownKeys(allowed: Self.allowedKeys).forEach { faults.add($0) }
        // upper-case letters and digits only, so that a name fits every file, message and command line
        if entry.key.isEmpty || !entry.key.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        {
            faults.add("key-hierarchy.name", ["key": entry.key], at: entry.place)
        }
        let group = faults.attempt { () throws(Faults) in try node.required("group").word(KeyGroup.self) }
        let title = faults.attempt { () throws(Faults) in try node.required("title").string }
        let uses = faults.attempt { () throws(Faults) in try node.required("use").words(KeyUse.self) }
        if let uses, uses.contains(.commandEncipherment), !uses.isSubset(of: [.commandEncipherment, .commandMAC]) {
            faults.add("key-hierarchy.use-conflict", ["key": entry.key], at: entry.place)
        }
        let algorithms = faults.attempt { () throws(Faults) in try node.algorithms() }
        let versions = faults.attempt { () throws(Faults) in try node["versions"]?.versions() }
        let period = faults.attempt { () throws(Faults) in try node["period"]?.days() }
        let address = faults.attempt { () throws(Faults) in try node["address"]?.hexNumber(UInt16.self) }
        let groups = faults.attempt { () throws(Faults) in try node.number("groups", of: [1, 2, 3]) ?? 1 }
        let length = faults.attempt { () throws(Faults) in try node.number("length", of: [8, 16]) ?? 16 }
        let terminal = faults.attempt { () throws(Faults) in try node["psam"]?.terminalKey() }
        try faults.check()
        guard let group, let title, let uses, let algorithms, let groups, let length else {
            throw node.fault("data-file.empty")
        }
        self.init(
            name: KeyName(rawValue: entry.key), group: group, uses: uses, title: title, algorithms: algorithms,
            versions: (versions ?? nil) ?? defaults?.versions ?? KeyHierarchy.Defaults.first,
            period: (period ?? nil) ?? defaults?.periods[group],
            moduleAddress: address ?? nil, moduleGroups: groups, moduleLength: length, terminalKey: terminal ?? nil,
            place: entry.place)
    }
}

extension YAMLNode {
    func word<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type) throws(Faults) -> Word {
        let text = try string
        guard let word = Word(rawValue: text) else {
            throw unknownWord(text, Word.allCases.map(\.rawValue))
        }
        return word
    }

    fileprivate func words<Word: RawRepresentable<String> & CaseIterable & Hashable>(
        _: Word.Type
    ) throws(Faults) -> Set<Word> {
        var words: Set<Word> = []
        for member in try list { words.insert(try member.word(Word.self)) }
        return words
    }

    /// `algorithms`; when it is missing, both that exist in software.
    fileprivate func algorithms() throws(Faults) -> Set<CardAlgorithm> {
        guard let node = self["algorithms"] else { return [.tripleDES, .sm4] }
        var algorithms: Set<CardAlgorithm> = []
        for member in try node.list {
            let text = try member.string
            guard let algorithm = CardAlgorithm(text) else {
                throw member.unknownWord(text, CardAlgorithm.allCases.map(\.description))
            }
            algorithms.insert(algorithm)
        }
        return algorithms
    }

    fileprivate func number(_ key: String, of allowed: [Int]) throws(Faults) -> Int? {
        guard let node = self[key] else { return nil }
        let number = try node.integer
        guard allowed.contains(number) else {
            throw node.fault(
                "key-hierarchy.number",
                ["key": key, "value": String(number), "allowed": allowed.map(String.init).joined(separator: ", ")])
        }
        return number
    }

    fileprivate func terminalKey() throws(Faults) -> KeyHierarchy.TerminalKey {
        var faults = FaultCollector()
        unknownKeys(allowed: ["class", "id"]).forEach { faults.add($0) }
        try faults.check()
        return try KeyHierarchy.TerminalKey(keyClass: required("class").hexByte, identifier: required("id").hexByte)
    }

    func unknownWord(_ text: String, _ allowed: [String]) -> Faults {
        fault("key-hierarchy.unknown-word", ["value": text, "allowed": allowed.joined(separator: ", ")])
    }
}
