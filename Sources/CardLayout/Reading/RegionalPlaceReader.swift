import CardData

/// Reads `regionalPlaces: {files: {SSSE: [EF0C]}, directories: [DF0A]}`; identifiers and names are the same four digits.
enum RegionalPlaceReader {
    static func read(_ node: YAMLNode?, into reading: inout NodeReading) -> [RegionalPlace] {
        guard let node else { return [] }
        reading.refuseUnknownKeys(of: node, allowed: ["files", "directories"])
        var places: [RegionalPlace] = []
        let files = reading.optional(node, "files") { value throws(Faults) in try value.mapping } ?? []
        for entry in files {
            places += names(entry.value, &reading).map { name, identifier in
                RegionalPlace(directory: entry.key, file: name, identifier: identifier)
            }
        }
        if let directories = node["directories"] {
            places += names(directories, &reading).map { name, identifier in
                RegionalPlace(directory: name, identifier: identifier)
            }
        }
        return places
    }

    private static func names(_ node: YAMLNode, _ reading: inout NodeReading) -> [(String, UInt16)] {
        reading.faults.attempt { () throws(Faults) in
            var names: [(String, UInt16)] = []
            for member in try node.list { names.append((try member.string, try member.hexNumber())) }
            return names
        } ?? []
    }
}
