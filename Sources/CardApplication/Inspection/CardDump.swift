public import CardData
public import CardLayout

/// Everything that was read from one card, as it stands on the chip, with what could not be read and why.
public struct CardDump: Hashable, Sendable {
    /// The layout the card was read by.
    public let layoutName: String
    /// The card's answer to reset.
    public let answerToReset: [UInt8]
    /// The files in the order of the layout; files of a directory that the card does not have are left out.
    public let readings: [FileReading]
    /// Places of regions that the card has and the layout does not; nothing was read there.
    public let foreignPlaces: [RegionalPlace]

    /// A dump from its parts.
    public init(
        layoutName: String, answerToReset: [UInt8], readings: [FileReading], foreignPlaces: [RegionalPlace] = []
    ) {
        self.foreignPlaces = foreignPlaces
        self.layoutName = layoutName
        self.answerToReset = answerToReset
        self.readings = readings
    }

    /// What came of reading a file; nil when the card does not have its directory, or was not asked for it.
    public subscript(directory: String, file: String) -> FileReading.Outcome? {
        readings.first { $0.directory == directory && $0.file == file }?.outcome
    }

    /// What the bytes mean by a layout.
    public func content(by layout: CardLayout) -> CardContent {
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for reading in readings {
            switch reading.outcome {
            case .records(let records): raw[reading.directory, default: [:]][reading.file] = .records(records)
            case .bytes(let bytes): raw[reading.directory, default: [:]][reading.file] = .bytes(bytes)
            case .notOpen, .protected, .absent, .neverWritten, .refused: break
            }
        }
        return CardContent(
            raw, layout: layout, also: damage(by: layout), damaged: damagedNames(by: layout),
            foreignPlaces: foreignPlaces)
    }

    /// What the card warned of, by directory and file: names of elements, `content` of a transparent file, numbers of records where there are
    /// no elements.
    public func damagedNames(by layout: CardLayout) -> [String: [String: [String]]] {
        var names: [String: [String: [String]]] = [:]
        for reading in readings where !reading.damaged.isEmpty {
            guard let file = layout.directory(reading.directory)?.file(reading.file) else { continue }
            names[reading.directory, default: [:]][reading.file] = reading.damaged.map(file.damagedName).uniqued()
        }
        return names
    }

    /// Where the card warned of its own data, in the catalogue's terms.
    public func damage(by layout: CardLayout) -> [Fault] { readings.flatMap { $0.warnings(by: layout) } }

    /// Whether the card warned of its own data anywhere.
    public var isDamaged: Bool { readings.contains { !$0.damaged.isEmpty } }

    /// What of a file came with a warning of the card's; empty where nothing did.
    public func damaged(_ directory: String, _ file: String) -> [Int] {
        readings.first { $0.directory == directory && $0.file == file }?.damaged ?? []
    }
}

extension FileReading {
    /// That the card warned of its own data, in the catalogue's terms.
    func warnings(by layout: CardLayout) -> [Fault] {
        let description = layout.directory(directory)?.file(self.file)
        return damaged.map { place in
            var parameters = ["file": "\(directory).\(self.file)", "number": String(place)]
            parameters["element"] = description?.damagedElement(at: place)
            return Fault("card.data-damaged", parameters)
        }
    }
}

extension ElementaryFile {
    /// What stands at a place that the card warned of: an element, the `content` of a transparent file, or the number of a record.
    func damagedName(at place: Int) -> String {
        structure.kind == .transparent ? "content" : damagedElement(at: place) ?? String(place)
    }

    /// The element whose record has the number; nil where the records, or the bytes, are no elements.
    func damagedElement(at number: Int) -> String? {
        guard structure.kind == .variableRecord, number >= 1 else { return nil }
        return elements.flatMap { Array(repeating: $0.name, count: $0.repeats) }.dropFirst(number - 1).first
    }
}
