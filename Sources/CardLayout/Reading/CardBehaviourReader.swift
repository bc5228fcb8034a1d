import ByteText
import CardData

/// Reads `pinCommands` and `identity` of a profile.
enum CardBehaviourReader {
    /// The commands for the PIN; each setting must be there.
    static func pinCommands(_ root: YAMLNode, into reading: inout NodeReading) -> PINCommandRules? {
        guard let node = reading.required(root, "pinCommands", { value throws(Faults) in value }) else { return nil }
        reading.refuseUnknownKeys(
            of: node, allowed: ["change", "reset", "resetParameters", "unblock", "key", "writeKey"])
        let change = reading.choice(node, "change", PINCommandRules.Change.self)
        let reset = reading.choice(node, "reset", PINCommandRules.Reset.self)
        let unblock = reading.choice(node, "unblock", PINCommandRules.Unblock.self)
        let key = reading.choice(node, "key", PINCommandRules.Key.self)
        let writeKey = reading.boolean(node, "writeKey")
        let parameters = reading.required(node, "resetParameters") { value throws(Faults) in
            let bytes = try value.hexBytes
            guard bytes.count == 2 else {
                throw value.fault("data-file.not-hexadecimal", ["value": try value.string, "digits": "4"])
            }
            return bytes
        }
        guard let change, let reset, let unblock, let parameters, let key, let writeKey else { return nil }
        return PINCommandRules(
            change: change, reset: reset, resetParameters: parameters, unblock: unblock, key: key,
            isWrittenAsKey: writeKey)
    }

    /// `historical-bytes`, `answer-to-reset`, or some of the historical bytes as `{offset: 5, count: 8}`.
    static func identity(_ root: YAMLNode, into reading: inout NodeReading) -> CardIdentityRule? {
        reading.required(root, "identity") { value throws(Faults) in
            guard let text = try? value.string else {
                // An answer to reset has at most 15 historical bytes.
                let offset = try value.required("offset").integer(in: 0...14)
                return .historicalBytes(offset: offset, count: try value.required("count").integer(in: 1...15 - offset))
            }
            switch text {
            case "historical-bytes": return .standard
            case "answer-to-reset": return .answerToReset
            default:
                throw value.fault(
                    "layout.unknown-choice",
                    ["value": text, "allowed": "historical-bytes, answer-to-reset, {offset, count}"])
            }
        }
    }
}
