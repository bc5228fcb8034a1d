public import CardData

/// Turns access rules into access bytes XY over the states Y to X of a directory (cos-dialects §2.2).
public enum AccessRuleCompiler {
    /// EF: nobody, since X < Y.
    public static let forbidden: UInt8 = 0xEF

    /// The access byte of a rule in a directory with these states.
    ///
    /// The states that meet the rule must be one unbroken range; state F, the directory's master key, never counts. Throws
    /// `layout.rule-without-state` when nothing that the rule asks for can be presented, and `layout.rule-not-expressible` when the
    /// states that meet it do not lie side by side.
    public static func accessByte(
        for rule: AccessRule, in security: DirectorySecurity, units: COSProfile.AccessUnits = .level,
        place: SourcePlace? = nil
    ) throws(Faults) -> UInt8 {
        if rule.isMet(pin: false, keys: []) { return units.freeByte }
        guard rule.canBeMet else { return forbidden }
        let met = security.states.filter { $0.value < 0x0F && rule.isMet(pin: $0.pin, keys: $0.keys) }.map(\.value)
        guard let low = met.min(), let high = met.max() else {
            throw Faults("layout.rule-without-state", ["rule": "\(rule)"], at: place)
        }
        guard Int(high - low) + 1 == Set(met).count else {
            let states = met.sorted().map { String($0, radix: 16, uppercase: true) }.joined(separator: ", ")
            throw Faults("layout.rule-not-expressible", ["rule": "\(rule)", "states": states], at: place)
        }
        return high << 4 | low
    }
}

extension AccessRule {
    /// False for rules that no terminal can meet, whatever it presents.
    public var canBeMet: Bool { isMet(pin: true, keys: keyNames) }
}

extension AccessRule: CustomStringConvertible {
    /// The rule as layouts write it.
    public var description: String {
        switch self {
        case .free: "free"
        case .never: "never"
        case .card: "card"
        case .pin: "pin"
        case .key(let name): name
        case .any(let rules): rules.map(\.description).joined(separator: " | ")
        case .all(let rules):
            rules.map { rule in if case .any = rule { "(\(rule))" } else { "\(rule)" } }.joined(separator: " & ")
        }
    }
}
