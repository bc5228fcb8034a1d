import ByteText
import CardData

extension YAMLNode {
    /// The value of a key as `read` makes it from its text.
    ///
    /// Throws `record.value` where it makes none, and what ``CardData/YAMLNode/required(_:)`` throws.
    func value<Value>(_ key: String, _ read: (String) -> Value?) throws(Faults) -> Value {
        let node = try required(key)
        guard let value = read(try node.string) else { throw node.fault("record.value", ["field": key]) }
        return value
    }

    /// So many bytes in upper-case hexadecimal digits; nil takes any number.
    func bytes(_ key: String, count: Int?) throws(Faults) -> [UInt8] {
        try value(key) { text in
            guard let bytes = [UInt8](hexadecimal: text), count == nil || bytes.count == count else { return nil }
            return bytes
        }
    }

    /// The document's `format` must be the expected one.
    ///
    /// Throws `record.format`.
    func checkFormat(_ expected: String) throws(Faults) {
        let format = try required("format").string
        guard format == expected else {
            throw fault("record.format", ["format": format, "expected": expected])
        }
    }

    /// Keys that a record does not have are faults: nothing may stand in it that nobody reads.
    func checkKeys(_ allowed: Set<String>) throws(Faults) {
        if let faults = Faults(unknownKeys(allowed: allowed)) { throw faults }
    }
}
