/// Reads the body of an event; anything but the one canonical form is refused.
struct FieldReader {
    private struct Field {
        let tag: UInt8
        let value: Range<Int>
        /// Whether somebody has asked for it.
        var isTaken = false
    }

    private let body: [UInt8]
    /// In rising order of their tags.
    private var fields: [Field] = []

    init(_ body: [UInt8]) throws(EventFormatError) {
        self.body = body
        // Most bodies have no more.
        fields.reserveCapacity(12)
        var (place, last): (Int, UInt8) = (0, 0)
        while place < body.count {
            guard place + 3 <= body.count else { throw .truncated }
            let tag = body[place]
            let value = place + 3..<place + 3 + (Int(body[place + 1]) << 8 | Int(body[place + 2]))
            guard value.upperBound <= body.count else { throw .truncated }
            guard tag > last else { throw .fieldOrder(tag) }
            last = tag
            fields.append(Field(tag: tag, value: value))
            place = value.upperBound
        }
    }

    /// Where a field's value stands; nil when it is not there, or was asked for before.
    private mutating func take(_ tag: UInt8) -> Range<Int>? {
        for index in fields.indices where fields[index].tag == tag && !fields[index].isTaken {
            fields[index].isTaken = true
            return fields[index].value
        }
        return nil
    }

    private mutating func taken(_ tag: FieldTag) throws(EventFormatError) -> Range<Int> {
        guard let value = take(tag.rawValue) else { throw .fieldMissing(tag.rawValue) }
        return value
    }

    private func has(_ tag: FieldTag) -> Bool { fields.contains { $0.tag == tag.rawValue && !$0.isTaken } }

    mutating func bytes(_ tag: FieldTag) throws(EventFormatError) -> [UInt8] { Array(body[try taken(tag)]) }

    /// One of the fields that hold what an earlier field has no room for; nil when it is not there.
    mutating func further<Value>(
        _ place: UInt8, _ make: ([UInt8]) -> Value?
    ) throws(EventFormatError) -> Value? {
        let tag = FieldTag.further &+ place
        guard let field = take(tag) else { return nil }
        guard let value = make(Array(body[field])) else { throw .fieldValue(tag) }
        return value
    }

    mutating func text(_ tag: FieldTag) throws(EventFormatError) -> String {
        guard let text = String(validating: body[try taken(tag)], as: UTF8.self) else {
            throw .fieldValue(tag.rawValue)
        }
        return text
    }

    /// A number that fills its field, most significant byte first.
    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ tag: FieldTag, _: Number.Type = Number.self
    ) throws(EventFormatError) -> Number {
        let value = try taken(tag)
        guard value.count == Number.bitWidth / 8 else { throw .fieldValue(tag.rawValue) }
        var number: Number = 0
        for place in value { number = number << 8 | Number(truncatingIfNeeded: body[place]) }
        return number
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
        guard let code = Code(rawValue: try number(tag)) else { throw .fieldValue(tag.rawValue) }
        return code
    }

    /// As ``value(_:_:)``, nil when the field is not there.
    mutating func optionalValue<Value>(
        _ tag: FieldTag, _ make: ([UInt8]) -> Value?
    ) throws(EventFormatError) -> Value? {
        guard has(tag) else { return nil }
        return try value(tag, make)
    }

    /// As ``code(_:_:)``, nil when the field is not there.
    mutating func optionalCode<Code: RawRepresentable<UInt8>>(
        _ tag: FieldTag, _: Code.Type = Code.self
    ) throws(EventFormatError) -> Code? {
        guard has(tag) else { return nil }
        return try code(tag)
    }

    /// Throws when a field is left that nobody asked for.
    func finish() throws(EventFormatError) {
        if let field = fields.first(where: { !$0.isTaken }) { throw .fieldUnknown(field.tag) }
    }
}
