public import CardData

/// Where a token is, as `--keys` names it: `pkcs11:token=LABEL?module-path=/usr/lib/….so` (RFC 7512).
public struct TokenLocation: Hashable, Sendable {
    /// What every location begins with.
    public static let scheme = "pkcs11:"
    /// Where Debian puts SoftHSM2's module.
    public static let softHSMModule = "/usr/lib/softhsm/libsofthsm2.so"

    /// The token's label.
    public let label: String
    /// The PKCS#11 module's file.
    public let modulePath: String

    /// A location from its parts.
    ///
    /// Throws `token.location` for a label of no or more than 32 bytes.
    public init(label: String, modulePath: String = softHSMModule) throws(Faults) {
        guard (1...32).contains(label.utf8.count) else {
            throw Faults("token.location", ["text": label, "reason": "token"])
        }
        self.label = label
        self.modulePath = modulePath
    }

    /// Whether text means a token and not a folder.
    public static func isLocation(_ text: String) -> Bool { text.hasPrefix(scheme) }

    /// Reads a location; without `module-path` it is SoftHSM2's.
    ///
    /// Throws `token.location` for attributes that are none or decide nothing here, and for a PIN in the text, which others could read.
    public init(_ text: String) throws(Faults) {
        func fault(_ reason: String) -> Faults { Faults("token.location", ["text": text, "reason": reason]) }
        guard Self.isLocation(text) else { throw fault(Self.scheme) }
        let parts = text.dropFirst(Self.scheme.count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var values: [String: String] = [:]
        for (part, separator, known) in [
            (parts[0], Character(";"), ["token"]), (parts.dropFirst().first ?? "", "&", ["module-path"]),
        ] {
            for attribute in part.split(separator: separator) {
                let pair = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = String(pair[0])
                // the text itself is not shown: it holds the PIN
                if name == "pin-value" { throw Faults("token.pin-in-location") }
                guard known.contains(name), pair.count == 2, values[name] == nil,
                    let value = Self.percentDecoded(pair[1]), !value.isEmpty
                else { throw fault(name) }
                values[name] = value
            }
        }
        guard let label = values["token"] else { throw fault("token") }
        try self.init(label: label, modulePath: values["module-path"] ?? Self.softHSMModule)
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension TokenLocation: CustomStringConvertible {
    /// The location as `--keys` takes it.
    public var description: String {
        let plain = label.utf8.map { byte -> String in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return "\(Self.scheme)token=\(plain.joined())?module-path=\(modulePath)"
    }
}
