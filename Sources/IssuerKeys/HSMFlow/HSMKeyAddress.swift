import ByteText

/// Where a key is in the hardware module, as key-address strings have it (card.md §3.2).
public enum HSMKeyAddress: Hashable, Sendable {
    /// `0094`, or with the key's identifier in a PSAM `009412`.
    case number(UInt16, terminalKey: UInt8?)
    /// A name of version 3.0 with the area behind it: `RKMFEF0C_370000`.
    case name(KeyName, area: String)

    /// Reads a key-address string; nil when it is none.
    public init?(_ text: String) {
        if let separator = text.firstIndex(of: "_") {
            let (name, area) = (text[..<separator], String(text[text.index(after: separator)...]))
            guard (1...32).contains(name.utf8.count), AreaFactor.isAreaCode(area),
                name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
            else { return nil }
            self = .name(KeyName(rawValue: String(name)), area: area)
            return
        }
        guard let bytes = [UInt8](hexadecimal: text), bytes.count == 2 || bytes.count == 3 else { return nil }
        self = .number(UInt16(bytes[0]) << 8 | UInt16(bytes[1]), terminalKey: bytes.count == 3 ? bytes[2] : nil)
    }

    /// The key that the hierarchy has at this address; nil when there is none, or its PSAM identifier is another.
    public func key(in hierarchy: KeyHierarchy) -> KeyHierarchy.Key? {
        switch self {
        case .name(let name, _): return hierarchy[name]
        case .number(let address, let terminalKey):
            return hierarchy.keys.first { key in
                guard let first = key.moduleAddress, address >= first, Int(address - first) < key.moduleGroups else {
                    return false
                }
                return terminalKey == nil || key.terminalKey?.identifier == terminalKey
            }
        }
    }

    /// The version of the key at this address; nil when the hierarchy has no key here.
    ///
    /// The module keeps the versions of a key as its groups, one behind the other. A key that is named is meant in its live
    /// version.
    public func version(in hierarchy: KeyHierarchy) -> KeyVersion? {
        guard let key = key(in: hierarchy) else { return nil }
        guard case .number(let address, _) = self, let first = key.moduleAddress else { return key.live }
        return KeyVersion(Int(address - first) + 1)
    }
}

extension HSMKeyAddress: CustomStringConvertible {
    /// The string as drivers pass it, hexadecimal digits in capitals.
    public var description: String {
        switch self {
        case .number(let address, let terminalKey): address.hexadecimal + (terminalKey?.hexadecimal ?? "")
        case .name(let name, let area): "\(name)_\(area)"
        }
    }
}
