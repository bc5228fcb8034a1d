import CardCryptography

/// The sealed part of a key set.
///
/// For each key one byte with the length of its name, the name, the algorithm's number, the version, 16 bytes. The two highest bits
/// of the algorithm's number say whether the key may leave: 00 not at all, 01 exportable, 10 sensitive. Files of the first format
/// have no version; all their keys are of version 1.
enum KeySetContents {
    private static let exportBits: [KeyBlockHeader.Exportability: UInt8] = [
        .forbidden: 0x00, .exportable: 0x40, .sensitive: 0x80,
    ]

    static func write(_ set: KeySet) -> SecretBytes {
        let identities = set.identities
        let count = identities.reduce(0) { $0 + 19 + $1.name.rawValue.utf8.count }
        return SecretBytes.filling(count: count) { span in
            var at = 0
            for identity in identities {
                guard let key = set[identity] else { continue }
                let name = Array(identity.name.rawValue.utf8)
                let flag = exportBits[set.exportability(of: identity)] ?? 0
                for byte in [UInt8(name.count)] + name + [identity.algorithm.rawValue | flag, identity.version.number] {
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
            guard let algorithm = CardAlgorithm(rawValue: span[nameEnd] & 0x3F), let version,
                let flag = exportBits.first(where: { $0.value == span[nameEnd] & 0xC0 })?.key
            else { return false }
            let key = SecretBytes(copying: span.extracting(keyStart..<keyStart + 16))
            let keyName = KeyName(rawValue: name)
            let isIn = (try? set.insert(key, as: keyName, algorithm, version: version, exportability: flag)) != nil
            guard isIn else { return false }
            at = keyStart + 16
        }
        return true
    }
}
