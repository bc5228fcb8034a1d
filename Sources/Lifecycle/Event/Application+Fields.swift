import ByteText

extension ApplicationFacts {
    func put(into writer: inout FieldWriter) {
        writer.put(.person, person.bytes)
        if let renewal { writer.put(.reason, byte: renewal.rawValue) }
        writer.put(.channel, byte: channel.rawValue)
        writer.put(.applicationKind, byte: kind.rawValue)
        writer.put(.applicationWay, byte: way.rawValue)
        if !batch.isEmpty { writer.put(.batch, batch) }
    }

    init(from reader: inout FieldReader) throws(EventFormatError) {
        self.init(
            person: try reader.value(.person, PersonReference.init(bytes:)),
            kind: try reader.code(.applicationKind), way: try reader.code(.applicationWay),
            channel: try reader.code(.channel),
            batch: try reader.optionalValue(.batch) {
                $0.isEmpty ? nil : String(validating: $0, as: UTF8.self)
            } ?? "", renewal: try reader.optionalCode(.reason))
    }
}

extension ApplicationStep {
    func put(into writer: inout FieldWriter, of application: EventIdentifier) {
        if case .rejected(let reason, _) = self { writer.put(.reason, byte: reason.rawValue) }
        if case .collected(let reason?) = self { writer.put(.reason, byte: reason.rawValue) }
        if case .lapsed(let reason?) = self { writer.put(.reason, byte: reason.rawValue) }
        if case .ready(let card) = self { writer.put(.successor, card.bytes) }
        writer.put(.application, application.bytes)
        if case .productionFailed(let mark?, _) = self { writer.put(.factoryReturn, mark.bytes) }
        if let note { writer.put(.failure, note.text) }
    }

    /// A step of one of the kinds of ``ApplicationStep/kind``.
    init(kind: ActKind, from reader: inout FieldReader) throws(EventFormatError) {
        switch kind {
        case .supplementAsked:
            self = .supplementAsked(why: try reader.optionalValue(.failure, FailureNote.init(encoded:)))
        case .supplemented: self = .supplemented
        case .approved: self = .approved
        case .rejected:
            self = .rejected(
                try reader.code(.reason), why: try reader.optionalValue(.failure, FailureNote.init(encoded:)))
        case .withdrawn: self = .withdrawn
        case .productionBegun: self = .productionBegun
        case .productionFailed:
            self = .productionFailed(
                try reader.optionalValue(.factoryReturn, ReturnMark.init(bytes:)),
                why: try reader.optionalValue(.failure, FailureNote.init(encoded:)))
        case .ready: self = .ready(try reader.value(.successor, CardReference.init(bytes:)))
        case .collected: self = .collected(try reader.optionalCode(.reason))
        case .lapsed: self = .lapsed(try reader.optionalCode(.reason))
        case .collectionUndone: self = .collectionUndone
        default: throw .kindUnknown(kind.rawValue)
        }
    }
}
