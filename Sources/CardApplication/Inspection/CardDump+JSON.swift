import ByteText
import CardData
import CardLayout
import ISO7816

/// The JSON form of `sscard card dump --hex` (`CardLayouts/schemas/card-hex-dump.schema.json`): directory, file, then its records or bytes in
/// hexadecimal digits, or why there are none.
extension CardDump: Codable {
    /// The value of `format`.
    public static let format = "sscard-card-hex-dump-1"

    private enum Key: String, CodingKey {
        case format
        case layout
        case answerToReset
        case files
        case notInLayout
    }

    private struct File: Codable {
        var records: [String]?
        var bytes: String?
        var state: State?
        var refusal: String?
        /// Numbers of records or offsets that came with 6281.
        var damaged: [Int]?

        enum State: String, Codable {
            case notOpen = "not-open"
            case protected
            case absent
            case neverWritten = "never-written"
        }
    }

    /// Writes one object; the encoder's `.sortedKeys` keeps the order of directories and files.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(Self.format, forKey: .format)
        try container.encode(layoutName, forKey: .layout)
        try container.encode(answerToReset.hexadecimal, forKey: .answerToReset)
        var files: [String: [String: File]] = [:]
        for reading in readings {
            var file = File()
            switch reading.outcome {
            case .records(let records): file.records = records.map(\.hexadecimal)
            case .bytes(let bytes): file.bytes = bytes.hexadecimal
            case .notOpen: file.state = .notOpen
            case .protected: file.state = .protected
            case .absent: file.state = .absent
            case .neverWritten: file.state = .neverWritten
            case .refused(let statusWord): file.refusal = statusWord.description
            }
            if !reading.damaged.isEmpty { file.damaged = reading.damaged }
            files[reading.directory, default: [:]][reading.file] = file
        }
        try container.encode(files, forKey: .files)
        if !foreignPlaces.isEmpty { try container.encode(foreignPlaces.map(\.path), forKey: .notInLayout) }
    }

    /// Reads the object back; the files come in the order of their names.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func bytes(_ text: String, _ path: [any CodingKey]) throws -> [UInt8] {
            guard let bytes = [UInt8](hexadecimal: text), bytes.count <= 0xFFFF else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(codingPath: path, debugDescription: "not hexadecimal digits"))
            }
            return bytes
        }
        let format = try container.decode(String.self, forKey: .format)
        guard format == Self.format else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: container, debugDescription: "not \(Self.format)")
        }
        layoutName = try container.decode(String.self, forKey: .layout)
        answerToReset = try bytes(container.decode(String.self, forKey: .answerToReset), [Key.answerToReset])
        var readings: [FileReading] = []
        let files = try container.decode([String: [String: File]].self, forKey: .files)
        for (directory, entries) in files.sorted(by: { $0.key < $1.key }) {
            for (name, file) in entries.sorted(by: { $0.key < $1.key }) {
                let outcome: FileReading.Outcome
                switch (file.records, file.bytes, file.state, file.refusal) {
                case (let records?, nil, nil, nil): outcome = .records(try records.map { try bytes($0, [Key.files]) })
                case (nil, let text?, nil, nil): outcome = .bytes(try bytes(text, [Key.files]))
                case (nil, nil, .notOpen, nil): outcome = .notOpen
                case (nil, nil, .protected, nil): outcome = .protected
                case (nil, nil, .absent, nil): outcome = .absent
                case (nil, nil, .neverWritten, nil): outcome = .neverWritten
                case (nil, nil, nil, let text?):
                    guard let value = UInt16(bigEndianBytes: try bytes(text, [Key.files])) else { fallthrough }
                    outcome = .refused(StatusWord(rawValue: value))
                default:
                    throw DecodingError.dataCorruptedError(
                        forKey: .files, in: container,
                        debugDescription: "\(directory)/\(name): one of records, bytes, state and refusal")
                }
                readings.append(
                    FileReading(directory: directory, file: name, outcome: outcome, damaged: file.damaged ?? []))
            }
        }
        self.readings = readings
        foreignPlaces = try (container.decodeIfPresent([String].self, forKey: .notInLayout) ?? []).map { path in
            guard let place = RegionalPlace(path: path) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .notInLayout, in: container, debugDescription: "no place")
            }
            return place
        }
    }
}
