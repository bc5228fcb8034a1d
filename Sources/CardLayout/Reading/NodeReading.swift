import CardData

/// Reads the values of one mapping and gathers what is wrong, so that all faults of a file are told at once.
struct NodeReading {
    /// What was found so far, in the order of reading.
    var faults = FaultCollector()

    /// The value of a key that must be there.
    mutating func required<Value>(
        _ node: YAMLNode, _ key: String, _ read: (YAMLNode) throws(Faults) -> Value
    ) -> Value? {
        faults.attempt { () throws(Faults) in try read(try node.required(key)) }
    }

    /// The value of a key that may be missing.
    mutating func optional<Value>(
        _ node: YAMLNode, _ key: String, _ read: (YAMLNode) throws(Faults) -> Value
    ) -> Value? {
        guard let value = node[key] else { return nil }
        return faults.attempt { () throws(Faults) in try read(value) }
    }

    /// A text that must be there.
    mutating func string(_ node: YAMLNode, _ key: String) -> String? {
        required(node, key) { value throws(Faults) in try value.string }
    }

    /// A decimal number in a range that must be there.
    mutating func integer(_ node: YAMLNode, _ key: String, in range: ClosedRange<Int>) -> Int? {
        required(node, key) { value throws(Faults) in try value.integer(in: range) }
    }

    /// A hexadecimal byte that must be there.
    mutating func hexByte(_ node: YAMLNode, _ key: String) -> UInt8? {
        required(node, key) { value throws(Faults) in try value.hexByte }
    }

    /// `true` or `false`, which must be there.
    mutating func boolean(_ node: YAMLNode, _ key: String) -> Bool? {
        required(node, key) { value throws(Faults) in try value.boolean }
    }

    /// One of an enumeration's names, hyphens between its words, which must be there.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: YAMLNode, _ key: String, _: Choice.Type = Choice.self
    ) -> Choice? {
        required(node, key) { value throws(Faults) in try value.choice() }
    }

    /// Notes the keys that nobody reads.
    mutating func refuseUnknownKeys(of node: YAMLNode, allowed: Set<String>) {
        node.unknownKeys(allowed: allowed).forEach { faults.add($0) }
    }
}

extension YAMLNode {
    /// A decimal number in a range.
    func integer(in range: ClosedRange<Int>) throws(Faults) -> Int {
        let number = try integer
        guard range.contains(number) else {
            throw fault(
                "layout.out-of-range",
                ["value": String(number), "least": String(range.lowerBound), "most": String(range.upperBound)])
        }
        return number
    }

    /// A hexadecimal length in a range.
    func hexLength(in range: ClosedRange<Int>) throws(Faults) -> Int {
        let number = try hexLength
        guard range.contains(number) else {
            throw fault(
                "layout.out-of-range",
                [
                    "value": try string, "least": String(range.lowerBound, radix: 16, uppercase: true),
                    "most": String(range.upperBound, radix: 16, uppercase: true),
                ])
        }
        return number
    }

    /// One of an enumeration's names, hyphens between its words.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type = Choice.self
    ) throws(Faults) -> Choice {
        let text = try string
        guard let choice = Choice.allCases.first(where: { $0.rawValue.hyphenated == text }) else {
            let allowed = Choice.allCases.map(\.rawValue.hyphenated).joined(separator: ", ")
            throw fault("layout.unknown-choice", ["value": text, "allowed": allowed])
        }
        return choice
    }
}

extension String {
    /// `newestIsFactor` as files write it: `newest-is-factor`.
    var hyphenated: String {
        reduce(into: "") { text, character in
            if character.isUppercase { text += "-" + character.lowercased() } else { text.append(character) }
        }
    }
}
