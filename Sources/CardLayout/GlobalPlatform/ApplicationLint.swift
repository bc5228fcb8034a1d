import ByteText
public import CardData

/// Judges a layout as applications of a GlobalPlatform card: what is wrong with the profile for it, and what such a card leaves open.
public struct ApplicationLint {
    private let layout: CardLayout
    private let profile: GlobalPlatformProfile
    private let card: COSProfile
    private let keyNames: Set<String>?
    private let keySets: Set<String>?

    /// A lint; nil for a profile that is not a GlobalPlatform card's.
    ///
    /// - Parameters:
    ///   - keyNames: the keys of the hierarchy; nil when they are not judged.
    ///   - keySets: the key sets of security domains in the hierarchy; nil when they are not judged.
    public init?(layout: CardLayout, profile: COSProfile, keyNames: Set<String>?, keySets: Set<String>?) {
        guard let domain = profile.globalPlatform else { return nil }
        (self.layout, self.profile, card) = (layout, domain, profile)
        (self.keyNames, self.keySets) = (keyNames, keySets)
    }

    /// Everything that is wrong: `layout.key-unknown`, `globalplatform.unknown-key-set`.
    public func check() -> [Fault] {
        var faults: [Fault] = []
        for name in [profile.keySet, profile.keyReplacement?.keySet].compactMap(\.self) {
            guard let keySets, !keySets.contains(name) else { continue }
            faults.append(Fault("globalplatform.unknown-key-set", ["name": name]).located(at: profile.place))
        }
        for application in profile.applications {
            for key in application.keyGroupings.flatMap(\.keys) {
                guard let keyNames, !keyNames.contains(key) else { continue }
                faults.append(Fault("layout.key-unknown", ["key": key]).located(at: application.place))
            }
        }
        return faults
    }

    /// What the card does not do of the layout, so that nobody takes it for done: files that are left out, read rules that are the
    /// applications' own affair, and first keys that stay.
    public var notices: [Fault] {
        var notices: [Fault] = []
        for directory in layout.directories {
            for file in directory.files where file.isCreated {
                let path = "\(directory.name)/\(file.name)"
                if !card.carries(file) {
                    notices.append(
                        Fault("globalplatform.file-left-out", ["file": path, "title": file.title])
                            .located(at: file.place))
                } else if file.read != .free {
                    notices.append(
                        Fault("globalplatform.rule-left-open", ["file": path, "rule": "\(file.read)"])
                            .located(at: file.place))
                }
            }
        }
        if profile.keyReplacement == nil {
            notices.append(
                Fault("globalplatform.final-keys-missing", ["profile": profile.name]).located(at: profile.place))
        }
        return notices
    }

    /// The same in one line, for whoever plans or makes a card; none when nothing is left open.
    public var summary: [Fault] {
        let all = notices
        guard !all.isEmpty else { return [] }
        let files = all.filter { $0.code == "globalplatform.file-left-out" }.compactMap { $0.parameters["file"] }
        let rules = all.count { $0.code == "globalplatform.rule-left-open" }
        var summary = [
            Fault(
                "globalplatform.left-open",
                [
                    "profile": profile.name, "layout": layout.name, "files": files.joined(separator: " "),
                    "rules": String(rules),
                ])
        ]
        summary += all.filter { $0.code == "globalplatform.final-keys-missing" }
        return summary
    }
}
