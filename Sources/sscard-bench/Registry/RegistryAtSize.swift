import Foundation
import Lifecycle
import Registry

/// A registry of a million persons with a card each: searching, the first page's numbers, starting, memory, and the views made again.
///
/// It lies in a folder that is removed afterwards.
struct RegistryAtSize {
    private static let folder = "registry-million"
    private static let share = 1000

    private let surroundings: Surroundings
    private let count: Int
    private let service: String?

    /// - Parameter service: the program whose window is opened over it; nil for none.
    init(_ surroundings: Surroundings, persons: Int, service: String?) {
        self.surroundings = surroundings
        count = persons
        self.service = service
    }

    /// - Parameter progress: told the persons that are in.
    func measure(progress: (Int) -> Void) throws -> [Figure] {
        let data = try surroundings.emptyFolder(Self.folder)
        defer { try? FileManager.default.removeItem(atPath: data) }
        var figures = [try fill(data, progress)]
        // Each in a process of its own: what filling left in memory is not the registry's.
        figures += try RegistryOpening.run(at: data, persons: count)
        if let service {
            figures += try CounterWindow(service: service, data: data, surroundings).measure()
        }
        try RegistryKill.run(at: data)
        figures.append(try RegistryOpening.start(at: data, persons: count, after: "a kill −9 in the midst of acts, "))
        figures.append(try rebuild(data))
        return figures
    }

    private func fill(_ data: String, _ progress: (Int) -> Void) throws -> Figure {
        let registry = try Registry.forBenchmarks(at: data)
        let watch = Stopwatch()
        for start in stride(from: 0, to: count, by: Self.share) {
            // One in ten has an application that is open.
            let batch = start / Self.share % 10 == 0 ? PersonBatch(number: "bench", way: .factory) : nil
            try registry.makeCards(of: start..<min(start + Self.share, count), applyingIn: batch)
            if (start + Self.share) % 50_000 == 0 { progress(start + Self.share) }
        }
        let rate = Double(try registry.statistics().events) / watch.microseconds * 1e6
        return Figure(
            name: "\(Double(count).grouped) persons and as many cards entered, \(Self.share) in a commit",
            told: "\(rate.grouped) acts/s", aim: "none")
    }

    private func rebuild(_ data: String) throws -> Figure {
        let registry = try Registry.forBenchmarks(at: data)
        let events = Double(try registry.statistics().events)
        let watch = Stopwatch()
        try registry.rebuild()
        return Figure(
            name: "views and index made again from \(events.grouped) events, and hashed",
            told: "\((events / watch.microseconds * 1e6).grouped) events/s", aim: "≥ 50,000 events/s")
    }
}
