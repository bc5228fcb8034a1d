import ByteText
import Foundation
import SmartCardReader
import VirtualCard

/// How many cards the tool makes in several readers at once, beside the same tool with one reader: virtual cards that take the time
/// of real ones.
struct LaneRate {
    /// What was found.
    struct Report {
        let comparison: Comparison
        let notes: [String]
    }

    private let tool: ChildProgram
    private let surroundings: Surroundings
    private let layoutName: String
    private let people: [Substring]
    private let baudRate: Int
    private let readers: [SmartCardReader]

    /// A measure with so many readers, one row of the people file for each.
    init(_ surroundings: Surroundings, layoutName: String, people path: String, readerCount: Int, baudRate: Int) throws
    {
        tool = try surroundings.tool()
        self.surroundings = surroundings
        self.layoutName = layoutName
        self.baudRate = baudRate
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
        guard lines.count > readerCount else { throw BenchError.noSuchRow(readerCount) }
        people = Array(lines.prefix(1 + readerCount))
        let names = try ReaderList.current().map(\.name)
        guard names.count >= readerCount else { throw BenchError.void("\(names.count) readers, not \(readerCount)") }
        readers = names.prefix(readerCount).map { SmartCardReader($0) }
    }

    /// Takes turns: one card in one reader, then a card in each.
    func measure(rounds: Int, profileName: String, progress: (Int) -> Void) async throws -> Report {
        var one = Samples()
        var all = Samples()
        for round in 0..<rounds {
            progress(round)
            one.add(try await seconds(inFirst: 1, profileName))
            all.add(try await seconds(inFirst: readers.count, profileName))
        }
        let count = Double(readers.count)
        let notes = [
            "\(layoutName) on \(profileName), cards as slow as plastic at \(Double(baudRate).grouped) baud; from the start of the "
                + "tool to its end, registry, journals and PIN slips on disk",
            "one card in one reader \(one.range) s, \(readers.count) cards in \(readers.count) readers \(all.range) s; "
                + "medians of \(rounds) rounds in turns",
        ]
        return Report(
            comparison: Comparison(
                name: "\(readers.count) readers at once", unit: "cards/h", ours: all.inverted(3600 * count),
                baseline: one.inverted(3600), aim: .atLeast(6)),
            notes: notes)
    }

    /// Seconds for one card in each of the first readers, all put in before.
    private func seconds(inFirst count: Int, _ profileName: String) async throws -> Double {
        let folder = try surroundings.emptyFolder("lanes")
        let states = try (1...count).map { number in
            let state = folder + "/\(number).card"
            _ = try tool.output(
                "virtual-card", "new", "--home", surroundings.home, "--profile", profileName, "--serial",
                ([0x99, 0x01, 0x00, 0x00, 0x00, UInt8(number)] as [UInt8]).hexadecimal, "--state", state)
            return state
        }
        let file = folder + "/people.csv"
        try (people.prefix(1 + count).joined(separator: "\n") + "\n").write(
            toFile: file, atomically: true, encoding: .utf8)
        let cards = tool.start(
            ["virtual-card", "run", "--home", surroundings.home, "--simulate-baud", String(baudRate)]
                + ["--vpcd", "127.0.0.1:\(VirtualReaderConnection.firstPort)"] + states.flatMap { ["--state", $0] })
        cards.standardError = FileHandle.nullDevice
        try cards.run()
        let result: Result<Double, any Error>
        do {
            for reader in readers.prefix(count) { _ = try await reader.waitForCard() }
            let stopwatch = Stopwatch()
            let output = try tool.output(arguments(file, data: folder + "/data", readers.prefix(count)))
            let seconds = stopwatch.microseconds / 1e6
            try check(output, makes: count)
            result = .success(seconds)
        } catch {
            result = .failure(error)
        }
        cards.terminate()
        cards.waitUntilExit()
        for reader in readers.prefix(count) { _ = try await reader.waitForRemoval() }
        return try result.get()
    }

    private func arguments(_ file: String, data: String, _ readers: ArraySlice<SmartCardReader>) -> [String] {
        ["card", "personalize", "--home", surroundings.home, "--data", data, "--layout", layoutName]
            + ["--people", file, "--pin", "generate", "--json"] + readers.flatMap { ["--reader", $0.name.rawValue] }
    }

    /// A run that made fewer cards would be fast for nothing.
    private func check(_ output: String, makes count: Int) throws {
        struct Row: Decodable { let cardNumber: String? }
        let rows = try JSONDecoder().decode([Row].self, from: Data(output.utf8))
        guard Set(rows.compactMap(\.cardNumber)).count == count else { throw BenchError.output(tool.path, output) }
    }
}

extension Samples {
    fileprivate var range: String { "\(least.fixed(2))…\(greatest.fixed(2))" }
}
