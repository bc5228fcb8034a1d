public import CardData

/// What a site demands of its tokens (`Keys/token-policy.yaml`).
public struct TokenPolicy: Hashable, Sendable {
    /// What is done about a token that does what it should refuse.
    public enum Judgement: String, Hashable, Sendable, CaseIterable {
        /// The token is not used.
        case refuse
        /// It is told and borne: the service in front of the token is the one that keeps the rule.
        case tolerate
    }

    private let judgements: [TokenProbe: Judgement]

    init(_ judgements: [TokenProbe: Judgement]) { self.judgements = judgements }

    /// Every trial refused: the strictest policy.
    public static let strict = TokenPolicy([:])

    /// What is done about a trial; one that the file does not name is refused.
    public func judgement(of probe: TokenProbe) -> Judgement { judgements[probe] ?? .refuse }

    /// The trials that keep a token from being used.
    func offences(in outcomes: [TokenProbe: TokenProbe.Outcome]) -> [TokenProbe] {
        TokenProbe.allCases.filter { outcomes[$0] == .done && judgement(of: $0) == .refuse }
    }

    /// Reads the file.
    ///
    /// Throws all faults at once: those of ``DataFile/read(_:)`` and `token-policy.value`.
    public static func read(_ path: String) throws(Faults) -> TokenPolicy { try TokenPolicy(DataFile.read(path)) }

    init(_ root: YAMLNode) throws(Faults) {
        var faults = FaultCollector()
        root.unknownKeys(allowed: ["probes"]).forEach { faults.add($0) }
        var judgements: [TokenProbe: Judgement] = [:]
        for entry in faults.attempt({ () throws(Faults) in try root.required("probes").mapping }) ?? [] {
            let word = faults.attempt { () throws(Faults) in try entry.value.string }
            guard let word else { continue }
            guard let probe = TokenProbe(rawValue: entry.key), let judgement = Judgement(rawValue: word) else {
                faults.add("token-policy.value", ["key": entry.key, "value": word], at: entry.place)
                continue
            }
            judgements[probe] = judgement
        }
        try faults.check()
        self.judgements = judgements
    }
}
