import CardData
import Foundation
import Lifecycle
import Registry

/// Acts a hundred in one call and nothing else, for a profiler.
struct RegistryActs {
    /// Acts in one call, as in `RegistryRate`.
    private static let cards = 100

    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    /// Records each card's loss in one call and its release in the next, in a folder that is removed.
    ///
    /// - Parameter rounds: how often; each is 200 acts.
    func work(rounds: Int) throws {
        let data = try surroundings.emptyFolder("registry-acts")
        defer { try? FileManager.default.removeItem(atPath: data) }
        let registry = try Registry.forBenchmarks(at: data)
        let cards = try registry.makeCards(of: 0..<Self.cards)
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
