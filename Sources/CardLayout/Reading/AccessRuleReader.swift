import CardData

/// Reads the rule language of layouts: `free | never | card | pin | KEYNAME`, joined by `|` and `&`, with parentheses.
///
/// `&` binds more closely than `|`.
struct AccessRuleReader {
    private enum Token: Hashable {
        case word(String)
        case symbol(Character)
    }

    private let node: YAMLNode
    private let tokens: [Token]
    private var position = 0

    /// Throws `layout.rule-syntax`.
    static func read(_ node: YAMLNode) throws(Faults) -> AccessRule {
        var reader = AccessRuleReader(node: node, tokens: try tokens(of: node))
        let rule = try reader.alternatives(depth: 0)
        guard reader.position == reader.tokens.count else { throw reader.unexpected() }
        return rule
    }

    private init(node: YAMLNode, tokens: [Token]) {
        self.node = node
        self.tokens = tokens
    }

    private static func tokens(of node: YAMLNode) throws(Faults) -> [Token] {
        let text = try node.string
        var tokens: [Token] = []
        var word = ""
        for character in text {
            if character.isASCII && (character.isLetter || character.isNumber) {
                word.append(character)
                continue
            }
            if !word.isEmpty { tokens.append(.word(word)) }
            word = ""
            switch character {
            case " ": break
            case "|", "&", "(", ")": tokens.append(.symbol(character))
            default: throw node.fault("layout.rule-syntax", ["rule": text, "found": String(character)])
            }
        }
        if !word.isEmpty { tokens.append(.word(word)) }
        return tokens
    }

    private mutating func alternatives(depth: Int) throws(Faults) -> AccessRule {
        var rules = [try conditions(depth: depth)]
        while take("|") { rules.append(try conditions(depth: depth)) }
        return rules.count == 1 ? rules[0] : .any(rules)
    }

    private mutating func conditions(depth: Int) throws(Faults) -> AccessRule {
        var rules = [try single(depth: depth)]
        while take("&") { rules.append(try single(depth: depth)) }
        return rules.count == 1 ? rules[0] : .all(rules)
    }

    private mutating func single(depth: Int) throws(Faults) -> AccessRule {
        // Parentheses recurse, and nobody writes eight of them.
        if depth < 8, take("(") {
            let rule = try alternatives(depth: depth + 1)
            guard take(")") else { throw unexpected() }
            return rule
        }
        guard position < tokens.count, case .word(let word) = tokens[position] else { throw unexpected() }
        position += 1
        switch word {
        case "free": return .free
        case "never": return .never
        case "card": return .card
        case "pin": return .pin
        default: return .key(word)
        }
    }

    private mutating func take(_ symbol: Character) -> Bool {
        guard position < tokens.count, tokens[position] == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private func unexpected() -> Faults {
        let found =
            switch position < tokens.count ? tokens[position] : nil {
            case .word(let word): word
            case .symbol(let symbol): String(symbol)
            case nil: "∅"
            }
        return node.fault("layout.rule-syntax", ["rule": node.text ?? "", "found": found])
    }
}
