import ByteText
import CardCryptography
import CardData

/// What is stored on the card, and with which keys it is left.
extension GlobalPlatformProfileReader {
    static func storeData(
        _ root: YAMLNode, _ reading: inout NodeReading
    ) -> GlobalPlatformProfile.StoreData? {
        guard let node = reading.required(root, "storeData", { value throws(Faults) in value }) else { return nil }
        reading.refuseUnknownKeys(
            of: node,
            allowed: [
                "groupings", "recordTemplate", "marksLastBlock", "keysFirst", "encipheredBits", "blankRecords",
                "afterPersonalization",
            ])
        let groupings = reading.choice(node, "groupings", GlobalPlatformProfile.StoreData.Groupings.self)
        let template = reading.optional(node, "recordTemplate") { value throws(Faults) in try value.hexByte }
        let marks = reading.boolean(node, "marksLastBlock")
        let keysFirst = reading.boolean(node, "keysFirst")
        let bits = reading.required(node, "encipheredBits") { value throws(Faults) in
            let bits = try value.hexByte
            guard [0x20, 0x40, 0x60].contains(bits) else {
                throw value.fault("globalplatform.enciphered-bits", ["bits": bits.hexadecimal])
            }
            return bits
        }
        let blank = reading.boolean(node, "blankRecords")
        let later = reading.choice(
            node, "afterPersonalization", GlobalPlatformProfile.StoreData.AfterPersonalization.self)
        guard let groupings, let marks, let keysFirst, let bits, let blank, let later else { return nil }
        return GlobalPlatformProfile.StoreData(
            groupings: groupings, recordTemplate: template, marksLastBlock: marks, keysFirst: keysFirst,
            encipheredBits: bits, blankRecords: blank, afterPersonalization: later)
    }

    static func keyReplacement(
        _ root: YAMLNode, _ reading: inout NodeReading
    ) -> GlobalPlatformProfile.KeyReplacement? {
        guard let node = root["keyReplacement"] else { return nil }
        reading.refuseUnknownKeys(of: node, allowed: ["keySet", "replacing", "statesLength"])
        let keySet = reading.string(node, "keySet")
        let replacing = reading.hexByte(node, "replacing")
        let statesLength = reading.boolean(node, "statesLength")
        guard let keySet, let replacing, let statesLength else { return nil }
        return GlobalPlatformProfile.KeyReplacement(
            keySet: keySet, replacing: replacing, statesLength: statesLength)
    }

    /// How each key set's masters become a card's own keys; a set that the profile uses must be among them.
    static func diversification(
        _ root: YAMLNode, of used: [String?], _ reading: inout NodeReading
    ) -> [String: SecureChannelDiversification] {
        guard let node = reading.required(root, "diversification", { value throws(Faults) in value }) else {
            return [:]
        }
        let entries = reading.faults.attempt { () throws(Faults) in try node.mapping } ?? []
        var rules: [String: SecureChannelDiversification] = [:]
        for entry in entries {
            rules[entry.key] = reading.faults.attempt { () throws(Faults) in try entry.value.choice() }
        }
        for name in used.compactMap(\.self) where !entries.contains(where: { $0.key == name }) {
            reading.faults.add("globalplatform.no-diversification", ["name": name], at: node.place)
        }
        return rules
    }

    /// The key set that a replacement names; whether it is well said is told where the replacement is read.
    static func keySetName(of replacement: YAMLNode) -> String? { try? replacement["keySet"]?.string }
}
