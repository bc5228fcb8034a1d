import ByteText
import CardCryptography
public import CardData

extension KeySet {
    /// The keys of a level below for one area, to hand over to it: nobody there can make those of another area.
    ///
    /// Every derivation is recorded; the records go with the set.
    /// Throws `key-store.level` when this set does not stand above that level and area.
    public func handedDown(
        to target: KeyLevel, area: String, name: String, hierarchy: KeyHierarchy
    ) throws(Faults) -> KeySet {
        guard level < target, target < .card, covers(area: area), target == .city || area.hasSuffix("0000") else {
            throw Faults("key-store.level", ["name": self.name, "level": level.rawValue, "area": area])
        }
        var set = try KeySet(name: name, level: target, area: area, root: root)
        var records = lineage
        for identity in identities {
            guard let held = self[identity] else { continue }
            let descent = try held.withSpan { span throws(Faults) in
                try Self.descend(
                    from: span, as: identity, hierarchy.steps(from: level, to: target, area: area), hierarchy)
            }
            records += descent.records
            // what may not leave this set may not leave those below either
            try set.insert(
                descent.key, as: identity.name, identity.algorithm, version: identity.version,
                exportability: exportability(of: identity))
        }
        set.lineage = records
        return set
    }

    /// The keys of one city, to hand over to it.
    ///
    /// Throws `key-store.level` when this set does not stand above the city.
    public func citySet(area city: String, name: String, hierarchy: KeyHierarchy) throws(Faults) -> KeySet {
        try handedDown(to: .city, area: city, name: name, hierarchy: hierarchy)
    }

    /// What happened to a key on its way down: the records that came with the set, then those of the levels below it to an area,
    /// and to a card where its factor is given.
    ///
    /// Throws `key-store.level` for an area that this set does not serve, `key-store.not-in-set` for a key that it does not hold,
    /// and `key-store.value` for a factor that has not eight bytes.
    public func lineage(
        of identity: Identity, area: String, cardFactor: [UInt8]?, hierarchy: KeyHierarchy
    ) throws(Faults) -> [DerivationRecord] {
        guard covers(area: area) else {
            throw Faults("key-store.level", ["name": name, "level": level.rawValue, "area": area])
        }
        guard let held = self[identity] else { throw notHeld(identity) }
        var steps = level < .city ? hierarchy.steps(from: level, to: .city, area: area) : []
        if let cardFactor {
            guard let factor = DiversificationFactor(cardFactor) else {
                throw Faults("key-store.value", ["field": "factor"])
            }
            steps.append((.card, factor))
        }
        let below = try held.withSpan { span throws(Faults) in
            try Self.descend(from: span, as: identity, steps, hierarchy)
        }.records
        return lineage.filter { $0.isOf(identity) } + below
    }

    /// The check value of a key of the set.
    ///
    /// Throws `key-store.not-in-set` for a key that it does not hold.
    public func checkValue(of identity: Identity) throws(Faults) -> KeyCheckValue {
        guard let held = self[identity] else { throw notHeld(identity) }
        return try held.withSpan { span throws(Faults) in
            try storing { () throws(CryptographyError) in try Self.checkValue(span, identity.algorithm) }
        }
    }

    /// SM3 over the canonical bytes of all records, each ended by a line feed, as hexadecimal digits: equal on both sides of a
    /// hand-over when the records are.
    ///
    /// Throws `key-store.cryptography`.
    public func lineageDigest() throws(Faults) -> String {
        let bytes: [UInt8] = lineage.reduce(into: []) { $0 += $1.canonicalBytes + [0x0A] }
        return try storing { () throws(CryptographyError) in try HashFunction.sm3.hash(bytes) }.hexadecimal
    }

    private func notHeld(_ identity: Identity) -> Faults {
        Faults(
            "key-store.not-in-set",
            [
                "key": identity.name.rawValue, "algorithm": identity.algorithm.description,
                "version": identity.version.description, "name": name,
            ])
    }

    /// Whether the records of the set lead to each of its keys: every chain is whole, comes down level by level with the factors
    /// and the parity rule of the hierarchy, and ends at the check value of the key that is there.
    ///
    /// A set that nothing was handed down to has no records.
    /// Throws `key-store.lineage` with the first key whose chain is not.
    public func checkLineage(hierarchy: KeyHierarchy) throws(Faults) {
        guard !lineage.isEmpty else { return }
        var chains = Dictionary(grouping: lineage, by: \.identity)
        for identity in identities {
            let chain = chains.removeValue(forKey: identity) ?? []
            guard let first = chain.first, let top = first.level.above else { throw broken(identity.name) }
            let steps = hierarchy.steps(from: top, to: level, area: area)
            let isWhole = zip(chain, chain.dropFirst()).allSatisfy { $0.child == $1.parent }
            let isByRule =
                chain.map(\.level) == steps.map(\.level) && chain.map(\.factor) == steps.map(\.factor)
                && chain.allSatisfy { $0.parity == hierarchy.parity }
            guard isWhole, isByRule, chain.last?.child == (try checkValue(of: identity)) else {
                throw broken(identity.name)
            }
        }
        if let stray = chains.keys.min() { throw broken(stray.name) }
    }

    private func broken(_ name: KeyName) -> Faults {
        Faults("key-store.lineage", ["name": self.name, "key": name.rawValue])
    }

    /// A key at the end of its way down, with what was recorded on the way.
    private struct Descent: ~Copyable {
        var key: SecretBytes
        var records: [DerivationRecord]
    }

    private static func descend(
        from master: Span<UInt8>, as identity: Identity,
        _ steps: [(level: KeyLevel, factor: DiversificationFactor)], _ hierarchy: KeyHierarchy
    ) throws(Faults) -> Descent {
        try storing { () throws(CryptographyError) in
            var descent = Descent(key: SecretBytes(copying: master), records: [])
            var parent = try checkValue(master, identity.algorithm)
            for step in steps {
                let cipher = identity.algorithm.masterCipher
                let key = try descent.key.withSpan { span throws(CryptographyError) in
                    try Diversification.derive(
                        from: BlockCipherKey(cipher, span), factor: step.factor, parity: hierarchy.parity)
                }
                let child = try key.withSpan { span throws(CryptographyError) in
                    try checkValue(span, identity.algorithm)
                }
                if let record = DerivationRecord(
                    key: identity.name, algorithm: identity.algorithm, version: identity.version, level: step.level,
                    factor: step.factor, parity: hierarchy.parity, parent: parent, child: child)
                {
                    descent.records.append(record)
                }
                descent.key = key
                parent = child
            }
            return descent
        }
    }

    private static func checkValue(
        _ key: Span<UInt8>, _ algorithm: CardAlgorithm
    ) throws(CryptographyError) -> KeyCheckValue {
        try KeyCheckValue(of: key, cipher: algorithm.masterCipher)
    }
}

extension DerivationRecord {
    /// Which key of a set the record is of.
    var identity: KeySet.Identity { KeySet.Identity(name: key, algorithm: algorithm, version: version) }

    /// Whether the record is of this key.
    func isOf(_ other: KeySet.Identity) -> Bool { identity == other }
}

extension KeyHierarchy {
    /// The steps that lead from a level down to another one above the card, with their factors for an area; steps whose factor
    /// cannot be made from the area are left out.
    func steps(
        from top: KeyLevel, to level: KeyLevel, area: String
    ) -> [(level: KeyLevel, factor: DiversificationFactor)] {
        levels.filter { $0.level > top && $0.level <= level }.compactMap { step in
            step.factor(area: area).map { (step.level, $0) }
        }
    }
}

extension KeyLevel {
    /// The level above; nil for the ministry.
    var above: KeyLevel? { Self.allCases.last { $0 < self } }
}
