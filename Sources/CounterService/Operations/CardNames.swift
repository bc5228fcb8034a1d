import CardData
import Lifecycle
import Synchronization

/// Which cards windows have looked at, by number: the service's log names a card by its identification code, and asks no disk for it.
final class CardNames: Sendable {
    /// So many are remembered at the most, some megabytes.
    private static let most = 20_000

    private let known = Mutex<[CardNumber: CardReference]>([:])

    /// Remembers a card that was found.
    func note(_ number: CardNumber, _ reference: CardReference) {
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[number] = reference
        }
    }

    /// The card that an address names by its number; nil for a text that is none, and for a card that nobody has looked at.
    func reference(of text: String) -> CardReference? {
        guard let number = try? CardNumber(text) else { return nil }
        return known.withLock { $0[number] }
    }
}
