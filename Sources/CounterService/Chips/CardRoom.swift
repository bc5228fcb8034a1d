import CardData
import Foundation
import ISO7816
import Issuing
import Personalization
import Registry
import SmartCardReader

/// The cards in the window's readers; whatever waits for a reader waits on a thread that may.
struct CardRoom: Sendable {
    let library: CardLibrary
    private let registry: Registry
    private let clocks: CounterClocks
    private let journalFolder: String
    private let sealingKey: SealingKey
    private let thread = RegistryThreads(count: 1)

    /// A room over the data folder's journals, whose folder is made when it is not there.
    init(library: CardLibrary, registry: Registry, dataFolder: String, clocks: CounterClocks) throws {
        self.library = library
        self.registry = registry
        self.clocks = clocks
        journalFolder = dataFolder + "/journal"
        try FileManager.default.createDirectory(
            atPath: journalFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        sealingKey = try SealingKey.load(in: journalFolder)
    }

    /// Does something with the card in a reader, on the reader's own thread.
    ///
    /// - Parameter reader: the reader that was chosen; empty for the only one with a card.
    /// - Throws: `chip.several-cards` where a choice is wanted, ``ReaderError``, and what `body` throws.
    func withCard<Value: Sendable>(
        in reader: String, _ body: @escaping @Sendable (any CardChannel, ChipDesk) throws -> Value
    ) async throws -> Value {
        let name = try await thread.run { try Self.reader(named: reader) }
        let desk = try chipDesk()
        return try await SmartCardReader(name).withCard { try body($0, desk()) }
    }

    private static func reader(named text: String) throws -> ReaderName {
        do throws(ReaderError) {
            return try ReaderList.reader(named: text.isEmpty ? nil : text).name
        } catch {
            guard case .ambiguous(_, let matches) = error else { throw error }
            throw Faults("chip.several-cards", ["readers": matches.map(\.rawValue).joined(separator: ", ")])
        }
    }

    private func chipDesk() throws -> @Sendable () -> ChipDesk {
        let today = try CardDate(String(Moment.day(clocks.wall())))
        return { [self] in
            ChipDesk(
                registry: registry, library: library, today: today, journalFolder: journalFolder,
                sealingKey: sealingKey)
        }
    }

    /// The pieces of stock that lie in the readers now, each once, and why some could not be read.
    ///
    /// - Throws: `stock.no-chip` when there is none, ``ReaderError`` when no reader can be seen.
    func pieces() async throws -> (read: [ReadPiece], faults: [Fault]) {
        let library = library
        return try await thread.run {
            var read: [ReadPiece] = []
            var faults: [Fault] = []
            for reader in try ReaderList.current() where reader.isCardPresent {
                do {
                    let piece = try library.piece(in: reader)
                    if !read.contains(piece) { read.append(piece) }
                } catch {
                    faults += FaultStatus.faults(of: error)
                }
            }
            guard !read.isEmpty || !faults.isEmpty else { throw Faults("stock.no-chip") }
            return (read, faults)
        }
    }
}
