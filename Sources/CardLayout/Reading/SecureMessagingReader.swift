import CardCryptography
import CardData

/// Reads the `secureMessaging` part of a profile; what is left out is as the FMCOS manual has it.
enum SecureMessagingReader {
    static func read(_ root: YAMLNode, into reading: inout NodeReading) -> SecureMessagingRules {
        let manual = SecureMessagingRules.manual
        guard let node = root["secureMessaging"] else { return manual }
        reading.refuseUnknownKeys(
            of: node,
            allowed: [
                "challenge", "key", "readForm", "pinChallenge", "pinKey", "lockKeys", "sm4", "files", "encipheredFiles",
            ])
        func challenge(_ key: String) -> Int? {
            reading.optional(node, key) { value throws(Faults) in
                let count = try value.integer
                guard [4, 8, 16].contains(count) else {
                    throw value.fault("layout.unknown-choice", ["value": String(count), "allowed": "4, 8, 16"])
                }
                return count
            }
        }
        func keyForm(_ key: String) -> SecureMessagingRules.KeyForm? {
            reading.optional(node, key) { value throws(Faults) in try value.choice() }
        }
        let readForm: SecureMessagingRules.ReadForm? = reading.optional(node, "readForm") { value throws(Faults) in
            try value.choice()
        }
        let lockKeys: [UInt8]? = reading.optional(node, "lockKeys") { value throws(Faults) in
            var identifiers: [UInt8] = []
            for member in try value.list { identifiers.append(try member.hexByte) }
            guard !identifiers.isEmpty else { throw value.fault("data-file.empty-value") }
            return identifiers
        }
        let files: SecureMessagingRules.FileForm? = reading.optional(node, "files") { value throws(Faults) in
            try value.choice()
        }
        let encipheredFiles: UInt8? = reading.optional(node, "encipheredFiles") { value throws(Faults) in
            let bits = try value.hexByte
            guard bits == 0xC0 || bits == 0x40 else {
                throw value.fault("layout.unknown-choice", ["value": try value.string, "allowed": "C0, 40"])
            }
            return bits
        }
        return SecureMessagingRules(
            challengeLength: challenge("challenge") ?? manual.challengeLength,
            keyForm: keyForm("key") ?? manual.keyForm, readForm: readForm ?? manual.readForm,
            pinChallengeLength: challenge("pinChallenge") ?? manual.pinChallengeLength,
            pinKeyForm: keyForm("pinKey") ?? manual.pinKeyForm, lockKeys: lockKeys ?? manual.lockKeys,
            sm4: sm4(node, into: &reading), files: files ?? manual.files,
            encipheredFileBits: encipheredFiles ?? manual.encipheredFileBits)
    }

    /// What the profile says of SM4; what is left out is as DES has it.
    private static func sm4(_ parent: YAMLNode, into reading: inout NodeReading) -> SM4LineForm {
        let usual = SM4LineForm.published
        guard let node = parent["sm4"] else { return usual }
        reading.refuseUnknownKeys(
            of: node,
            allowed: [
                "macLength", "initialValue", "macPadding", "dataPadding", "sessionKey", "original", "plainChallenge",
            ])
        let macLength: Int? = reading.optional(node, "macLength") { value throws(Faults) in
            let count = try value.integer
            guard count == 4 || count == 8 else {
                throw value.fault("layout.unknown-choice", ["value": String(count), "allowed": "4, 8"])
            }
            return count
        }
        func filling(_ key: String) -> SM4Blocks.Filling? {
            reading.optional(node, key) { value throws(Faults) in try value.choice() }
        }
        func padding(_ key: String) -> SM4LineForm.Padding? {
            reading.optional(node, key) { value throws(Faults) in try value.choice() }
        }
        return SM4LineForm(
            macLength: macLength ?? usual.macLength, initialValue: filling("initialValue") ?? usual.initialValue,
            macPadding: padding("macPadding") ?? usual.macPadding,
            dataPadding: padding("dataPadding") ?? usual.dataPadding,
            blocks: SM4Blocks(
                sessionKey: filling("sessionKey") ?? usual.blocks.sessionKey,
                original: filling("original") ?? usual.blocks.original,
                plainChallenge: filling("plainChallenge") ?? usual.blocks.plainChallenge))
    }
}
