import CardData
import Foundation
import Lifecycle
import Registry

/// A process that records acts a hundred in one call and nothing else, for a profiler that counts instructions.
struct RegistryActs {
    /// Acts in one call, as in `RegistryRate`.
    private static let cards = 100

    /// Records each card's loss in one call and its release in the next.
    ///
    /// - Parameter rounds: how often; each is 200 acts.
    static func work(at folder: String, rounds: Int) throws {
        let registry = try Registry.forBenchmarks(at: folder)
        let cards = try registry.makeCards(of: 0..<cards)
        for _ in 0..<rounds { try registry.loseAndRelease(cards) }
    }
}

extension Registry {
    /// Reports all cards lost in one call and releases them again in the next.
    func loseAndRelease(_ cards: [CardReference]) throws(RegistryError) {
        let losses = try record(
            cards.map {
                ActEntry(
                    .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: $0, handledBy: .benchTeller)
            })
        try record(
            zip(cards, losses).map { ActEntry(.released([$1.identifier]), on: $0, handledBy: .benchTeller) })
    }
}
