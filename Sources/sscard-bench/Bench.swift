import ArgumentParser
import CardData
import CardLayout
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
        case cardStep = "card-step"
        case twoCores = "two-cores"
        case token
        case audit
        case lanes
        case layouts
        case firstField = "first-field"
        case registry
        /// What `registry` runs this program for.
        case registryOpening = "registry-opening"
        /// What `registry` runs this program for, and kills.
        case registryWriting = "registry-writing"
        /// For a profiler: `--rounds` times 200 acts, and nothing else.
        case registryActs = "registry-acts"

        /// Those that are measured when nothing is named.
        static let usual = allCases.filter {
            ![.twoCores, .registryOpening, .registryWriting, .registryActs].contains($0)
        }
    }

    @OptionGroup var surroundings: Surroundings
    @Argument(help: "What to measure; everything but two-cores when nothing is named.") var measures: [Measure] = []
    @Option(help: "Rounds of each measure.") var rounds = 15
    @Option(help: "Layout of the card that is made.") var layout = "national-2.0"
    @Option(help: "File of people.") var people = "Fixtures/people.csv"
    @Option(help: "Row of the person, from 1.") var row = 1
    @Option(help: "Seed of the virtual card's challenges.") var seed: UInt64 = 1
    @Option(help: "Seconds of processor time for each round of derivations.") var seconds = 0.15

    @Option(help: "Readers of the lanes, each with a card of its own.") var readers = 8
    @Option(help: "Rounds of the lanes, which take as long as real cards.") var laneRounds = 2
    @Option(help: "Line speed of the lanes' cards.") var baud = 115_200

    @Option(help: "Persons of the large registry, each with a card.") var persons = 1_000_000
    @Option(help: "The built sscardd whose window is opened over it; else the one beside this program.")
    var service: String?
    @Option(help: "Seconds of each round of the registry's acts.") var actSeconds = 3.0

    func validate() throws {
        guard persons > 0, actSeconds > 0 else { throw ValidationError("--persons and --act-seconds take more than 0") }
        guard (2...16).contains(readers), laneRounds > 0, baud > 0 else {
            throw ValidationError("--readers takes 2 to 16, --lane-rounds and --baud 1 or more")
        }
        guard rounds > 0 else { throw ValidationError("--rounds takes 1 or more") }
        guard seconds > 0 else { throw ValidationError("--seconds takes more than 0") }
    }

    func run() async throws {
        if self.measures == [.registryOpening] {
            return try RegistryOpening.work(at: surroundings.data, persons: persons)
        }
        if self.measures == [.registryWriting] { return try RegistryKill.work(at: surroundings.data) }
        if self.measures == [.registryActs] { return try RegistryActs(surroundings).work(rounds: rounds) }
        let measures = self.measures.isEmpty ? Measure.usual : self.measures
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
        if measures.contains(.cardStep) {
            comparisons += try CardStepRate(surroundings).measure(rounds: rounds, seconds: seconds) {
                tell(.cardStep, $0)
            }
            print("Whole card steps beside keybench.c: card key, session key, MAC of a command of 37 bytes")
        }
        if measures.contains(.twoCores) {
            comparisons += try TwoCoreRate(surroundings).measure(rounds: rounds, seconds: seconds) {
                tell(.twoCores, $0)
            }
            print(
                "Two threads on two processors beside one, by the clock on the wall: other programs count against two")
        }
        if measures.contains(.token) {
            comparisons += try TokenRate(surroundings).measure(rounds: rounds, seconds: seconds) { tell(.token, $0) }
            print("Card keys in a SoftHSM2 token beside p11bench.c, with the way to the module's process and back")
        }
        if measures.contains(.audit) {
            comparisons += try AuditRate(surroundings).measure(rounds: rounds, seconds: seconds) { tell(.audit, $0) }
            print("The keys of a card as WRITE KEY commands, with two of them derived by a second engine and compared")
        }
        if measures.contains(.lanes) {
            let profileName = try LayoutLibrary(home: surroundings.home).layout(named: layout).profileName
            let report = try await LaneRate(
                surroundings, layoutName: layout, people: people, readerCount: readers, baudRate: baud
            ).measure(rounds: laneRounds, profileName: profileName) { tell(.lanes, $0, of: laneRounds) }
            print("Cards in several readers at once beside one reader")
            report.notes.forEach { print("  " + $0) }
            comparisons.append(report.comparison)
        }
        if measures.contains(.registry) {
            comparisons += try await RegistryRate(surroundings).measure(rounds: rounds, seconds: actSeconds) {
                tell(.registry, $0)
            }
            print("The registry beside sqlite_baseline.c, every act durable before its answer")
            let service = service ?? surroundings.neighbour("sscardd")
            let figures = try RegistryAtSize(surroundings, persons: persons, service: service).measure {
                FileHandle.standardError.write(Data("persons \($0)/\(persons)\n".utf8))
            }
            figures.forEach { print("  " + $0.line) }
            if service == nil { print("  the service was not measured: there is no sscardd beside this program") }
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

    private func tell(_ measure: Measure, _ round: Int, of rounds: Int? = nil) {
        FileHandle.standardError.write(Data("\(measure.rawValue) \(round + 1)/\(rounds ?? self.rounds)\n".utf8))
    }
}
