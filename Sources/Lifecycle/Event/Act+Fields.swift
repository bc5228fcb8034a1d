import ByteText
import CardData

extension Act {
    func put(into writer: inout FieldWriter) {
        switch self {
        case .personRegistered(let record): record.put(into: &writer)
        case .personLookedUp(let person, let purpose, let found):
            writer.put(.person, person.bytes)
            writer.put(.purpose, byte: purpose.rawValue)
            writer.put(.found, byte: found ? 1 : 0)
        case .cardNumberReserved(let number, let journal):
            writer.put(.cardNumber, number.text)
            writer.put(.journal, journal)
        case .personalized(let facts): facts.put(into: &writer)
        case .spoiled(let spoilage):
            if let number = spoilage.number { writer.put(.cardNumber, number.text) }
            writer.put(.blankSerial, spoilage.blankSerial)
            writer.put(.reason, byte: spoilage.reason.rawValue)
        case .handedOver, .enabled, .pinLocked: break
        case .temporaryLoss(let report), .formalLoss(let report): report.put(into: &writer)
        case .held(let reason): writer.put(.reason, byte: reason.rawValue)
        case .pinServed(let service, let ticket):
            writer.put(.service, byte: service.rawValue)
            if !ticket.isEmpty { writer.put(.ticket, ticket) }
        case .released(let restrictions): writer.put(.restrictions, restrictions.sorted().flatMap(\.bytes))
        case .replaced(let successor, let reason):
            writer.put(.reason, byte: reason.rawValue)
            writer.put(.successor, successor.bytes)
        case .cancelled(let reason): writer.put(.reason, byte: reason.rawValue)
        }
    }

    init(kind: ActKind, from reader: inout FieldReader) throws(EventFormatError) {
        switch kind {
        case .personRegistered: self = .personRegistered(try SealedPerson(from: &reader))
        case .personLookedUp:
            self = .personLookedUp(
                try reader.value(.person, PersonReference.init(bytes:)), purpose: try reader.code(.purpose),
                found: try reader.value(.found) { $0 == [1] ? true : $0 == [0] ? false : nil })
        case .cardNumberReserved:
            self = .cardNumberReserved(
                try reader.value(.cardNumber, cardNumber), journal: try reader.text(.journal))
        case .personalized: self = .personalized(try CardFacts(from: &reader))
        case .spoiled: self = .spoiled(try Spoilage(from: &reader))
        case .handedOver: self = .handedOver
        case .enabled: self = .enabled
        case .temporaryLoss: self = .temporaryLoss(try LossReport(from: &reader))
        case .formalLoss: self = .formalLoss(try LossReport(from: &reader))
        case .held: self = .held(try reader.code(.reason))
        case .pinLocked: self = .pinLocked
        case .pinServed:
            self = .pinServed(
                try reader.code(.service), ticket: try reader.optionalValue(.ticket, ticket) ?? "")
        case .released: self = .released(try reader.value(.restrictions, identifiers))
        case .replaced:
            self = .replaced(
                successor: try reader.value(.successor, CardReference.init(bytes:)), reason: try reader.code(.reason))
        case .cancelled: self = .cancelled(try reader.code(.reason))
        }
    }
}

extension SealedPerson {
    fileprivate func put(into writer: inout FieldWriter) {
        writer.put(.person, person.bytes)
        writer.put(.sealedNumber, sealedNumber)
        writer.put(.sealedName, sealedName)
        if !sealedDetails.isEmpty { writer.put(.sealedDetails, sealedDetails) }
    }

    fileprivate init(from reader: inout FieldReader) throws(EventFormatError) {
        self.init(
            person: try reader.value(.person, PersonReference.init(bytes:)),
            sealedNumber: try reader.bytes(.sealedNumber), sealedName: try reader.bytes(.sealedName),
            sealedDetails: try reader.optionalValue(.sealedDetails, nonEmpty) ?? [])
    }
}

extension CardFacts {
    fileprivate func put(into writer: inout FieldWriter) {
        writer.put(.person, person.bytes)
        writer.put(.cardNumber, number.text)
        writer.put(.layout, layout)
        writer.put(.profile, profile)
        writer.put(.area, area)
        writer.put(.issued, issued.text)
        writer.put(.expires, expires.text)
        if !planHash.isEmpty { writer.put(.planHash, planHash) }
        writer.put(.blankSerial, blankSerial)
        if !keyVersions.isEmpty { writer.put(.keyVersions, keyVersions) }
    }

    fileprivate init(from reader: inout FieldReader) throws(EventFormatError) {
        self.init(
            number: try reader.value(.cardNumber, cardNumber),
            person: try reader.value(.person, PersonReference.init(bytes:)), layout: try reader.text(.layout),
            profile: try reader.text(.profile), area: try reader.text(.area), issued: try reader.value(.issued, date),
            expires: try reader.value(.expires, date),
            planHash: try reader.optionalValue(.planHash, nonEmpty) ?? [],
            blankSerial: try reader.bytes(.blankSerial),
            keyVersions: try reader.optionalValue(.keyVersions) {
                $0.isEmpty ? nil : String(validating: $0, as: UTF8.self)
            } ?? "")
    }
}

extension Spoilage {
    fileprivate init(from reader: inout FieldReader) throws(EventFormatError) {
        self.init(
            try reader.code(.reason), number: try reader.optionalValue(.cardNumber, cardNumber),
            blankSerial: try reader.bytes(.blankSerial))
    }
}

extension LossReport {
    fileprivate func put(into writer: inout FieldWriter) {
        writer.put(.channel, byte: channel.rawValue)
        writer.put(.reporter, byte: reporter.rawValue)
        writer.put(.subject, byte: subject.rawValue)
        if let lostSince { writer.put(.lostSince, lostSince.bigEndianBytes) }
    }

    fileprivate init(from reader: inout FieldReader) throws(EventFormatError) {
        self.init(
            channel: try reader.code(.channel), reporter: try reader.code(.reporter),
            subject: try reader.code(.subject),
            lostSince: try reader.optionalValue(.lostSince) { UInt64(bigEndianBytes: $0) })
    }
}

private func nonEmpty(_ bytes: [UInt8]) -> [UInt8]? { bytes.isEmpty ? nil : bytes }

/// Text of at least one byte.
private func ticket(_ bytes: [UInt8]) -> String? {
    bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
}

private func cardNumber(_ bytes: [UInt8]) -> CardNumber? {
    guard bytes.count == 9, let text = String(validating: bytes, as: UTF8.self) else { return nil }
    return try? CardNumber(text)
}

private func date(_ bytes: [UInt8]) -> CardDate? {
    String(validating: bytes, as: UTF8.self).flatMap { try? CardDate($0) }
}

/// A list of events in rising order, each once, at least one.
private func identifiers(_ bytes: [UInt8]) -> Set<EventIdentifier>? {
    var reader = ByteReader(bytes)
    var found: [EventIdentifier] = []
    while reader.remaining > 0 {
        guard let identifier = try? EventIdentifier(reading: &reader) else { return nil }
        if let last = found.last, last >= identifier { return nil }
        found.append(identifier)
    }
    return found.isEmpty ? nil : Set(found)
}
