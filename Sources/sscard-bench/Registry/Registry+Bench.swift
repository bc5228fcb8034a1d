import CardData
import Foundation
import Lifecycle
import Registry

extension Handling {
    /// Who acts at the windows of a benchmark.
    static let benchTeller = Handling(
        by: Officer(number: 1001, role: .teller), second: Officer(number: 1003, role: .supervisor),
        proofs: Proofs(Proofs.named.map(\.proof)))
    /// Who makes its cards.
    static let benchPersonalizer = Handling(by: Officer(number: 1002, role: .personalizer))
}

extension Registry {
    /// A registry of a benchmark's own.
    static func forBenchmarks(at folder: String) throws -> Registry {
        let policy = try LifecyclePolicy.parse(
            site: "version: bench-1\ntwo-person: []\nlook-ups-per-day: 100000\nacts-per-day: {}\n"
                + "card-numbers: {letter: D, first: 0, last: 9999999}", file: "bench")
        return try Registry.open(at: folder, counter: 1, policy: policy) { UInt64(Date().timeIntervalSince1970 * 1000) }
    }

    /// Registers these invented people and makes a card for each, in one commit of the persons and one of the cards.
    ///
    /// - Parameter batch: the batch in which they apply for another; nil for none.
    @discardableResult
    func makeCards(of people: Range<Int>, applyingIn batch: PersonBatch? = nil) throws -> [CardReference] {
        let persons = try people.map(InventedPeople.person)
        _ = try takeIn(persons, batch: batch, handledBy: .benchTeller)
        var references: [CardReference] = []
        var entries: [ActEntry] = []
        for (index, person) in zip(people, persons) {
            guard let number = policy.cardNumbers.number(at: index) else { continue }
            let serial = (0..<4).reversed().map { UInt8(truncatingIfNeeded: (index + 1) >> ($0 * 8)) }
            let card = CardReference(
                try IdentificationCode(areaCode: "990101", serial: serial, authenticationCode: [1, 2, 3, 4]))
            let facts = CardFacts(
                number: number, person: try reference(of: person.number), layout: "national-2.0",
                profile: "fmcos-ssse", area: "990101", issued: try CardDate("20261128"),
                expires: try CardDate("20361128"), blankSerial: serial)
            entries.append(ActEntry(.personalized(facts), on: card, handledBy: .benchPersonalizer))
            references.append(card)
        }
        try record(entries)
        return references
    }
}
