import ByteText
import CardCryptography
import CardLayout
import Foundation
import Lifecycle
import Personalization

/// Bytes that our own programs have written, and that a disk, a cable or a stranger may have changed.
extension FuzzTarget {
    /// Every file of a card: for each a number of records with their lengths, or its bytes.
    static let record = FuzzTarget("record", runs: 2_000) { bytes in
        let layout = try FuzzSite.shared().layout
        var reader = ByteReader(bytes)
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for directory in layout.directories {
            for file in directory.files where reader.remaining > 0 {
                guard let count = try? reader.takeInteger(UInt8.self) else { break }
                var records: [[UInt8]] = []
                for _ in 0..<count where reader.remaining > 0 {
                    guard let length = try? reader.takeInteger(UInt8.self) else { break }
                    records.append((try? reader.take(min(Int(length), reader.remaining))) ?? [])
                }
                raw[directory.name, default: [:]][file.name] =
                    if case .transparent = file.structure { .bytes(records.flatMap(\.self)) } else { .records(records) }
            }
        }
        let content = CardContent(raw, layout: layout)
        _ = try JSONEncoder().encode(content)
        _ = content.values
    }

    /// An event of a counter's log: what is taken is written again as it was, frame and body.
    static let event = FuzzTarget("event", runs: 10_000) { bytes in
        guard let event = try? Event(encoded: bytes) else { return }
        try FuzzFinding.unless(event.encoded == bytes, "an event changed when it was read")
        guard let body = try? event.readBody() else { return }
        try FuzzFinding.unless(body.encoded == event.body, "a body changed when it was read")
    }

    /// The lines of a journal, behind a header that is whole.
    static let journal = FuzzTarget(
        "journal", runs: 300, words: ["S 0\n", "+ 0\n", "! 3\n", "E 0\n", "9223372036854775807"]
    ) {
        bytes in
        try FuzzSite.shared().withJournal(lines: bytes) { folder, card, key in
            _ = try? Journal.resume(in: folder, card: card, key: key)
        }
    }
}
