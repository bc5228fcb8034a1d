import ByteText
import CardCryptography
public import CardData
import ISO7816

/// Reads a profile of a GlobalPlatform card with the files it extends, and tells everything that is wrong at once.
public enum GlobalPlatformProfileReader {
    private static let keys: Set<String> = [
        "name", "title", "extends", "answerToReset", "securityDomain", "secureChannel", "applications", "storeData",
        "cardBlock", "checkValue", "keyReplacement", "lifeCycleStates", "algorithm", "cardFactor", "memorySize",
        "largestCommandData",
        "blankKeys", "masterKeyIdentifier", "diversification", "authenticationTries", "pin",
    ]

    /// Throws what reading YAML throws, the `layout.` faults of form, and `globalplatform.channel`, `globalplatform.level`,
    /// `globalplatform.level-not-allowed`, `globalplatform.application-identifier`, `globalplatform.privileges`,
    /// `globalplatform.grouping-twice`, `globalplatform.enciphered-bits`, `globalplatform.no-diversification`.
    public static func read(_ path: String) throws(Faults) -> GlobalPlatformProfile {
        let root = try ExtendingFile.read(path)
        var reading = NodeReading()
        reading.refuseUnknownKeys(of: root, allowed: keys)
        let name = reading.string(root, "name")
        let title = reading.string(root, "title")
        let answer = reading.required(root, "answerToReset") { value throws(Faults) in try answerToReset(value) }
        let domain = reading.required(root, "securityDomain") { value throws(Faults) in try identifier(value) }
        let channel = reading.required(root, "secureChannel") { value throws(Faults) in value }
        let spoken = channel.flatMap { channel in
            reading.faults.attempt { () throws(Faults) in try channelProtocol(channel) }
        }
        let level = channel.flatMap { channel in
            reading.required(channel, "level") { value throws(Faults) in try securityLevel(value, spoken) }
        }
        let keyVersion = channel.flatMap { reading.hexByte($0, "keyVersion") }
        let keySet = channel.flatMap { reading.string($0, "keySet") }
        if let channel {
            reading.refuseUnknownKeys(
                of: channel, allowed: ["protocol", "parameter", "level", "keyVersion", "keySet"])
        }
        let card = CardSettings(root, &reading)
        let diversification = diversification(
            root, of: [keySet, root["keyReplacement"].flatMap(Self.keySetName)], &reading)
        let applications = applications(root, &reading)
        let storeData = storeData(root, &reading)
        let checkValue = reading.choice(root, "checkValue", GlobalPlatformProfile.KeyReplacement.CheckValue.self)
        let replacement = keyReplacement(root, &reading)
        let cardBlock = reading.required(root, "cardBlock") { value throws(Faults) in try Self.cardBlock(value) }
        let states = reading.optional(root, "lifeCycleStates") { value throws(Faults) in
            var states: [UInt8] = []
            for member in try value.list {
                let state = try member.hexByte
                // INITIALIZED, then SECURED; what comes behind them locks the card or ends it
                guard [0x07, 0x0F].contains(state), state > states.last ?? 0 else {
                    throw member.fault("globalplatform.life-cycle-state", ["state": try member.string])
                }
                states.append(state)
            }
            return states
        }
        try reading.faults.check()
        guard let name, let title, let answer, let domain, let spoken, let level, let keyVersion, let keySet,
            let storeData, let checkValue, let algorithm = card.algorithm, let cardFactor = card.cardFactor,
            let memorySize = card.memorySize, let largest = card.largestCommandData, let blankKeys = card.blankKeys,
            let masterKeyIdentifier = card.masterKeyIdentifier, let tries = card.authenticationTries,
            let pin = card.pin, let cardBlock
        else { throw root.fault("data-file.not-a-mapping") }
        return GlobalPlatformProfile(
            name: name, title: title, answerToResetPrefix: answer, algorithm: algorithm, cardFactor: cardFactor,
            memorySize: memorySize, largestCommandData: largest, blankKeys: blankKeys,
            masterKeyIdentifier: masterKeyIdentifier, securityDomain: domain, channelProtocol: spoken, level: level,
            keyVersion: keyVersion, keySet: keySet, diversification: diversification, authenticationTries: tries,
            pin: pin, applications: applications, storeData: storeData, cardBlock: cardBlock,
            checkValue: checkValue, keyReplacement: replacement, lifeCycleStates: states ?? [], place: root.place)
    }

    /// A security domain has no key for CARD BLOCK.
    private static func cardBlock(_ node: YAMLNode) throws(Faults) -> COSProfile.CardBlock {
        let known: COSProfile.CardBlock = .none
        guard try node.string == known.rawValue else {
            throw node.fault("layout.unknown-choice", ["value": try node.string, "allowed": known.rawValue])
        }
        return known
    }

    private static func answerToReset(_ node: YAMLNode) throws(Faults) -> [UInt8] {
        let prefix = try node.hexBytes
        guard (try? AnswerToReset(bytes: prefix + [UInt8](repeating: 0, count: 6))) != nil else {
            throw node.fault("layout.answer-to-reset")
        }
        return prefix
    }

    static func identifier(_ node: YAMLNode) throws(Faults) -> [UInt8] {
        let bytes = try node.hexBytes
        guard (5...16).contains(bytes.count) else {
            throw node.fault("globalplatform.application-identifier", ["length": String(bytes.count)])
        }
        return bytes
    }

    private static func channelProtocol(_ node: YAMLNode) throws(Faults) -> SecureChannelProtocol {
        let identifier = try node.required("protocol").hexByte
        let parameter = try node.required("parameter").hexByte
        guard let version = SecureChannelProtocol.Version(rawValue: identifier),
            let spoken = SecureChannelProtocol(version, parameter: parameter)
        else {
            throw node.fault(
                "globalplatform.channel",
                ["protocol": identifier.hexadecimal, "parameter": parameter.hexadecimal])
        }
        return spoken
    }

    private static func securityLevel(
        _ node: YAMLNode, _ spoken: SecureChannelProtocol?
    ) throws(Faults) -> SecureChannelLevel {
        guard let level = SecureChannelLevel(rawValue: try node.hexByte) else {
            throw node.fault("globalplatform.level", ["level": try node.string])
        }
        if let spoken, !spoken.allows(level) {
            throw node.fault(
                "globalplatform.level-not-allowed",
                ["protocol": "\(spoken)", "level": level.rawValue.hexadecimal])
        }
        return level
    }

    private static func applications(
        _ root: YAMLNode, _ reading: inout NodeReading
    ) -> [GlobalPlatformProfile.Application] {
        let entries = reading.required(root, "applications") { value throws(Faults) in try value.mapping } ?? []
        return entries.compactMap { entry in
            let node = entry.value
            reading.refuseUnknownKeys(
                of: node, allowed: ["loadFile", "module", "instance", "privileges", "parameters", "keys"])
            let loadFile = reading.required(node, "loadFile") { value throws(Faults) in try identifier(value) }
            let module = reading.required(node, "module") { value throws(Faults) in try identifier(value) }
            let instance = reading.optional(node, "instance") { value throws(Faults) in try identifier(value) }
            let privileges = reading.required(node, "privileges") { value throws(Faults) in
                let bytes = try value.hexBytes
                guard [1, 3].contains(bytes.count) else {
                    throw value.fault("globalplatform.privileges", ["length": String(bytes.count)])
                }
                return bytes
            }
            let parameters = reading.required(node, "parameters") { value throws(Faults) in try value.hexBytes }
            let groupings = reading.optional(node, "keys") { value throws(Faults) in try keyGroupings(value) }
            guard let loadFile, let module, let privileges, let parameters else { return nil }
            return GlobalPlatformProfile.Application(
                directory: entry.key, loadFile: loadFile, module: module, instance: instance,
                privileges: privileges, parameters: parameters, keyGroupings: groupings ?? [], place: entry.place)
        }
    }

    private static func keyGroupings(_ node: YAMLNode) throws(Faults) -> [GlobalPlatformProfile.KeyGrouping] {
        var groupings: [GlobalPlatformProfile.KeyGrouping] = []
        for entry in try node.mapping {
            let key = YAMLNode(content: .text(entry.key), place: entry.place)
            let identifier: UInt16 = try key.hexNumber()
            guard !groupings.contains(where: { $0.identifier == identifier }) else {
                throw key.fault("globalplatform.grouping-twice", ["grouping": identifier.hexadecimal])
            }
            var names: [String] = []
            for member in try entry.value.list { names.append(try member.string) }
            groupings.append(GlobalPlatformProfile.KeyGrouping(identifier: identifier, keys: names))
        }
        return groupings
    }
}
