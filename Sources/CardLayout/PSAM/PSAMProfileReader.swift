import CardCryptography
public import CardData
import ISO7816

/// Reads the profile of a PSAM with the files it extends, and tells everything that is wrong at once.
public enum PSAMProfileReader {
    private static let keys: Set<String> = [
        "name", "title", "extends", "answerToReset", "moduleFactor", "application", "transport", "transportKey",
        "masterTries", "version", "terminalNumberFile", "areaFile", "keyFiles", "algorithmCodes", "keyLevel",
        "factorOrder", "sessionKeyWidth", "sm4SessionKey", "macLength", "largestCalculation", "sm4CalculationBit",
    ]

    /// Throws what reading YAML throws, and the `layout.` faults of form.
    public static func read(_ path: String) throws(Faults) -> PSAMProfile {
        let root = try ExtendingFile.read(path)
        var reading = NodeReading()
        reading.refuseUnknownKeys(of: root, allowed: keys)
        let name = reading.string(root, "name")
        let title = reading.string(root, "title")
        let answer = reading.required(root, "answerToReset") { value throws(Faults) in try answerToReset(value) }
        let factor = moduleFactor(root, &reading)
        let application = reading.required(root, "application") { value throws(Faults) in
            try bytes(value, in: 5...16)
        }
        let transport = reading.choice(root, "transport", PSAMProfile.Transport.self)
        let transportKey = reading.required(root, "transportKey") { value throws(Faults) in
            try bytes(value, in: 16...16)
        }
        let tries = reading.integer(root, "masterTries", in: 1...15)
        let version = version(root, &reading)
        let terminalFile = file(root, "terminalNumberFile", &reading)
        let areaFile = file(root, "areaFile", &reading)
        let algorithms = algorithms(root, &reading)
        let level = reading.choice(root, "keyLevel", PSAMProfile.Level.self)
        let order = reading.choice(root, "factorOrder", PSAMProfile.FactorOrder.self)
        let width = reading.required(root, "sessionKeyWidth") { value throws(Faults) in
            let width = try value.integer
            guard width == 8 || width == 16 else {
                throw value.fault("layout.unknown-choice", ["value": String(width), "allowed": "8, 16"])
            }
            return width
        }
        let sm4SessionKey = reading.choice(root, "sm4SessionKey", SM4Blocks.Filling.self)
        let mac = reading.integer(root, "macLength", in: 4...8)
        let largest = reading.required(root, "largestCalculation") { value throws(Faults) in
            // whole blocks of both ciphers, and room for an initial value before one of them
            try value.integer(in: 32...240) / 16 * 16
        }
        let bit = reading.hexByte(root, "sm4CalculationBit")
        try reading.faults.check()
        guard let name, let title, let answer, let factor, let application, let transport, let transportKey, let tries,
            let version, let terminalFile, let areaFile, let algorithms, let level, let order, let width,
            let sm4SessionKey, let mac, let largest, let bit
        else { throw root.fault("data-file.not-a-mapping") }
        return PSAMProfile(
            name: name, title: title, answerToResetPrefix: answer, moduleFactor: factor, application: application,
            transport: transport, transportKey: transportKey, masterTries: tries, version: version,
            terminalNumberFile: terminalFile, areaFile: areaFile, tripleDES: algorithms.0, sm4: algorithms.1,
            keyLevel: level, factorOrder: order, sessionKeyWidth: width, sm4SessionKey: sm4SessionKey,
            macLength: mac, largestCalculation: largest, sm4CalculationBit: bit)
    }

    private static func answerToReset(_ node: YAMLNode) throws(Faults) -> [UInt8] {
        let prefix = try node.hexBytes
        guard (try? AnswerToReset(bytes: prefix + [UInt8](repeating: 0, count: 6))) != nil else {
            throw node.fault("layout.answer-to-reset")
        }
        return prefix
    }

    private static func bytes(_ node: YAMLNode, in range: ClosedRange<Int>) throws(Faults) -> [UInt8] {
        let bytes = try node.hexBytes
        guard range.contains(bytes.count) else {
            throw node.fault(
                "layout.out-of-range",
                [
                    "value": String(bytes.count), "least": String(range.lowerBound), "most": String(range.upperBound),
                ])
        }
        return bytes
    }

    private static func file(_ root: YAMLNode, _ key: String, _ reading: inout NodeReading) -> UInt16? {
        reading.required(root, key) { value throws(Faults) in try value.hexNumber() }
    }

    private static func moduleFactor(_ root: YAMLNode, _ reading: inout NodeReading) -> PSAMProfile.ModuleFactor? {
        guard let node = reading.required(root, "moduleFactor", { value throws(Faults) in value }) else { return nil }
        reading.refuseUnknownKeys(of: node, allowed: ["offset", "count"])
        let offset = reading.integer(node, "offset", in: 0...7)
        let count = reading.integer(node, "count", in: 8...8)
        guard let offset, let count else { return nil }
        return PSAMProfile.ModuleFactor(offset: offset, count: count)
    }

    private static func version(_ root: YAMLNode, _ reading: inout NodeReading) -> PSAMProfile.Version? {
        guard let node = reading.required(root, "version", { value throws(Faults) in value }) else { return nil }
        reading.refuseUnknownKeys(of: node, allowed: ["file", "offset", "new", "sm4From"])
        let file = file(node, "file", &reading)
        let offset = reading.integer(node, "offset", in: 0...200)
        let new = reading.hexByte(node, "new")
        let sm4From = reading.hexByte(node, "sm4From")
        guard let file, let offset, let new, let sm4From else { return nil }
        return PSAMProfile.Version(file: file, offset: offset, new: new, sm4From: sm4From)
    }

    private static func algorithms(
        _ root: YAMLNode, _ reading: inout NodeReading
    ) -> (PSAMProfile.Algorithm, PSAMProfile.Algorithm)? {
        guard let files = reading.required(root, "keyFiles", { value throws(Faults) in value }),
            let codes = reading.required(root, "algorithmCodes", { value throws(Faults) in value })
        else { return nil }
        for node in [files, codes] { reading.refuseUnknownKeys(of: node, allowed: ["3des", "sm4"]) }
        func algorithm(_ key: String) -> PSAMProfile.Algorithm? {
            let keyFile = file(files, key, &reading)
            let code = reading.hexByte(codes, key)
            guard let keyFile, let code else { return nil }
            return PSAMProfile.Algorithm(keyFile: keyFile, code: code)
        }
        guard let tripleDES = algorithm("3des"), let sm4 = algorithm("sm4") else { return nil }
        return (tripleDES, sm4)
    }
}
