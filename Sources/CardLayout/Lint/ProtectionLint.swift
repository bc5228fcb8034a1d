import CardData

/// Line protection that promises what it cannot keep.
struct ProtectionLint {
    let layout: CardLayout
    let lineKeys: LineKeys?

    /// `layout.protection-free`, `layout.protection-use`.
    func check(_ faults: inout FaultCollector) {
        for directory in layout.directories {
            for file in directory.files where file.isCreated {
                guard let protection = file.protection else { continue }
                // What the rule gives to everybody only the holder of the key would get.
                if protection.reading == .protected && file.read == .free {
                    faults.add("layout.protection-free", ["file": file.name], at: protection.place)
                }
                guard let lineKeys else { continue }
                let able = protection.mode == .mac ? lineKeys.macs : lineKeys.enciphering
                if lineKeys.all.contains(protection.keyName), !able.contains(protection.keyName) {
                    faults.add(
                        "layout.protection-use",
                        ["file": file.name, "key": protection.keyName, "mode": protection.mode.rawValue],
                        at: protection.place)
                }
            }
        }
    }
}

/// Which keys of a hierarchy protect commands, by name.
public struct LineKeys: Hashable, Sendable {
    /// All keys.
    public let all: Set<String>
    /// Those that make MACs of commands.
    public let macs: Set<String>
    /// Those that encipher commands.
    public let enciphering: Set<String>

    /// The keys by what they do.
    public init(all: Set<String>, macs: Set<String>, enciphering: Set<String>) {
        self.all = all
        self.macs = macs
        self.enciphering = enciphering
    }
}
