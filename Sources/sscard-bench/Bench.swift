import ArgumentParser
import CardData
import Foundation

/// Measures beside the C baselines and prints ratios; nothing is judged.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sscard-bench", abstract: "Measures beside the C baselines.",
        discussion: "Run it by Scripts/bench, which gives it virtual readers and builds the baselines.")

    enum Measure: String, CaseIterable, ExpressibleByArgument {
        case hostCost = "host-cost"
        case derivation
        case layouts
        case firstField = "first-field"
    }

    @OptionGroup var surroundings: Surroundings
    @Argument(help: "What to measure; everything when nothing is named.") var measures: [Measure] = []
    @Option(help: "Rounds of each measure.") var rounds = 15
    @Option(help: "Layout of the card that is made.") var layout = "national-2.0"
    @Option(help: "File of people.") var people = "Fixtures/people.csv"
    @Option(help: "Row of the person, from 1.") var row = 1
    @Option(help: "Seed of the virtual card's challenges.") var seed: UInt64 = 1
    @Option(help: "Seconds of processor time for each round of derivations.") var seconds = 0.15

    func validate() throws {
        guard rounds > 0 else { throw ValidationError("--rounds takes 1 or more") }
        guard seconds > 0 else { throw ValidationError("--seconds takes more than 0") }
    }

    func run() async throws {
        let measures = measures.isEmpty ? Measure.allCases : measures
        var comparisons: [Comparison] = []
        if measures.contains(.hostCost) {
            let report = try await HostCost(surroundings, layoutName: layout, people: people, row: row, seed: seed)
                .measure(rounds: rounds) { tell(.hostCost, $0) }
            print("Host cost of a card beside apdu_replay.c")
            report.notes.forEach { print("  " + $0) }
            comparisons += report.comparisons
        }
        if measures.contains(.derivation) {
            comparisons += try DerivationRate(surroundings).measure(rounds: rounds, seconds: seconds) {
                tell(.derivation, $0)
            }
            print("Derivations of card keys beside keybench.c")
            print(
                "  the service's own path with a kept city master; medians of \(rounds) interleaved rounds of "
                    + "\(seconds) s of thread processor time")
            print("  1 a call: as a card's own commands ask for keys; 256 a call: one key for many cards of a city")
        }
        if measures.contains(.layouts) {
            print("\nWhat a card costs by layout and profile, from its plan; predicted seconds at two line speeds")
            print(try LayoutCosts(surroundings, people: people, row: row).measure().text)
        }
        if measures.contains(.firstField) {
            print(
                "\nUntil card number, name and citizen number are known, and until everything is read; predicted seconds"
            )
            print(try FirstField(surroundings, layoutName: layout, people: people, row: row).measure().text)
        }
        if !comparisons.isEmpty { print("\n" + comparisons.table) }
    }

    private func tell(_ measure: Measure, _ round: Int) {
        FileHandle.standardError.write(Data("\(measure.rawValue) \(round + 1)/\(rounds)\n".utf8))
    }
}
