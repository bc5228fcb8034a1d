import ByteText
import CardData

/// Reads `publicKeys` of a profile.
enum PublicKeyRulesReader {
    /// The rules; nil where the profile has none, or where something in them is wrong.
    static func read(_ root: YAMLNode, into reading: inout NodeReading) -> PublicKeyRules? {
        guard let node = root["publicKeys"] else { return nil }
        reading.refuseUnknownKeys(
            of: node, allowed: ["directory", "file", "header", "make", "sign", "makeRight", "signRight"])
        let directory = reading.required(node, "directory") { value throws(Faults) in
            let name = try value.string
            guard root["directories"]?[name] != nil else {
                throw value.fault("layout.public-key-directory", ["directory": name])
            }
            return name
        }
        let file = reading.required(node, "file") { value throws(Faults) in try value.hexNumber(UInt16.self) }
        let header = reading.required(node, "header") { value throws(Faults) in try bytes(value, count: 2) }
        let make = reading.required(node, "make") { value throws(Faults) in try bytes(value, count: 4) }
        let sign = reading.required(node, "sign") { value throws(Faults) in try bytes(value, count: 4) }
        let makeRight = reading.hexByte(node, "makeRight")
        let signRight = reading.hexByte(node, "signRight")
        guard let directory, let file, let header, let make, let sign, let makeRight, let signRight else { return nil }
        return PublicKeyRules(
            directory: directory, file: file, header: header, make: make, sign: sign, makeRight: makeRight,
            signRight: signRight)
    }

    private static func bytes(_ node: YAMLNode, count: Int) throws(Faults) -> [UInt8] {
        let bytes = try node.hexBytes
        guard bytes.count == count else {
            throw node.fault("data-file.not-hexadecimal", ["value": try node.string, "digits": String(count * 2)])
        }
        return bytes
    }
}
