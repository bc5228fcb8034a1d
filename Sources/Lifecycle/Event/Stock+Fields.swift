import ByteText
import CardData

extension StockMove {
    func put(into writer: inout FieldWriter) {
        let (kind, serials) = pieces
        writer.put(.stockKind, byte: kind.rawValue)
        writer.put(.chipSerials, serials.encoded)
        if case .handedOver(_, _, let giver, let taker) = self {
            writer.put(.giver, number: giver)
            writer.put(.taker, number: taker)
        }
        if let terminal { writer.put(.terminal, terminal.text) }
        if case .missed(_, _, let owner?) = self { writer.put(.owner, number: owner) }
    }

    /// A move of one of the kinds of ``StockMove/kind``.
    init(kind: ActKind, from reader: inout FieldReader) throws(EventFormatError) {
        let pieces: StockKind = try reader.code(.stockKind)
        let serials = try reader.value(.chipSerials, ChipSerials.init(encoded:))
        switch kind {
        case .stockReceived: self = .received(pieces, serials)
        case .stockHandedOver:
            self = .handedOver(
                pieces, serials, from: try reader.number(.giver, UInt64.self),
                to: try reader.number(.taker, UInt64.self))
        case .stockMissed:
            self = .missed(pieces, serials, of: try reader.optionalValue(.owner) { UInt64(bigEndianBytes: $0) })
        case .stockDestroyed: self = .destroyed(pieces, serials)
        case .stockReturned: self = .returned(pieces, serials)
        case .stockInstalled, .stockTakenOut:
            guard pieces == .securityModule else { throw .fieldValue(FieldTag.stockKind.rawValue) }
            let terminal = try reader.value(.terminal, TerminalNumber.init(bytes:))
            self = kind == .stockInstalled ? .installed(serials, in: terminal) : .takenOut(serials, of: terminal)
        default: throw .kindUnknown(kind.rawValue)
        }
    }
}

extension DayCount {
    private static let tags: [(kind: StockKind, tag: FieldTag)] = [
        (.blank, .countedBlanks), (.finished, .countedFinished), (.spoiled, .countedSpoiled),
        (.securityModule, .countedSecurityModules),
    ]

    func put(into writer: inout FieldWriter) {
        writer.put(.day, number: day)
        writer.put(.owner, number: owner)
        for (kind, tag) in Self.tags {
            if let part = counted[kind]?.parts.first { writer.put(tag, part.encoded) }
        }
        if let typed { writer.put(.countedTyped, typed.encoded) }
        for (index, entry) in Self.tags.enumerated() {
            for (part, serials) in (counted[entry.kind]?.parts.dropFirst() ?? []).enumerated() {
                writer.put(further: UInt8(index * Self.mostFurther + part), serials.encoded)
            }
        }
    }

    /// So many fields hold what the first field of a kind does not.
    private static let mostFurther = ChipSerials.countLimit / ChipSerials.limit - 1

    init(from reader: inout FieldReader) throws(EventFormatError) {
        let day = try reader.number(.day, UInt32.self)
        let owner = try reader.number(.owner, UInt64.self)
        var counted: [StockKind: ChipSerials] = [:]
        for (kind, tag) in Self.tags {
            counted[kind] = try reader.optionalValue(tag, ChipSerials.init(encoded:))
        }
        let typed = try reader.optionalValue(.countedTyped, ChipSerials.init(encoded:))
        for (index, entry) in Self.tags.enumerated() {
            for part in 0..<Self.mostFurther {
                let place = UInt8(index * Self.mostFurther + part)
                guard let more = try reader.further(place, ChipSerials.init(encoded:)) else { break }
                // Only full parts are followed, so that there is one form for each count.
                guard let known = counted[entry.kind], known.serials.count == (part + 1) * ChipSerials.limit,
                    let whole = ChipSerials(known.serials + more.serials, atMost: ChipSerials.countLimit),
                    whole.serials.last == more.serials.last
                else { throw .fieldValue(FieldTag.further &+ place) }
                counted[entry.kind] = whole
            }
        }
        self.init(day: day, owner: owner, counted: counted, typed: typed)
    }
}

extension Lease {
    func put(into writer: inout FieldWriter) {
        writer.put(.area, area)
        writer.put(.leaseCounter, number: counter)
        writer.put(.leaseNumbers, numbers.fieldBytes)
        writer.put(
            .leaseTerms,
            [terms.registerHours, terms.cardsPerDay, terms.cards].flatMap {
                UInt32(clamping: $0).bigEndianBytes
            })
    }

    init(from reader: inout FieldReader) throws(EventFormatError) {
        let area = try reader.text(.area)
        let counter = try reader.number(.leaseCounter, UInt64.self)
        let numbers = try reader.value(.leaseNumbers, CardNumberRange.init(fieldBytes:))
        let terms = try reader.value(.leaseTerms, Self.terms)
        guard let lease = Lease(counter: counter, area: area, numbers: numbers, terms: terms) else {
            throw .fieldValue(FieldTag.leaseTerms.rawValue)
        }
        self = lease
    }

    private static func terms(_ bytes: [UInt8]) -> LeaseTerms? {
        guard bytes.count == 12 else { return nil }
        let numbers = stride(from: 0, to: 12, by: 4).compactMap { UInt32(bigEndianBytes: Array(bytes[$0..<$0 + 4])) }
        guard numbers.count == 3 else { return nil }
        return LeaseTerms(registerHours: Int(numbers[0]), cardsPerDay: Int(numbers[1]), cards: Int(numbers[2]))
    }
}

extension CardNumberRange {
    /// Letter, first and last serial.
    fileprivate static let fieldLength = 9

    fileprivate var fieldBytes: [UInt8] {
        Array(String(letter).utf8) + UInt32(serials.lowerBound).bigEndianBytes
            + UInt32(serials.upperBound).bigEndianBytes
    }

    fileprivate init?(fieldBytes bytes: [UInt8]) {
        guard bytes.count == Self.fieldLength, let first = UInt32(bigEndianBytes: Array(bytes[1..<5])),
            let last = UInt32(bigEndianBytes: Array(bytes[5...])), let letter = bytes.first,
            let range = try? CardNumberRange(
                letter: Character(Unicode.Scalar(letter)), first: Int(first), last: Int(last))
        else { return nil }
        self = range
    }

    /// One after the other, at least one.
    fileprivate static func list(_ bytes: [UInt8]) -> [CardNumberRange]? {
        guard !bytes.isEmpty, bytes.count.isMultiple(of: fieldLength) else { return nil }
        let ranges = stride(from: 0, to: bytes.count, by: fieldLength).compactMap {
            CardNumberRange(fieldBytes: Array(bytes[$0..<$0 + fieldLength]))
        }
        return ranges.count == bytes.count / fieldLength ? ranges : nil
    }
}

extension Restoration {
    func put(into writer: inout FieldWriter) {
        writer.put(.backup, manifest)
        writer.put(.newestKnown, number: newestKnown)
        if !withheld.isEmpty { writer.put(.withheldNumbers, withheld.flatMap(\.fieldBytes)) }
    }

    init(from reader: inout FieldReader) throws(EventFormatError) {
        let manifest = try reader.bytes(.backup)
        let newestKnown = try reader.number(.newestKnown, UInt64.self)
        let withheld = try reader.optionalValue(.withheldNumbers, CardNumberRange.list) ?? []
        guard let restoration = Restoration(manifest: manifest, newestKnown: newestKnown, withheld: withheld) else {
            throw .fieldValue(FieldTag.backup.rawValue)
        }
        self = restoration
    }
}
