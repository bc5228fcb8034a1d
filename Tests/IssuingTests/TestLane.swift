import ISO7816
import Issuing
import SmartCardReader
import Synchronization
import VirtualCard

/// A lane of a batch without a reader: cards come from a list, and then no more do.
final class TestLane: CardLane, @unchecked Sendable {
    /// What is put into the reader.
    enum Insertion {
        case card(VirtualCard)
        /// A card that is pulled before its answer to this command, counted from 1.
        case pulled(VirtualCard, at: Int)
        /// A card of which some commands are answered in its place.
        case answering(VirtualCard, @Sendable (CommandAPDU) -> ResponseAPDU?)
        /// A card or reader that fails with this before any command.
        case failing(ReaderError)
        /// The reader is unplugged while a card is waited for.
        case unplugged(ReaderError)
    }

    let name: String
    private let waiting: Mutex<[Int]>
    // Only the lane's own calls, which come one after the other, touch the cards.
    private let insertions: [Insertion]

    init(_ name: String, _ insertions: Insertion...) {
        self.name = name
        self.insertions = insertions
        waiting = Mutex(Array(insertions.indices.reversed()))
    }

    private let current = Mutex(-1)

    func nextCard() async throws {
        guard let next = waiting.withLock({ $0.popLast() }) else {
            // Nobody brings another card; the wait ends when it is cancelled.
            for await _ in AsyncStream.makeStream(of: Never.self).stream {}
            throw CancellationError()
        }
        current.withLock { $0 = next }
        if case .unplugged(let error) = insertions[next] { throw error }
    }

    func withCard<Value: Sendable>(_ body: @Sendable (any CardChannel) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        switch insertions[current.withLock { $0 }] {
        case .card(let card):
            return try body(VirtualCardChannel(card))
        case .pulled(let card, let command):
            return try body(
                FaultChannel(VirtualCardChannel(card), cutAt: command, .beforeAnswer) { card.powerOff() })
        case .answering(let card, let answering):
            return try body(AnsweringChannel(VirtualCardChannel(card), answering: answering))
        case .failing(let error), .unplugged(let error):
            throw error
        }
    }
}
