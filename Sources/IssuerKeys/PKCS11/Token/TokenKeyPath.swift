/// Which key inside a token: a held master, and the steps that lead down to the key in use.
struct TokenKeyPath: Hashable, Sendable {
    /// One derivation inside the token.
    struct Step: Hashable, Sendable {
        /// What the next key is made of.
        enum Form: UInt8, Sendable {
            /// E(K, F) ‖ E(K, NOT F): a 3DES key.
            case whole = 0
            /// E(K, F) ‖ E(K, F): the left half as a single-DES key, which tokens over OpenSSL 3 do not take by itself.
            case left = 1
        }

        let factor: DiversificationFactor
        let form: Form
    }

    /// The master's label in the token.
    let master: String
    private(set) var steps: [Step]

    init(master: String, steps: [Step]) {
        self.master = master
        self.steps = steps
    }

    /// A card's key under its master.
    init(_ identity: KeySet.Identity, factors: [DiversificationFactor]) {
        self.init(master: identity.tokenLabel, steps: factors.map { Step(factor: $0, form: .whole) })
    }

    /// One level further down.
    func appending(_ factor: DiversificationFactor, _ form: Step.Form) -> TokenKeyPath {
        TokenKeyPath(master: master, steps: steps + [Step(factor: factor, form: form)])
    }

    /// One level up; nil for the master itself.
    var parent: TokenKeyPath? {
        steps.isEmpty ? nil : TokenKeyPath(master: master, steps: Array(steps.dropLast()))
    }

    /// The left half of the same key as a single-DES key.
    var leftHalf: TokenKeyPath {
        guard let last = steps.last else { return self }
        return TokenKeyPath(master: master, steps: steps.dropLast() + [Step(factor: last.factor, form: .left)])
    }

    /// Whether the key is a single-DES key.
    var isSingle: Bool { steps.last?.form == .left }
}

extension TokenKeyPath {
    func write(to writer: ModuleWriter) {
        writer.put(master)
        writer.put(count: steps.count)
        for step in steps {
            writer.put(byte: step.form.rawValue)
            writer.put(number: step.factor.value)
        }
    }

    init(from reader: ModuleReader) throws(TokenFailure) {
        master = try reader.text()
        let count = try reader.count()
        // ministry, province, city, card, session
        guard count <= 5 else { throw .malformedMessage }
        var steps: [Step] = []
        for _ in 0..<count {
            guard let form = Step.Form(rawValue: try reader.byte()) else { throw .malformedMessage }
            steps.append(Step(factor: DiversificationFactor(value: try reader.number()), form: form))
        }
        self.steps = steps
    }
}

extension KeySet.Identity {
    /// The key's label in a token, with algorithm and version: `IRK/01/1`.
    var tokenLabel: String {
        let digits = String(algorithm.rawValue, radix: 16)
        return "\(name)/\(digits.count == 1 ? "0" : "")\(digits)/\(version)"
    }

    /// Reads a label as ``tokenLabel`` writes it; nil for others.
    init?(tokenLabel: String) {
        let parts = tokenLabel.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[1].count == 2,
            let algorithm = UInt8(parts[1], radix: 16).flatMap(CardAlgorithm.init(rawValue:)),
            let version = KeyVersion(parts[2])
        else { return nil }
        self.init(name: KeyName(rawValue: String(parts[0])), algorithm: algorithm, version: version)
    }
}
