public import CardData
import ISO7816

/// Reads a profile file (`CardLayouts/profiles/NAME.yaml`) with the files it extends, and tells everything that is wrong at once.
public enum COSProfileReader {
    private static let keys: Set<String> = [
        "name", "title", "extends", "algorithm", "family", "accessUnits", "blankAuthentication",
        "factoryMasterFile", "foreignSelections", "firstMaster", "authenticatesBeforeFiles", "commands", "fileTypes",
        "keyTypes",
        "transport", "pinLookup", "pinLength", "challengeLife",
        "challengeOrder", "acceptsAnyOriginal", "authenticationForms", "internalAuthenticationOrder",
        "sessionKeyWidth", "sm4Authentication", "cardFactor", "recordRules", "keyNotFound", "fileExists",
        "noChallenge", "largestCommandData", "largestAnswerData", "longestRecord", "memorySize", "fileHeaderSize",
        "keyRecordOverhead",
        "transportKey", "answerToReset", "keyDefaults", "secureMessaging", "directories",
        "identity", "freeCounterQuery", "pinCommands", "unwrittenRecord", "recordCreation", "cardBlock",
        "publicKeys", "selectsNewFiles", "largestBinaryPiece", "localKeyBit", "selectsMasterFileFirst",
        "transportTries", "keyLoading", "ignoresProtectedLe", "selectsNextDirectory",
    ]

    /// Throws what reading YAML throws and the `layout.` faults of form.
    public static func read(_ path: String) throws(Faults) -> COSProfile { try read(ExtendingFile.read(path)) }

    /// Reads a profile that stands in one piece; throws the `layout.` faults of form.
    public static func read(_ root: YAMLNode) throws(Faults) -> COSProfile {
        var reading = NodeReading()
        reading.refuseUnknownKeys(of: root, allowed: keys)
        let name = reading.string(root, "name")
        let title = reading.string(root, "title")
        let algorithm = reading.required(root, "algorithm") { value throws(Faults) in try Self.algorithm(value) }
        let family = reading.required(root, "family") { value throws(Faults) in try Self.family(value) }
        let units = reading.choice(root, "accessUnits", COSProfile.AccessUnits.self)
        let blank = reading.choice(root, "blankAuthentication", COSProfile.BlankAuthentication.self)
        // with one try alone nobody could present the code
        let transportTries = blank == .transportCode ? reading.integer(root, "transportTries", in: 2...255) : nil
        let hasFactoryMasterFile = reading.boolean(root, "factoryMasterFile")
        let selections = reading.optional(root, "foreignSelections") { value throws(Faults) in
            try Self.selections(value)
        }
        let firstMaster = reading.choice(root, "firstMaster", COSProfile.FirstMaster.self)
        let authenticatesBeforeFiles = reading.boolean(root, "authenticatesBeforeFiles")
        let selectsNewFiles = reading.boolean(root, "selectsNewFiles")
        let binaryPiece = reading.optional(root, "largestBinaryPiece") { value throws(Faults) in
            try value.integer(in: 16...255)
        }
        let commands = CommandSetReader.read(root, into: &reading)
        let codes = COSCodesReader.read(root, into: &reading)
        let transport = reading.choice(root, "transport", COSProfile.Transport.self)
        let pinLookup = reading.choice(root, "pinLookup", COSProfile.PINLookup.self)
        let pinLength = reading.required(root, "pinLength") { value throws(Faults) in try Self.pinLength(value) }
        let life = reading.choice(root, "challengeLife", COSProfile.ChallengeLife.self)
        let order = reading.choice(root, "challengeOrder", COSProfile.ChallengeOrder.self)
        let anyOriginal = reading.boolean(root, "acceptsAnyOriginal")
        let forms = reading.required(root, "authenticationForms") { value throws(Faults) in try Self.forms(value) }
        let internalOrder = reading.choice(
            root, "internalAuthenticationOrder", COSProfile.InternalAuthenticationOrder.self)
        let width = reading.required(root, "sessionKeyWidth") { value throws(Faults) in try value.one(of: [8, 16]) }
        let sm4 = reading.choice(root, "sm4Authentication", COSProfile.SM4Authentication.self)
        let factor = reading.required(root, "cardFactor") { value throws(Faults) in try Self.cardFactor(value) }
        let recordRules = reading.boolean(root, "recordRules")
        let keyNotFound = reading.required(root, "keyNotFound") { value throws(Faults) in try value.statusWord }
        let fileExists = reading.required(root, "fileExists") { value throws(Faults) in try value.statusWord }
        let noChallenge = reading.required(root, "noChallenge") { value throws(Faults) in try value.statusWord }
        let command = reading.integer(root, "largestCommandData", in: 16...255)
        let answerData = reading.integer(root, "largestAnswerData", in: 16...256)
        let record = reading.integer(root, "longestRecord", in: 16...255)
        let memory = reading.integer(root, "memorySize", in: 1024...1_048_576)
        let header = reading.integer(root, "fileHeaderSize", in: 0...64)
        let overhead = reading.integer(root, "keyRecordOverhead", in: 0...64)
        let transportKey = reading.required(root, "transportKey") { value throws(Faults) in try value.bytes(count: 16) }
        let answer = reading.required(root, "answerToReset") { value throws(Faults) in
            try Self.answerToReset(value)
        }
        let identity = CardBehaviourReader.identity(root, into: &reading)
        let freeCounterQuery = reading.boolean(root, "freeCounterQuery")
        let pinCommands = CardBehaviourReader.pinCommands(root, into: &reading)
        let unwrittenRecord = reading.choice(root, "unwrittenRecord", UnwrittenRecord.self)
        let recordCreation = reading.choice(root, "recordCreation", RecordCreation.self)
        let cardBlock = reading.choice(root, "cardBlock", COSProfile.CardBlock.self)
        let publicKeys = PublicKeyRulesReader.read(root, into: &reading)
        let secureMessaging = SecureMessagingReader.read(root, into: &reading)
        let hasLocalKeyBit = reading.boolean(root, "localKeyBit")
        let selectsMasterFileFirst = reading.boolean(root, "selectsMasterFileFirst")
        let selectsNextDirectory = reading.boolean(root, "selectsNextDirectory")
        let ignoresProtectedLe = reading.boolean(root, "ignoresProtectedLe")
        let keyLoading = reading.choice(root, "keyLoading", KeyLoading.self)
        let directories = DirectorySecurityReader.readAll(
            root, localKeyBit: hasLocalKeyBit ?? false, into: &reading)
        if cardBlock == .mac, directories["MF"]?.cardBlockKey == nil {
            root.fault("layout.no-block-key").faults.forEach { reading.faults.add($0) }
        }
        if let commands { checkSystemFiles(of: directories, commands, &reading) }
        try reading.faults.check()
        guard let family, let units, let blank, let hasFactoryMasterFile, let firstMaster,
            let authenticatesBeforeFiles, let selectsNewFiles, let commands, let codes,
            let name, let title, let algorithm, let transport,
            let pinLookup, let pinLength, let life, let order,
            let anyOriginal, let forms, let internalOrder, let width, let sm4, let factor, let recordRules,
            let keyNotFound, let fileExists, let noChallenge, let command, let answerData, let record, let memory,
            let header, let overhead, let transportKey, let answer, let identity, let freeCounterQuery, let pinCommands,
            let unwrittenRecord, let recordCreation, let cardBlock, let hasLocalKeyBit, let selectsMasterFileFirst,
            let selectsNextDirectory, let ignoresProtectedLe, let keyLoading
        else { throw root.fault("data-file.not-a-mapping") }
        return COSProfile(
            name: name, title: title, algorithm: algorithm, family: family, accessUnits: units,
            blankAuthentication: blank, hasFactoryMasterFile: hasFactoryMasterFile, firstMaster: firstMaster,
            authenticatesBeforeFiles: authenticatesBeforeFiles, commands: commands, codes: codes, transport: transport,
            pinLookup: pinLookup,
            challengeLife: life, challengeOrder: order, acceptsAnyOriginal: anyOriginal, authenticationForms: forms,
            internalAuthenticationOrder: internalOrder, sessionKeyWidth: width, sm4Authentication: sm4,
            cardFactor: factor, hasRecordRules: recordRules, keyNotFound: keyNotFound, fileExists: fileExists,
            noChallenge: noChallenge, largestCommandData: command, largestAnswerData: answerData,
            longestRecord: record, memorySize: memory, fileHeaderSize: header, keyRecordOverhead: overhead,
            transportKey: transportKey,
            answerToResetPrefix: answer, identity: identity, pinLength: pinLength, pinCommands: pinCommands,
            hasFreeCounterQuery: freeCounterQuery, unwrittenRecord: unwrittenRecord, recordCreation: recordCreation,
            cardBlock: cardBlock, publicKeys: publicKeys, secureMessaging: secureMessaging,
            foreignSelections: selections ?? [], selectsNewFiles: selectsNewFiles, largestBinaryPiece: binaryPiece,
            hasLocalKeyBit: hasLocalKeyBit, selectsMasterFileFirst: selectsMasterFileFirst,
            selectsNextDirectory: selectsNextDirectory, ignoresProtectedLe: ignoresProtectedLe, keyLoading: keyLoading,
            transportTries: transportTries, directories: directories, place: root.place)
    }

    /// A file of the card operating system needs a command that makes it: throws `layout.command-missing`.
    private static func checkSystemFiles(
        of directories: [String: DirectorySecurity], _ commands: CommandSet, _ reading: inout NodeReading
    ) {
        for security in directories.values {
            let wanted: [(rule: SystemFileRule?, name: CommandSet.Name)] = [
                (security.directoryFile, .createDirectoryFile), (security.transactionFile, .createTransactionFile),
            ]
            for (rule, name) in wanted where rule != nil && commands[name] == nil {
                reading.faults.add("layout.command-missing", ["name": name.rawValue.hyphenated], at: security.place)
            }
        }
    }

    /// Names of 5 to 16 bytes and identifiers of 2.
    private static func selections(_ node: YAMLNode) throws(Faults) -> [[UInt8]] {
        var selections: [[UInt8]] = []
        for member in try node.list {
            let bytes = try member.hexBytes
            guard bytes.count == 2 || (5...16).contains(bytes.count) else {
                throw member.fault("data-file.not-hexadecimal", ["value": try member.string, "digits": "4, 10…32"])
            }
            selections.append(bytes)
        }
        return selections
    }

    /// Security domains have profiles of another kind.
    private static func family(_ node: YAMLNode) throws(Faults) -> COSProfile.Family {
        let known = COSProfile.Family.allCases.filter { $0 != .globalPlatform }
        let text = try node.string
        guard let family = known.first(where: { $0.rawValue == text }) else {
            let allowed = known.map(\.rawValue).joined(separator: ", ")
            throw node.fault("layout.unknown-choice", ["value": text, "allowed": allowed])
        }
        return family
    }

    static func algorithm(_ node: YAMLNode) throws(Faults) -> COSProfile.Algorithm {
        switch try node.string {
        case "triple-des": return .tripleDES
        case "sm4": return .sm4
        case let other:
            throw node.fault("layout.unknown-choice", ["value": other, "allowed": "triple-des, sm4"])
        }
    }

    private static func pinLength(_ node: YAMLNode) throws(Faults) -> ClosedRange<Int> {
        let least = try node.required("least").integer(in: 1...8)
        return least...(try node.required("most").integer(in: least...8))
    }

    private static func forms(_ node: YAMLNode) throws(Faults) -> Set<Int> {
        var forms: Set<Int> = []
        for member in try node.list { forms.insert(try member.one(of: [8, 16])) }
        guard !forms.isEmpty else { throw node.fault("data-file.empty-value") }
        return forms
    }

    static func cardFactor(_ node: YAMLNode) throws(Faults) -> COSProfile.CardFactorRule {
        let offset = try node.required("offset").integer(in: 0...12)
        let count = try node.required("count").integer(in: 0...8)
        let suffix = try node["suffix"]?.hexBytes ?? []
        // The factor is one 3DES block, whatever it is made of.
        guard count + suffix.count == 8 else {
            throw node.fault("layout.card-factor-length", ["length": String(count + suffix.count)])
        }
        return COSProfile.CardFactorRule(offset: offset, count: count, suffix: suffix)
    }

    /// The bytes before the serial number; with any six bytes behind them they must be an answer to reset.
    private static func answerToReset(_ node: YAMLNode) throws(Faults) -> [UInt8] {
        let prefix = try node.hexBytes
        let whole = try? AnswerToReset(bytes: prefix + [UInt8](repeating: 0, count: 6))
        guard let whole, whole.historicalBytes.count >= 6 else { throw node.fault("layout.answer-to-reset") }
        return prefix
    }
}

extension YAMLNode {
    fileprivate var statusWord: StatusWord {
        get throws(Faults) { StatusWord(rawValue: try hexNumber()) }
    }

    fileprivate func bytes(count: Int) throws(Faults) -> [UInt8] {
        let bytes = try hexBytes
        guard bytes.count == count else {
            throw fault("data-file.not-hexadecimal", ["value": try string, "digits": String(count * 2)])
        }
        return bytes
    }

    fileprivate func one(of numbers: [Int]) throws(Faults) -> Int {
        let number = try integer
        guard numbers.contains(number) else {
            let allowed = numbers.map(String.init).joined(separator: ", ")
            throw fault("layout.unknown-choice", ["value": String(number), "allowed": allowed])
        }
        return number
    }
}
