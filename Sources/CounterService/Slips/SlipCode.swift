import CardData
import Lifecycle

/// What a slip's QR code says: which event it is of, and that event's hash.
///
/// `sscard:COUNTER/SEQUENCE:HASH`, or `sscard-training:…` for a slip of practice, which no real counter takes; who reads it learns nothing of anybody, and can ask the counter whether it stands in its log.
struct SlipCode: Hashable, Sendable {
    /// The event.
    let event: EventIdentifier
    /// Its hash, 64 hexadecimal digits.
    let hash: String
    /// Whether the slip is one of practice.
    let isTraining: Bool

    private static let schemes = ["SSCARD": false, "SSCARD-TRAINING": true]

    /// The code of an event.
    init(event: EventIdentifier, hash: String, isTraining: Bool = false) {
        self.event = event
        self.hash = hash
        self.isTraining = isTraining
    }

    /// Reads ``text``, as a scanner types it; nil for a text that does not begin as one.
    ///
    /// - Throws: `counter.slip-code` for one that does, and is none.
    init?(scanned text: String) throws(Faults) {
        let parts = text.uppercased().split(separator: ":", omittingEmptySubsequences: false)
        guard let isTraining = Self.schemes[String(parts[0])], parts.count > 1 else { return nil }
        let numbers = parts[1].split(separator: "/", omittingEmptySubsequences: false).map { UInt64($0) }
        guard parts.count == 3, numbers.count == 2, let counter = numbers[0], let sequence = numbers[1],
            parts[2].utf8.count == 64, parts[2].allSatisfy(\.isHexDigit)
        else { throw Faults("counter.slip-code") }
        self.init(
            event: EventIdentifier(counter: counter, sequence: sequence), hash: String(parts[2]),
            isTraining: isTraining)
    }

    /// What the QR code carries.
    var text: String { "sscard\(isTraining ? "-training" : ""):\(event.counter)/\(event.sequence):\(hash)" }

    /// The QR code as one path of an SVG image, and the side of its square with the quiet zone of four modules.
    var drawing: (side: Int, path: String)? {
        guard let code = QRCode(Array(text.utf8)) else { return nil }
        var path = ""
        for (row, line) in code.modules.enumerated() {
            for (column, isDark) in line.enumerated() where isDark { path += "M\(column + 4) \(row + 4)h1v1h-1z" }
        }
        return (code.size + 8, path)
    }
}
