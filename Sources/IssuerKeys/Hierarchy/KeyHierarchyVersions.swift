import CardData

/// Reading of what a hierarchy says about versions and their time.
extension KeyHierarchy {
    /// What holds for every key that does not say otherwise.
    struct Defaults {
        let versions: [Version]
        let periods: [KeyGroup: Int]

        /// One live version: what files without versions have.
        static let first = [Version(version: .first, stage: .live, since: nil)]

        /// `versions` and `periods` of the file.
        init(_ root: YAMLNode) throws(Faults) {
            var faults = FaultCollector()
            let versions = faults.attempt { () throws(Faults) in try root["versions"]?.versions() ?? Self.first }
            let periods = faults.attempt { () throws(Faults) in try Self.periods(root["periods"]) }
            try faults.check()
            guard let versions, let periods else { throw root.fault("data-file.empty") }
            self.versions = versions
            self.periods = periods
        }

        private static func periods(_ node: YAMLNode?) throws(Faults) -> [KeyGroup: Int] {
            var faults = FaultCollector()
            var periods: [KeyGroup: Int] = [:]
            for entry in try node?.mapping ?? [] {
                guard let group = KeyGroup(rawValue: entry.key) else {
                    let allowed = KeyGroup.allCases.map(\.rawValue).joined(separator: ", ")
                    faults.add(
                        "key-hierarchy.unknown-word", ["value": entry.key, "allowed": allowed], at: entry.place)
                    continue
                }
                periods[group] = faults.attempt { () throws(Faults) in try entry.value.days() }
            }
            try faults.check()
            return periods
        }
    }
}

extension YAMLNode {
    /// `{1: {stage: old, since: 20260101}, 2: {stage: live, since: 20280101}, 3: {stage: next}}`: one is live, older ones stand
    /// behind it, newer ones before it.
    func versions() throws(Faults) -> [KeyHierarchy.Version] {
        var faults = FaultCollector()
        var versions: [KeyHierarchy.Version] = []
        for entry in try mapping {
            guard let version = faults.attempt({ () throws(Faults) in try KeyHierarchy.Version(entry) }) else {
                continue
            }
            versions.append(version)
        }
        try faults.check()
        versions.sort { $0.version < $1.version }
        let isStaged = zip(versions, versions.dropFirst()).allSatisfy { $0.stage.order >= $1.stage.order }
        let isUnique = Set(versions.map(\.version)).count == versions.count
        guard isUnique, isStaged, versions.count(where: { $0.stage == .live }) == 1 else {
            throw fault("key-hierarchy.stages")
        }
        return versions
    }

    /// A number of days, at least one.
    func days() throws(Faults) -> Int {
        let days = try integer
        guard (1...36_525).contains(days) else { throw fault("key-hierarchy.period", ["value": String(days)]) }
        return days
    }

    /// A day YYYYMMDD.
    var day: CardDate {
        get throws(Faults) {
            let text = try string
            do throws(Faults) {
                return try CardDate(text)
            } catch {
                throw Faults(error.faults.map { $0.located(at: place) }) ?? error
            }
        }
    }
}

extension KeyHierarchy.Version {
    fileprivate init(_ entry: YAMLNode.Entry) throws(Faults) {
        var faults = FaultCollector()
        let node = entry.value
        node.unknownKeys(allowed: ["stage", "since"]).forEach { faults.add($0) }
        let version = KeyVersion(entry.key)
        if version == nil { faults.add("key-hierarchy.version", ["value": entry.key], at: entry.place) }
        let stage = faults.attempt { () throws(Faults) in try node.required("stage").word(KeyStage.self) }
        let since = faults.attempt { () throws(Faults) in try node["since"]?.day }
        try faults.check()
        guard let version, let stage else { throw node.fault("data-file.empty") }
        self.init(version: version, stage: stage, since: since ?? nil)
    }
}
