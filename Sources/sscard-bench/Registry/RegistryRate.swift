import CardData
import Foundation
import Lifecycle
import Registry

/// What the registry does beside sqlite_baseline.c: durable acts from 1, 10 and 100 windows, and a hundred in one call, where nobody has to
/// be woken for an answer.
struct RegistryRate {
    private static let windows = [1, 10, 100]
    private static let cardsEach = 4
    private static let actsInOneCall = 100

    private let surroundings: Surroundings
    private let baseline: ChildProgram

    init(_ surroundings: Surroundings) throws {
        self.surroundings = surroundings
        baseline = try surroundings.baseline("sqlite_baseline")
    }

    /// Takes turns with the C program.
    func measure(rounds: Int, seconds: Double, progress: (Int) -> Void) async throws -> [Comparison] {
        let data = try surroundings.emptyFolder("registry-rate")
        let folder = try surroundings.emptyFolder("sqlite-baseline")
        defer { [data, folder].forEach { try? FileManager.default.removeItem(atPath: $0) } }
        let registry = try Registry.forBenchmarks(at: data)
        let cards = try registry.makeCards(of: 0..<(Self.windows.max() ?? 1) * Self.cardsEach)
        var ours = Self.windows.map { _ in Samples() }
        var theirs = ours
        var together = Samples()
        for round in 0..<rounds {
            progress(round)
            for (index, count) in Self.windows.enumerated() {
                let rate =
                    count == 1
                    ? try acts(ofOneWindow: registry, on: cards, seconds: seconds)
                    : try await acts(in: registry, on: cards, windows: count, seconds: seconds)
                ours[index].add(rate)
            }
            together.add(try acts(in: registry, on: Array(cards.prefix(Self.actsInOneCall)), seconds: seconds))
            let text = try baseline.output("commit", folder, String(cards.count), String(seconds), "1")
            for (index, count) in Self.windows.enumerated() { theirs[index].add(try Self.rate(count, in: text)) }
        }
        let rates = Self.windows.indices.map { index in
            Comparison(
                name: "durable acts, \(Self.windows[index]) windows beside batches of \(Self.windows[index])",
                unit: "acts/s", ours: ours[index], baseline: theirs[index], aim: .atLeast(index == 0 ? 0.83 : 0.90))
        }
        return rates + [
            Comparison(
                name: "durable acts, \(Self.actsInOneCall) in one call beside batches of \(Self.actsInOneCall)",
                unit: "acts/s", ours: together, baseline: theirs.last ?? Samples(), aim: .atLeast(0.90))
        ]
    }

    private static func rate(_ batch: Int, in text: String) throws -> Double {
        for line in text.split(separator: "\n") where line.hasPrefix("FULL batch \(batch): events") {
            let words = line.split(separator: " ")
            if let place = words.firstIndex(of: "median"), place + 1 < words.count, let rate = Double(words[place + 1])
            {
                return rate
            }
        }
        throw BenchError.output("sqlite_baseline", text)
    }

    /// One window reports all cards lost in one call and releases them again in the next.
    private func acts(in registry: Registry, on cards: [CardReference], seconds: Double) throws -> Double {
        let watch = Stopwatch()
        var count = 0
        while watch.microseconds < seconds * 1e6 {
            try registry.loseAndRelease(cards)
            count += 2 * cards.count
        }
        return Double(count) / watch.microseconds * 1e6
    }

    /// One window reports its cards lost and releases them again, one act after the other, each durable before the next.
    private func acts(ofOneWindow registry: Registry, on cards: [CardReference], seconds: Double) throws -> Double {
        let watch = Stopwatch()
        var count = 0
        while watch.microseconds < seconds * 1e6 {
            let card = cards[count / 2 % Self.cardsEach]
            let loss = try registry.record(
                .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card, handledBy: .benchTeller)
            try registry.record(.released([loss.identifier]), on: card, handledBy: .benchTeller)
            count += 2
        }
        return Double(count) / watch.microseconds * 1e6
    }

    /// The same from many windows, which are tasks, as in the service: none has a thread of its own.
    private func acts(
        in registry: Registry, on cards: [CardReference], windows: Int, seconds: Double
    ) async throws -> Double {
        let watch = Stopwatch()
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for window in 0..<windows {
                group.addTask {
                    var count = 0
                    while watch.microseconds < seconds * 1e6 {
                        let card = cards[window * Self.cardsEach + count / 2 % Self.cardsEach]
                        let loss = try await registry.record(
                            .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card,
                            handledBy: .benchTeller)
                        try await registry.record(.released([loss.identifier]), on: card, handledBy: .benchTeller)
                        count += 2
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(done) / watch.microseconds * 1e6
    }
}
