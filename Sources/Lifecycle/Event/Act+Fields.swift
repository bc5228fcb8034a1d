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
        case .handedOver, .enabled, .pinLocked, .dispatched, .arrived, .missing, .destroyed, .givenBack, .seenBlocked,
            .unclaimed, .expired:
            break
        case .chipEnded(let end): writer.put(.reason, byte: end.rawValue)
        case .recovered(let reason): writer.put(.reason, byte: reason.rawValue)
        case .dataChanged(let elements): writer.put(.elements, elements.joined(separator: "\n"))
        case .migrated(let layout, let profile):
            writer.put(.layout, layout)
            writer.put(.profile, profile)
        case .ranOut(let loss, let end):
            writer.put(.reason, byte: end.rawValue)
            writer.put(.earlierEvent, loss.bytes)
        case .cancellationConfirmed(let cancellation): writer.put(.earlierEvent, cancellation.bytes)
        case .duplicate(let first): writer.put(.successor, first.bytes)
        case .pinServed(let service, let ticket):
            writer.put(.service, byte: service.rawValue)
            if !ticket.isEmpty { writer.put(.ticket, ticket) }
        case .corrected(let correction): correction.put(into: &writer)
        case .feeAnswered(let answer): answer.put(into: &writer)
        case .submitted(let facts): facts.put(into: &writer)
        case .application(let application, let step): step.put(into: &writer, of: application)
        case .stock(let move): move.put(into: &writer)
        case .dayClosed(let count): count.put(into: &writer)
        case .leaseGranted(let lease): lease.put(into: &writer)
        case .leaseReturned(let lease): writer.put(.earlierEvent, lease.bytes)
        case .registryRestored(let restoration): restoration.put(into: &writer)
        case .temporaryLoss(let report), .formalLoss(let report): report.put(into: &writer)
        case .held(let reason, let until):
            writer.put(.reason, byte: reason.rawValue)
            if let until { writer.put(.lastDay, until.text) }
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
        case .held: self = .held(try reader.code(.reason), until: try reader.optionalValue(.lastDay, date))
        case .pinLocked: self = .pinLocked
        case .dispatched: self = .dispatched
        case .arrived: self = .arrived
        case .missing: self = .missing
        case .recovered: self = .recovered(try reader.code(.reason))
        case .destroyed: self = .destroyed
        case .givenBack: self = .givenBack
        case .chipEnded: self = .chipEnded(try reader.code(.reason))
        case .dataChanged: self = .dataChanged(try reader.value(.elements, elementNames))
        case .migrated: self = .migrated(layout: try reader.text(.layout), profile: try reader.text(.profile))
        case .ranOut:
            let end: TemporaryLossEnd = try reader.code(.reason)
            self = .ranOut(try reader.value(.earlierEvent, EventIdentifier.init(bytes:)), end)
        case .seenBlocked: self = .seenBlocked
        case .cancellationConfirmed:
            self = .cancellationConfirmed(try reader.value(.earlierEvent, EventIdentifier.init(bytes:)))
        case .unclaimed: self = .unclaimed
        case .expired: self = .expired
        case .duplicate: self = .duplicate(of: try reader.value(.successor, CardReference.init(bytes:)))
        case .pinServed:
            self = .pinServed(
                try reader.code(.service), ticket: try reader.optionalValue(.ticket, ticket) ?? "")
        case .corrected: self = .corrected(try Correction(from: &reader))
        case .feeAnswered: self = .feeAnswered(try FeeAnswer(from: &reader))
        case .submitted: self = .submitted(try ApplicationFacts(from: &reader))
        case .supplementAsked, .supplemented, .approved, .rejected, .withdrawn, .productionBegun, .productionFailed,
            .ready, .collected, .lapsed, .collectionUndone:
            let step = try ApplicationStep(kind: kind, from: &reader)
            self = .application(try reader.value(.application, EventIdentifier.init(bytes:)), step)
        case .stockReceived, .stockHandedOver, .stockMissed, .stockDestroyed, .stockReturned, .stockInstalled,
            .stockTakenOut:
            self = .stock(try StockMove(kind: kind, from: &reader))
        case .dayClosed: self = .dayClosed(try DayCount(from: &reader))
        case .leaseGranted: self = .leaseGranted(try Lease(from: &reader))
        case .leaseReturned: self = .leaseReturned(try reader.value(.earlierEvent, EventIdentifier.init(bytes:)))
        case .registryRestored: self = .registryRestored(try Restoration(from: &reader))
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
        if let lostSince { writer.put(.lostSince, number: lostSince) }
    }

    fileprivate init(from reader: inout FieldReader) throws(EventFormatError) {
        self.init(
            channel: try reader.code(.channel), reporter: try reader.code(.reporter),
            subject: try reader.code(.subject),
            lostSince: try reader.optionalValue(.lostSince) { UInt64(bigEndianBytes: $0) })
    }
}

extension Correction {
    fileprivate func put(into writer: inout FieldWriter) {
        writer.put(.reason, byte: reason.rawValue)
        writer.put(.earlierEvent, event.bytes)
        writer.put(.earlierKind, number: kind.rawValue)
        if let before { writer.put(.placeBefore, before.rawValue) }
    }

    fileprivate init(from reader: inout FieldReader) throws(EventFormatError) {
        let place = try reader.optionalValue(.placeBefore) {
            String(validating: $0, as: UTF8.self).flatMap(PhysicalState.init(rawValue:))
        }
        self.init(
            of: try reader.value(.earlierEvent, EventIdentifier.init(bytes:)),
            kind: try reader.value(.earlierKind) { UInt16(bigEndianBytes: $0).flatMap(ActKind.init(rawValue:)) },
            reason: try reader.code(.reason), before: place)
        // Only a place that does not go without saying is written.
        guard before == place else { throw .fieldValue(FieldTag.placeBefore.rawValue) }
    }
}

extension FeeAnswer {
    fileprivate func put(into writer: inout FieldWriter) {
        writer.put(.reason, byte: way.rawValue)
        writer.put(.issue, issue)
        writer.put(.fen, number: fen)
    }

    fileprivate init(from reader: inout FieldReader) throws(EventFormatError) {
        self.init(
            try reader.code(.reason),
            issue: try reader.value(.issue) { $0.isEmpty ? nil : String(validating: $0, as: UTF8.self) },
            fen: try reader.number(.fen))
    }
}

/// Names of elements, one a line, at least one.
private func elementNames(_ bytes: [UInt8]) -> [String]? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let names = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return names.contains("") ? nil : names
}

/// Text of at least one byte.
private func ticket(_ bytes: [UInt8]) -> String? {
    bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
}

private func nonEmpty(_ bytes: [UInt8]) -> [UInt8]? { bytes.isEmpty ? nil : bytes }

func cardNumber(_ bytes: [UInt8]) -> CardNumber? {
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
