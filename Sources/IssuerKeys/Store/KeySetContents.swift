import CardCryptography

/// The sealed part of a key set: for each key one byte with the length of its name, the name, the algorithm's number, the version,
/// 16 bytes.
///
/// Files of the first format have no version; all their keys are of version 1.
enum KeySetContents {
    static func write(_ set: KeySet) -> SecretBytes {
        let identities = set.identities
        let count = identities.reduce(0) { $0 + 19 + $1.name.rawValue.utf8.count }
        return SecretBytes.filling(count: count) { span in
            var at = 0
            for identity in identities {
                guard let key = set[identity] else { continue }
                let name = Array(identity.name.rawValue.utf8)
                for byte in [UInt8(name.count)] + name + [identity.algorithm.rawValue, identity.version.number] {
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
    static func read(_ span: Span<UInt8>, format: KeySetHeader.Format, into set: inout KeySet) -> Bool {
        let hasVersions = format != .first
        var at = 0
        while at < span.count {
            let nameEnd = at + 1 + Int(span[at])
            let keyStart = nameEnd + (hasVersions ? 2 : 1)
            guard keyStart + 16 <= span.count else { return false }
            let name = String(decoding: (at + 1..<nameEnd).map { span[$0] }, as: UTF8.self)
            let version = hasVersions ? KeyVersion(Int(span[nameEnd + 1])) : .first
            guard let algorithm = CardAlgorithm(rawValue: span[nameEnd]), let version else { return false }
            let key = SecretBytes(copying: span.extracting(keyStart..<keyStart + 16))
            guard (try? set.insert(key, as: KeyName(rawValue: name), algorithm, version: version)) != nil else {
                return false
            }
            at = keyStart + 16
        }
        return true
    }
}
