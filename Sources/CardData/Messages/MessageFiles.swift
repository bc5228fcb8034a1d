import Foundation
import Synchronization

/// The files of a catalogue of messages, each decoded when the first of its messages is wanted.
///
/// Which file has a message is told by the lines that begin with a code and a colon, as each file has them.
final class MessageFiles: Sendable {
    private let texts: [String]
    /// In which text a code's message stands.
    private let places: [FaultCode: Int]
    private let decoded = Mutex<[Int: [FaultCode: MessageCatalogue.Entry]]>([:])

    /// Files by their texts.
    init(_ texts: [String]) {
        self.texts = texts
        var places: [FaultCode: Int] = [:]
        for (index, text) in texts.enumerated() {
            for line in text.components(separatedBy: "\n") {
                guard let first = line.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
                    let end = line.utf8.firstIndex(of: UInt8(ascii: ":"))
                else { continue }
                places[FaultCode(rawValue: String(line[..<end]))] = index
            }
        }
        self.places = places
    }

    /// The message of a code; nil where there is none, or its file is damaged.
    subscript(code: FaultCode) -> MessageCatalogue.Entry? { places[code].flatMap { entries(in: $0)[code] } }

    /// The messages of all files.
    var all: [FaultCode: MessageCatalogue.Entry] {
        texts.indices.reduce(into: [:]) { all, index in all.merge(entries(in: index)) { first, _ in first } }
    }

    private func entries(in index: Int) -> [FaultCode: MessageCatalogue.Entry] {
        decoded.withLock { decoded in
            if let entries = decoded[index] { return entries }
            let entries = (try? MessageCatalogue.entries(in: texts[index])) ?? [:]
            decoded[index] = entries
            return entries
        }
    }
}
