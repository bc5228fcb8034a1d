public import CardData

/// A layout as one card operating system keeps it: every access byte, size and creation command.
public struct CompiledCard: Hashable, Sendable {
    /// The layout.
    public let layout: CardLayout
    /// The card operating system.
    public let profile: COSProfile
    /// The master file, 3F00, which holds no file of the layout.
    public let masterFile: CompiledDirectory
    /// The directories, each behind its parent and before the next directory beside that.
    public let directories: [CompiledDirectory]

    /// The name under which the library gives this card again: the layout's, with `@PROFILE` behind it when the profile is not the
    /// layout's own.
    public var name: String {
        layout.profileName == profile.name ? layout.name : "\(layout.name)@\(profile.name)"
    }

    /// Bytes of card memory that everything takes.
    public var space: Int { masterFile.space }

    /// The compiled directory of that name.
    public func directory(_ name: String) -> CompiledDirectory? { directories.first { $0.name == name } }

    /// Compiles a layout.
    ///
    /// Throws all of: `layout.rule-without-state`, `layout.rule-not-expressible`, `layout.record-rule-not-expressible`,
    /// `layout.length-sum`, `layout.record-too-long`, `layout.too-many-records`, `layout.record-number`, `layout.file-too-large`,
    /// `layout.directory-not-in-profile`, `layout.parent-unknown`, `layout.memory`.
    public init(layout: CardLayout, profile: COSProfile) throws(Faults) {
        var faults = FaultCollector()
        guard let master = profile.directories["MF"] else {
            throw Faults("layout.directory-not-in-profile", ["name": "MF", "profile": profile.name], at: profile.place)
        }
        let created = layout.directories.filter(\.isCreated)
        let ordered = Self.ordered(created, &faults)
        var compiled: [CompiledDirectory] = []
        var spaceBelow: [String: Int] = [:]
        // Children first: a directory's size counts what lies below it.
        for directory in ordered.reversed() {
            guard let security = profile.directories[directory.name] else {
                faults.add(
                    "layout.directory-not-in-profile", ["name": directory.name, "profile": profile.name],
                    at: directory.place)
                continue
            }
            let result = faults.attempt { () throws(Faults) in
                try CompiledDirectory(
                    name: directory.name, identifier: directory.identifier, directory: directory, security: security,
                    profile: profile, children: ordered.filter { $0.parent == directory.name },
                    spaceBelow: spaceBelow[directory.name] ?? 0)
            }
            guard let result else { continue }
            result.sizeFaults(profile, creation: .createDirectory).forEach { faults.add($0) }
            compiled.append(result)
            spaceBelow[directory.parent ?? "MF", default: 0] += result.space
        }
        masterFile = try CompiledDirectory(
            name: "MF", identifier: 0x3F00, directory: nil, security: master, profile: profile,
            children: ordered.filter { $0.parent == nil }, spaceBelow: spaceBelow["MF"] ?? 0)
        masterFile.sizeFaults(profile, creation: .createMasterFile).forEach { faults.add($0) }
        if masterFile.space > profile.memorySize {
            faults.add(
                "layout.memory",
                ["needed": String(masterFile.space), "there": String(profile.memorySize), "profile": profile.name],
                at: layout.place)
        }
        try faults.check()
        self.layout = layout
        self.profile = profile
        directories = compiled.reversed()
    }

    /// Each directory with those in it behind it; a directory whose parent is missing or below itself is told.
    private static func ordered(_ directories: [Directory], _ faults: inout FaultCollector) -> [Directory] {
        func family(of directory: Directory) -> [Directory] {
            [directory] + directories.filter { $0.parent == directory.name }.flatMap(family)
        }
        let ordered = directories.filter { $0.parent == nil }.flatMap(family)
        for directory in directories where !ordered.contains(where: { $0.name == directory.name }) {
            faults.add(
                "layout.parent-unknown", ["name": directory.name, "parent": directory.parent ?? ""],
                at: directory.place)
        }
        return ordered
    }
}
