import CardCryptography

/// The sealed part of a key set: for each key one byte with the length of its name, the name, the algorithm identifier, 16 bytes.
enum KeySetContents {
    static func write(_ set: KeySet) -> SecretBytes {
        let identities = set.identities
        let count = identities.reduce(0) { $0 + 18 + $1.name.rawValue.utf8.count }
        return SecretBytes.filling(count: count) { span in
            var at = 0
            for identity in identities {
                guard let key = set[identity] else { continue }
                let name = Array(identity.name.rawValue.utf8)
                for byte in [UInt8(name.count)] + name + [identity.algorithm.rawValue] {
                    span[at] = byte
                    at += 1
                }
                key.withSpan { key in
                    for index in key.indices { span[at + index] = key[index] }
                }
                at += 16
            }
        }
    }

    /// Puts the keys into `set`; false when the bytes are not as `write` makes them.
    static func read(_ span: Span<UInt8>, into set: inout KeySet) -> Bool {
        var at = 0
        while at < span.count {
            let nameEnd = at + 1 + Int(span[at])
            guard nameEnd + 17 <= span.count else { return false }
            let name = String(decoding: (at + 1..<nameEnd).map { span[$0] }, as: UTF8.self)
            guard let algorithm = CardAlgorithm(rawValue: span[nameEnd]) else { return false }
            let key = SecretBytes(copying: span.extracting(nameEnd + 1..<nameEnd + 17))
            guard (try? set.insert(key, as: KeyName(rawValue: name), algorithm)) != nil else { return false }
            at = nameEnd + 17
        }
        return true
    }
}
