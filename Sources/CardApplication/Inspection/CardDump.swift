public import CardLayout

/// Everything that was read from one card, as it stands on the chip, with what could not be read and why.
public struct CardDump: Hashable, Sendable {
    /// The layout the card was read by.
    public let layoutName: String
    /// The card's answer to reset.
    public let answerToReset: [UInt8]
    /// The files in the order of the layout; files of a directory that the card does not have are left out.
    public let readings: [FileReading]

    /// A dump from its parts.
    public init(layoutName: String, answerToReset: [UInt8], readings: [FileReading]) {
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
        return CardContent(raw, layout: layout)
    }
}
