import ByteText

/// Bytes and numbers that are written as hexadecimal digits, as the standards print them.
extension YAMLNode {
    /// Bytes; spaces may stand between them.
    ///
    /// Throws `data-file.not-hexadecimal`.
    public var hexBytes: [UInt8] {
        get throws(Faults) {
            let text = try string
            guard let bytes = [UInt8](hexadecimal: text) else { throw notHexadecimal(text, digits: nil) }
            return bytes
        }
    }

    /// One byte of two digits.
    ///
    /// Throws `data-file.not-hexadecimal`.
    public var hexByte: UInt8 {
        get throws(Faults) { try hexNumber() }
    }

    /// A number written with all its digits, most significant first: two for a `UInt8`, four for a `UInt16`.
    ///
    /// Throws `data-file.not-hexadecimal`.
    public func hexNumber<Number: FixedWidthInteger & UnsignedInteger>(
        _: Number.Type = Number.self
    ) throws(Faults) -> Number {
        let text = try string
        guard let bytes = [UInt8](hexadecimal: text), let number = Number(bigEndianBytes: bytes) else {
            throw notHexadecimal(text, digits: Number.bitWidth / 4)
        }
        return number
    }

    /// A length as the standards print it: one to four hexadecimal digits.
    ///
    /// Throws `data-file.not-hexadecimal`.
    public var hexLength: Int {
        get throws(Faults) {
            let text = try string
            guard text.count <= 4, text.allSatisfy(\.isHexDigit), let number = Int(text, radix: 16) else {
                throw notHexadecimal(text, digits: nil)
            }
            return number
        }
    }

    private func notHexadecimal(_ text: String, digits: Int?) -> Faults {
        fault("data-file.not-hexadecimal", ["value": text, "digits": digits.map(String.init) ?? "n"])
    }
}
