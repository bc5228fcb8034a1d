import Foundation
import Lifecycle
import Synchronization
import Testing

@testable import Registry

/// When a window prints the slip of an act.
enum SlipPrinting: String, CaseIterable {
    /// As the product does: the registry answers when the commit is on the disk.
    case whenAnswered
    /// The protection switched off: within the transaction, before its commit. No call from outside the registry can do so.
    case beforeTheCommit
}

extension Registry {
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)

    /// Takes pieces into stock, an act each, and prints the slip of each.
    func receive(
        _ pieces: Range<UInt64>, _ printing: SlipPrinting, print: @escaping @Sendable (UInt64) -> Void
    ) throws {
        let entries = try pieces.map { number in
            let serial = (0..<6).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
            return ActEntry(
                .stock(.received(.blank, try #require(ChipSerials([serial])))), handledBy: Self.keeper)
        }
        switch printing {
        case .whenAnswered:
            for entry in entries { for event in try record([entry]) { print(event.identifier.sequence) } }
        case .beforeTheCommit:
            _ = try perform { transcript in
                for entry in entries {
                    let sequence = transcript.nextIdentifier.sequence
                    try transcript.add(entry.act, on: nil, handledBy: entry.handling)
                    print(sequence)
                }
            }
        }
    }

    /// The slips of these that have no event in the log.
    func lost(_ slips: some Sequence<UInt64>) throws -> [UInt64] { try slips.filter { try event(at: $0) == nil } }
}

/// Slips that were printed.
final class PrintedSlips: Sendable {
    private let numbers = Mutex<[UInt64]>([])

    var all: [UInt64] { numbers.withLock { $0 } }

    func add(_ number: UInt64) { numbers.withLock { $0.append(number) } }
}
