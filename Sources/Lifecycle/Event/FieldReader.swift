/// Reads the body of an event; anything but the one canonical form is refused.
struct FieldReader {
    private let body: [UInt8]
    /// Where the values stand that nobody has asked for yet, in rising order of their tags.
    private var fields: [(tag: UInt8, value: Range<Int>)] = []

    init(_ body: [UInt8]) throws(EventFormatError) {
        self.body = body
        var (place, last): (Int, UInt8) = (0, 0)
        while place < body.count {
            guard place + 3 <= body.count else { throw .truncated }
            let tag = body[place]
            let value = place + 3..<place + 3 + (Int(body[place + 1]) << 8 | Int(body[place + 2]))
            guard value.upperBound <= body.count else { throw .truncated }
            guard tag > last else { throw .fieldOrder(tag) }
            last = tag
            fields.append((tag, value))
            place = value.upperBound
        }
    }

    mutating func bytes(_ tag: FieldTag) throws(EventFormatError) -> [UInt8] {
        guard let index = index(of: tag) else { throw .fieldMissing(tag.rawValue) }
        return Array(body[fields.remove(at: index).value])
    }

    /// One of the fields that hold what an earlier field has no room for; nil when it is not there.
    mutating func further<Value>(
        _ place: UInt8, _ make: ([UInt8]) -> Value?
    ) throws(EventFormatError) -> Value? {
        let tag = FieldTag.further &+ place
        guard let index = fields.firstIndex(where: { $0.tag == tag }) else { return nil }
        guard let value = make(Array(body[fields.remove(at: index).value])) else { throw .fieldValue(tag) }
        return value
    }

    private func index(of tag: FieldTag) -> Int? { fields.firstIndex { $0.tag == tag.rawValue } }

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
        guard index(of: tag) != nil else { return nil }
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
        if let field = fields.first { throw .fieldUnknown(field.tag) }
    }
}

private func oneByteCode<Code: RawRepresentable<UInt8>>(_ bytes: [UInt8]) -> Code? {
    bytes.count == 1 ? bytes.first.flatMap(Code.init(rawValue:)) : nil
}
