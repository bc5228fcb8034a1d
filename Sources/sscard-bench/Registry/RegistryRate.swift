import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization

/// What the registry does beside sqlite_baseline.c: durable acts from 1, 10 and 100 windows, the look-up of a person among many, and
/// making the views again from the log.
struct RegistryRate {
    private static let windows = [1, 10, 100]
    private static let cardsEach = 4

    private let surroundings: Surroundings
    private let baseline: ChildProgram
    private let personCount: Int

    init(_ surroundings: Surroundings, persons: Int) throws {
        self.surroundings = surroundings
        personCount = persons
        baseline = try surroundings.baseline("sqlite_baseline")
    }

    struct Report {
        let comparisons: [Comparison]
        let notes: [String]
    }

    /// Takes turns with the C program.
    func measure(rounds: Int, seconds: Double, progress: (Int) -> Void) throws -> Report {
        let registry = try open(try surroundings.emptyFolder("registry-rate"))
        let cards = try makeCards(in: registry, count: (Self.windows.max() ?? 1) * Self.cardsEach)
        let folder = try surroundings.emptyFolder("sqlite-baseline")
        var ours = Self.windows.map { _ in Samples() }
        var theirs = ours
        for round in 0..<rounds {
            progress(round)
            for (index, count) in Self.windows.enumerated() {
                ours[index].add(try acts(in: registry, on: cards, windows: count, seconds: seconds))
            }
            let text = try baseline.output("commit", folder, String(cards.count), String(seconds), "1")
            for (index, count) in Self.windows.enumerated() { theirs[index].add(try Self.rate(count, in: text)) }
        }
        let comparisons = Self.windows.indices.map { index in
            Comparison(
                name: "durable acts, \(Self.windows[index]) windows beside batches of \(Self.windows[index])",
                unit: "acts/s", ours: ours[index], baseline: theirs[index], aim: .atLeast(index == 0 ? 0.83 : 0.90))
        }
        return Report(comparisons: comparisons, notes: [try rebuild(registry)] + (try search()))
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

    private func open(_ folder: String) throws -> Registry {
        let policy = try LifecyclePolicy.parse(
            site: "version: bench-1\ntwo-person: []\ncard-numbers: {letter: D, first: 0, last: 9999999}", file: "bench")
        return try Registry.open(at: folder + "/data", counter: 1, policy: policy) {
            UInt64(Date().timeIntervalSince1970 * 1000)
        }
    }

    // MARK: - Acts

    private static let teller = Handling(
        by: Officer(number: 1001, role: .teller), second: Officer(number: 1003, role: .supervisor),
        proofs: Proofs(Proofs.named.map(\.proof)))
    private static let personalizer = Handling(by: Officer(number: 1002, role: .personalizer))

    private func makeCards(in registry: Registry, count: Int) throws -> [CardReference] {
        let persons = try (0..<count).map(Self.person)
        _ = try registry.takeIn(persons, batch: nil, handledBy: Self.teller)
        var references: [CardReference] = []
        var entries: [ActEntry] = []
        for (index, person) in persons.enumerated() {
            guard let number = registry.policy.cardNumbers.number(at: index) else { continue }
            let serial = (0..<4).reversed().map { UInt8(truncatingIfNeeded: (index + 1) >> ($0 * 8)) }
            let card = CardReference(
                try IdentificationCode(areaCode: "990101", serial: serial, authenticationCode: [1, 2, 3, 4]))
            let facts = CardFacts(
                number: number, person: try registry.reference(of: person.number), layout: "national-2.0",
                profile: "fmcos-ssse", area: "990101", issued: try CardDate("20261128"),
                expires: try CardDate("20361128"), blankSerial: serial)
            entries.append(ActEntry(.personalized(facts), on: card, handledBy: Self.personalizer))
            references.append(card)
        }
        try registry.record(entries)
        return references
    }

    /// Each window reports its cards lost and releases them again, one act after the other, each durable before the next.
    private func acts(
        in registry: Registry, on cards: [CardReference], windows: Int, seconds: Double
    ) throws -> Double {
        let done = Mutex(0)
        let failure = Mutex<RegistryError?>(nil)
        let watch = Stopwatch()
        let threads = DispatchGroup()
        for window in 0..<windows {
            threads.enter()
            Thread.detachNewThread {
                defer { threads.leave() }
                var count = 0
                do throws(RegistryError) {
                    while watch.microseconds < seconds * 1e6 {
                        let card = cards[window * Self.cardsEach + count / 2 % Self.cardsEach]
                        let loss = try registry.record(
                            .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card,
                            handledBy: Self.teller)
                        try registry.record(.released([loss.identifier]), on: card, handledBy: Self.teller)
                        count += 2
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
                let total = count
                done.withLock { $0 += total }
            }
        }
        threads.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        return Double(done.withLock { $0 }) / watch.microseconds * 1e6
    }

    // MARK: - Views and search

    private func rebuild(_ registry: Registry) throws -> String {
        let events = Double(try registry.statistics().events)
        let watch = Stopwatch()
        try registry.rebuild()
        return "views made again from the log: \((events / watch.microseconds * 1e6).grouped) events/s (aim 50,000)"
    }

    /// The person and the cards of a number, and persons by name, as a window's search asks for them.
    private func search() throws -> [String] {
        let registry = try open(try surroundings.emptyFolder("registry-search"))
        for start in stride(from: 0, to: personCount, by: 1000) {
            let persons = try (start..<min(start + 1000, personCount)).map(Self.person)
            _ = try registry.takeIn(persons, batch: nil, handledBy: Self.teller)
        }
        var times: [Double] = []
        for turn in 0..<2000 {
            let number = try Self.person(turn &* 7919 % max(personCount, 1)).number
            let watch = Stopwatch()
            let reference = try registry.reference(of: number)
            _ = try registry.knows(reference)
            _ = try registry.cards(of: reference)
            times.append(watch.microseconds)
        }
        let names = try (0..<500).map { turn in
            let watch = Stopwatch()
            _ = try registry.lookUpPersons(
                nameBeginning: String(Self.name(turn &* 6037).prefix(2 + turn % 2)), purpose: .inquiry,
                handledBy: Self.teller)
            return watch.microseconds
        }
        let home = try (0..<200).map { _ in
            let watch = Stopwatch()
            _ = try registry.deskNumbers(of: 1001)
            return watch.microseconds
        }
        return [
            "search by number among \(Double(personCount).grouped) persons: \(Self.told(times)) (aim 20,000)",
            "search by a name's first two or three characters, look-ups recorded: \(Self.told(names)) (aim 20,000)",
            "numbers of the first page: \(Self.told(home)) (aim 50,000)",
        ]
    }

    private static func told(_ times: [Double]) -> String {
        let times = times.sorted()
        return "median \(times[times.count / 2].fixed(0)) µs, p99 \(times[times.count * 99 / 100].fixed(0)) µs"
    }

    /// An invented name; some are much more frequent than others, as they are.
    private static func name(_ index: Int) -> String {
        let (families, given) = (Array("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"), Array("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"))
        let family = families[min(index % 20, index / 7 % 20)]
        return String([family, given[index / 3 % 20], given[index / 61 % 20]])
    }

    /// An invented person by number; area 99 belongs to nobody.
    private static func person(_ index: Int) throws -> Person {
        let (year, month, day) = (1930 + index / 28 / 12 / 999 % 90, 1 + index / 28 / 999 % 12, 1 + index / 999 % 28)
        let body = "990101" + String(year) + String(format: "%02d%02d%03d", month, day, 1 + index % 999)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body.utf8, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
        let number = try CitizenNumber(body + String(Array("10X98765432")[sum % 11]))
        return Person(
            number: .citizen(number), name: try PersonName(name(index)), sex: number.sex,
            ethnicGroup: try EthnicGroup("01"), birthDate: number.birthDate, birthPlace: "990101")
    }
}
