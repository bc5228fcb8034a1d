import ByteText
import CardData

/// Reads `fileTypes:` and `keyTypes:` of a profile.
enum COSCodesReader {
    static func read(_ root: YAMLNode, into reading: inout NodeReading) -> COSCodes? {
        guard let files = reading.required(root, "fileTypes", { value throws(Faults) in value }) else { return nil }
        var fileTypes: [ElementaryFile.Structure.Kind: UInt8] = [:]
        reading.refuseUnknownKeys(
            of: files, allowed: Set(ElementaryFile.Structure.Kind.allCases.map(\.rawValue.hyphenated)))
        for kind in ElementaryFile.Structure.Kind.allCases {
            fileTypes[kind] = reading.hexByte(files, kind.rawValue.hyphenated)
        }
        var keyTypes: [COSCodes.Key: UInt8] = [:]
        let entries = reading.optional(root, "keyTypes") { value throws(Faults) in try value.mapping } ?? []
        for entry in entries {
            let parts = entry.key.split(separator: "/").map { [UInt8](hexadecimal: $0) ?? [] }
            guard (1...2).contains(parts.count), parts.allSatisfy({ $0.count == 1 }) else {
                reading.faults.add("layout.key-identifier", ["key": entry.key], at: entry.place)
                continue
            }
            let key = COSCodes.Key(type: parts[0][0], identifier: parts.count == 2 ? parts[1][0] : nil)
            keyTypes[key] = reading.faults.attempt { () throws(Faults) in try entry.value.hexByte }
        }
        return COSCodes(fileTypes: fileTypes, keyTypes: keyTypes)
    }
}
