public import CardData

/// Why bytes are not an event.
public enum EventFormatError: Error, Hashable, Sendable {
    /// They do not begin with `SCE1`.
    case magic
    /// They end too early.
    case truncated
    /// They go on after the event's end.
    case trailingBytes(Int)
    /// The event would be larger than 1 MiB.
    case tooLong(Int)
    /// The signature's algorithm is not known here, or its length is not that algorithm's.
    case signatureForm(UInt8)
    /// The kind of act is not known here.
    case kindUnknown(UInt16)
    /// A card's act names no card, or another act names one.
    case cardReference
    /// A field is out of order or comes twice.
    case fieldOrder(UInt8)
    /// A field that the act needs is missing.
    case fieldMissing(UInt8)
    /// A field's value is not allowed.
    case fieldValue(UInt8)
    /// A field does not belong to the act.
    case fieldUnknown(UInt8)
}

extension EventFormatError: FaultReporting {
    /// The one fault.
    public var faults: [Fault] {
        switch self {
        case .magic: [Fault("event.magic")]
        case .truncated: [Fault("event.truncated")]
        case .trailingBytes(let count): [Fault("event.trailing-bytes", ["count": String(count)])]
        case .tooLong(let count): [Fault("event.too-long", ["count": String(count)])]
        case .signatureForm(let algorithm): [Fault("event.signature-form", ["algorithm": String(algorithm)])]
        case .kindUnknown(let kind): [Fault("event.kind-unknown", ["kind": String(kind, radix: 16)])]
        case .cardReference: [Fault("event.card-reference")]
        case .fieldOrder(let tag): [Fault("event.field-order", ["tag": String(tag, radix: 16)])]
        case .fieldMissing(let tag): [Fault("event.field-missing", ["tag": String(tag, radix: 16)])]
        case .fieldValue(let tag): [Fault("event.field-value", ["tag": String(tag, radix: 16)])]
        case .fieldUnknown(let tag): [Fault("event.field-unknown", ["tag": String(tag, radix: 16)])]
        }
    }
}
