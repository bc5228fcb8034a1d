import CardData
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Personalization
import Registry
import SmartCardReader

/// The cards in the window's readers; whatever waits for a reader waits on a thread that may.
struct CardRoom: Sendable {
    let library: CardLibrary
    let registry: Registry
    /// The site's keys, opened; nil where none are configured.
    let keys: KeyRoom?
    let dataFolder: String
    let sealingKey: SealingKey
    /// 培训: only virtual cards are touched.
    private let isTraining: Bool
    private let clocks: CounterClocks
    /// The persons whose cards are being made, over all windows.
    let personsInHand = PersonsInHand()
    /// The issues that a window is at work on.
    let issuesInHand = IssueRuns()
    /// The cards that are being made now.
    let runs = IssueRuns()
    /// The cards that windows have looked at.
    let names = CardNames()
    private let thread = RegistryThreads(count: 1)

    /// A room over the data folder's journals, whose folder is made when it is not there.
    init(
        library: CardLibrary, registry: Registry, keys: KeyRoom?, dataFolder: String, isTraining: Bool,
        clocks: CounterClocks
    ) throws {
        self.library = library
        self.registry = registry
        self.keys = keys
        self.dataFolder = dataFolder
        self.isTraining = isTraining
        self.clocks = clocks
        let journalFolder = dataFolder + "/journal"
        try FileManager.default.createDirectory(
            atPath: journalFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        sealingKey = try SealingKey.load(in: journalFolder)
    }

    /// The journals of cards that are being made.
    var journalFolder: String { dataFolder + "/journal" }

    /// Does something with the card in a reader, on the reader's own thread.
    ///
    /// - Parameters:
    ///   - reader: the reader that was chosen; empty for the only one with a card.
    ///   - officer: in whose name keys are used, where there are any.
    /// - Throws: `chip.several-cards` where a choice is wanted, `training.real-reader` in practice, ``ReaderError``, and what
    ///   `body` throws.
    func withCard<Value: Sendable>(
        in reader: String, for officer: Operator,
        _ body: @escaping @Sendable (any CardChannel, ChipDesk) throws -> Value
    ) async throws -> Value {
        try await withCard(in: reader) { channel in
            let keys = try keys.map { keys in
                try keys.service(
                    for: KeyUseSession(KeyOperator(String(officer.number), role: officer.keyRole.rawValue)))
            }
            let desk = ChipDesk(
                registry: registry, library: library, today: try today, keys: keys, journalFolder: journalFolder,
                sealingKey: sealingKey)
            return try body(channel, desk)
        }
    }

    /// Does something with the card in a reader, without a desk.
    func withCard<Value: Sendable>(
        in reader: String, _ body: @escaping @Sendable (any CardChannel) throws -> Value
    ) async throws -> Value {
        let (isTraining, held) = (isTraining, keys?.heldReader)
        let name = try await thread.run {
            let found = try Self.reader(named: reader, besides: held)
            if let refusal = Self.refusal(of: found, isTraining: isTraining) { throw Faults(refusal) }
            return found
        }
        return try await SmartCardReader(name).withCard(body)
    }

    /// Whether the window has a reader for holders' cards, as the PC/SC service says now.
    ///
    /// - Throws: ``ReaderError`` where it does not answer: a protection that wants a reader does not fall with the service of the readers.
    func hasReader() async throws -> Bool {
        let held = keys?.heldReader
        return try await thread.run {
            try ReaderList.current().contains { !$0.name.looksLikeSAMSlot && $0.name != held }
        }
    }

    /// Why a reader may not be used; nil when it may: practice never reads or writes a card of plastic.
    static func refusal(of reader: ReaderName, isTraining: Bool) -> Fault? {
        isTraining && !reader.isVirtual ? Fault("training.real-reader", ["reader": reader.rawValue]) : nil
    }

    private static func reader(named text: String, besides held: ReaderName?) throws -> ReaderName {
        do throws(ReaderError) {
            return try ReaderList.reader(named: text.isEmpty ? nil : text, besides: held).name
        } catch {
            guard case .ambiguous(_, let matches) = error else { throw error }
            throw Faults("chip.several-cards", ["readers": matches.map(\.rawValue).joined(separator: ", ")])
        }
    }

    /// Unix time in milliseconds.
    var now: UInt64 { clocks.wall() }

    /// The wall clock itself.
    var clock: @Sendable () -> UInt64 { clocks.wall }

    /// Blocking work that wants no card.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await thread.run(body)
    }

    /// Today by the machine's calendar.
    var today: CardDate {
        get throws(Faults) { try CardDate(String(Moment.day(clocks.wall()))) }
    }

    /// The pieces of stock that lie in the readers now, each once, and why some could not be read.
    ///
    /// - Throws: `stock.no-chip` when there is none, ``ReaderError`` when no reader can be seen.
    func pieces() async throws -> (read: [ReadPiece], faults: [Fault]) {
        let (library, isTraining, held) = (library, isTraining, keys?.heldReader)
        return try await thread.run {
            var read: [ReadPiece] = []
            var faults: [Fault] = []
            for reader in try ReaderList.current() where reader.isCardPresent && reader.name != held {
                if let refusal = Self.refusal(of: reader.name, isTraining: isTraining) {
                    faults.append(refusal)
                    continue
                }
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
