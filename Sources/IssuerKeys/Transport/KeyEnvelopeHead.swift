import ByteText

/// The open lines of a key envelope: what it holds, for whom, and the receipts.
struct KeyEnvelopeHead {
    let name: String
    let level: KeyLevel
    let area: String
    let root: KeyCheckValue
    /// The receiver's number in their own house.
    let receiverNumber: UInt64
    /// The receiver's point.
    let receiver: [UInt8]
    let receipts: [DerivationRecord]

    init(_ set: KeySet, receiver: Custodian) {
        name = set.name
        level = set.level
        area = set.area
        root = set.root
        receiverNumber = receiver.number
        self.receiver = receiver.point
        receipts = set.lineage
    }

    /// The lines, each with its end.
    var text: String {
        let fields = [
            "format: \(KeyEnvelope.format)", "name: \(name)", "level: \(level.rawValue)", "area: \(area)",
            "root: \(root)", "receiver: \(receiverNumber)", "receiver-key: \(receiver.hexadecimal)",
        ]
        return (fields + receipts.map { "receipt: \($0)" }).map { $0 + "\n" }.joined()
    }

    /// What the seal covers.
    var bytes: [UInt8] { Array(text.utf8) }

    /// Reads the lines; nil when they are not as ``text`` writes them.
    init?(_ lines: [String]) {
        guard lines.count >= 7, Self.value("format", lines[0]) == KeyEnvelope.format,
            let name = Self.value("name", lines[1]), let level = Self.value("level", lines[2]).flatMap(KeyLevel.init),
            let area = Self.value("area", lines[3]),
            let root = Self.value("root", lines[4]).flatMap({ KeyCheckValue($0) }),
            let number = Self.value("receiver", lines[5]).flatMap({ UInt64($0) }),
            let receiver = Self.bytes("receiver-key", lines[6])
        else { return nil }
        var receipts: [DerivationRecord] = []
        for line in lines.dropFirst(7) {
            guard let record = Self.value("receipt", line).flatMap({ DerivationRecord($0) }) else { return nil }
            receipts.append(record)
        }
        self.name = name
        self.level = level
        self.area = area
        self.root = root
        receiverNumber = number
        self.receiver = receiver
        self.receipts = receipts
        guard text == lines.map({ $0 + "\n" }).joined() else { return nil }
    }

    /// The text behind `name: `; nil when the line is another.
    static func value(_ name: String, _ line: String) -> String? {
        line.hasPrefix(name + ": ") ? String(line.dropFirst(name.count + 2)) : nil
    }

    /// The bytes behind `name: `; nil when the line is another, or has small letters.
    static func bytes(_ name: String, _ line: String) -> [UInt8]? {
        guard let text = value(name, line), let bytes = [UInt8](hexadecimal: text), bytes.hexadecimal == text else {
            return nil
        }
        return bytes
    }
}
