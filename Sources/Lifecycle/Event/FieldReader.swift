import ByteText

/// Reads the body of an event; anything but the one canonical form is refused.
struct FieldReader {
    private var fields: [UInt8: [UInt8]] = [:]

    init(_ body: [UInt8]) throws(EventFormatError) {
        var reader = ByteReader(body)
        var last: UInt8 = 0
        while reader.remaining > 0 {
            let (tag, value) = try Self.field(from: &reader)
            guard tag > last else { throw .fieldOrder(tag) }
            last = tag
            fields[tag] = value
        }
    }

    private static func field(
        from reader: inout ByteReader
    ) throws(EventFormatError) -> (tag: UInt8, value: [UInt8]) {
        do {
            let tag: UInt8 = try reader.takeInteger()
            let length: UInt16 = try reader.takeInteger()
            return (tag, try reader.take(Int(length)))
        } catch {
            throw .truncated
        }
    }

    mutating func bytes(_ tag: FieldTag) throws(EventFormatError) -> [UInt8] {
        guard let value = fields.removeValue(forKey: tag.rawValue) else { throw .fieldMissing(tag.rawValue) }
        return value
    }

    mutating func text(_ tag: FieldTag) throws(EventFormatError) -> String {
        try value(tag) { String(validating: $0, as: UTF8.self) }
    }

    /// A field whose bytes make a value, or are refused.
    mutating func value<Value>(_ tag: FieldTag, _ make: ([UInt8]) -> Value?) throws(EventFormatError) -> Value {
        guard let value = make(try bytes(tag)) else { throw .fieldValue(tag.rawValue) }
        return value
    }

    /// A field of one byte that is the number of a case.
    mutating func code<Code: RawRepresentable<UInt8>>(
        _ tag: FieldTag, _: Code.Type = Code.self
    ) throws(EventFormatError) -> Code {
        try value(tag, oneByteCode)
    }

    /// As ``value(_:_:)``, nil when the field is not there.
    mutating func optionalValue<Value>(
        _ tag: FieldTag, _ make: ([UInt8]) -> Value?
    ) throws(EventFormatError) -> Value? {
        guard fields[tag.rawValue] != nil else { return nil }
        return try value(tag, make)
    }

    /// As ``code(_:_:)``, nil when the field is not there.
    mutating func optionalCode<Code: RawRepresentable<UInt8>>(
        _ tag: FieldTag, _: Code.Type = Code.self
    ) throws(EventFormatError) -> Code? {
        try optionalValue(tag, oneByteCode)
    }

    /// Throws when a field is left that nobody asked for.
    func finish() throws(EventFormatError) {
        if let tag = fields.keys.min() { throw .fieldUnknown(tag) }
    }
}

private func oneByteCode<Code: RawRepresentable<UInt8>>(_ bytes: [UInt8]) -> Code? {
    bytes.count == 1 ? bytes.first.flatMap(Code.init(rawValue:)) : nil
}
