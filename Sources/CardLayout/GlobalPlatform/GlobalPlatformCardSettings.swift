import ByteText
import CardData

extension GlobalPlatformProfileReader {
    /// What the chip is, beside its secure channel: memory, first keys, the keys and the PIN of its applications.
    struct CardSettings {
        let algorithm: COSProfile.Algorithm?
        let cardFactor: COSProfile.CardFactorRule?
        let memorySize: Int?
        let largestCommandData: Int?
        let blankKeys: GlobalPlatformProfile.BlankKeys?
        let masterKeyIdentifier: [UInt8]?
        let authenticationTries: Int?
        let pin: GlobalPlatformProfile.PINGroupings?

        init(_ root: YAMLNode, _ reading: inout NodeReading) {
            algorithm = reading.required(root, "algorithm") { value throws(Faults) in
                try COSProfileReader.algorithm(value)
            }
            cardFactor = reading.required(root, "cardFactor") { value throws(Faults) in
                try COSProfileReader.cardFactor(value)
            }
            memorySize = reading.integer(root, "memorySize", in: 1024...1_048_576)
            largestCommandData = reading.integer(root, "largestCommandData", in: 64...255)
            blankKeys = Self.blankKeys(root, &reading)
            masterKeyIdentifier = reading.required(root, "masterKeyIdentifier") { value throws(Faults) in
                try Self.bytes(value, 6)
            }
            authenticationTries = reading.integer(root, "authenticationTries", in: 1...255)
            pin = Self.pin(root, &reading)
        }

        private static func blankKeys(
            _ root: YAMLNode, _ reading: inout NodeReading
        ) -> GlobalPlatformProfile.BlankKeys? {
            guard let node = reading.required(root, "blankKeys", { value throws(Faults) in value }) else { return nil }
            reading.refuseUnknownKeys(of: node, allowed: ["version", "value"])
            let version = reading.hexByte(node, "version")
            let value = reading.required(node, "value") { value throws(Faults) in try bytes(value, 16) }
            guard let version, let value else { return nil }
            return GlobalPlatformProfile.BlankKeys(version: version, value: value)
        }

        private static func pin(
            _ root: YAMLNode, _ reading: inout NodeReading
        ) -> GlobalPlatformProfile.PINGroupings? {
            guard let node = reading.required(root, "pin", { value throws(Faults) in value }) else { return nil }
            reading.refuseUnknownKeys(of: node, allowed: ["block", "counter", "tries"])
            let block = reading.required(node, "block") { value throws(Faults) in try value.hexNumber(UInt16.self) }
            let counter = reading.required(node, "counter") { value throws(Faults) in try value.hexNumber(UInt16.self) }
            let tries = reading.integer(node, "tries", in: 1...15)
            guard let block, let counter, let tries else { return nil }
            return GlobalPlatformProfile.PINGroupings(block: block, counter: counter, tries: UInt8(tries))
        }

        private static func bytes(_ node: YAMLNode, _ count: Int) throws(Faults) -> [UInt8] {
            let bytes = try node.hexBytes
            guard bytes.count == count else {
                throw node.fault(
                    "data-file.not-hexadecimal", ["value": try node.string, "digits": String(count * 2)])
            }
            return bytes
        }
    }
}
