import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Testing
import VirtualCard

/// Cards that are made here, and cards that were: neither is asked to prove itself before a key.
@Suite struct FirstContactRuleTests {
    private let counter: Counter

    init() throws { counter = try Counter(policy: "pin-acts-per-day: 1000") }

    private final class Sent {
        var count: [UInt8: Int] = [:]
    }

    private func watched(_ card: VirtualCard, _ sent: Sent) throws -> AnsweringChannel {
        AnsweringChannel(try VirtualCardChannel(card)) {
            sent.count[$0.ins, default: 0] += 1
            return nil
        }
    }

    private func visits(_ rule: FirstContactRule?, _ folder: String = "tries") -> VisitPolicy {
        VisitPolicy(
            folder: counter.folder + "/" + folder, isDevelopment: true, liveVersions: counter.preparation.keyVersions,
            firstContact: rule)
    }

    /// The books have no blank, and its keys are written in the same stay.
    @Test func aBlankIsMadeWithoutAProof() throws {
        let card = try counter.blank()
        let desk = IssuingDesk(
            registry: counter.registry, preparation: counter.preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"),
            visits: visits(FirstContactRule { _ in false }))
        let sent = Sent()
        _ = try desk.issue(counter.request(counter.row()), through: watched(card, sent))
        #expect(sent.count[0x88] == nil)
        #expect(sent.count[0x82] ?? 0 > 0)
    }

    /// The same service of the same card, with books that have it and with books that do not: one proof more.
    @Test func aCardOfThisCounterIsKnown() throws {
        var proofs: [Int] = []
        for (number, rule) in [
            (1, nil), (2, FirstContactRule(of: counter.registry)), (3, FirstContactRule { _ in false }),
        ] as [(UInt8, FirstContactRule?)] {
            let card = try counter.blank(number)
            let person = number == 1 ? counter.row() : number == 2 ? counter.otherRow : counter.thirdRow
            let issued = try counter.issue(card, person)
            try counter.act(.handedOver, on: issued)
            let sent = Sent()
            let desk = PINDesk(
                registry: counter.registry, preparation: counter.preparation, visits: visits(rule, "tries-\(number)"),
                cards: [try counter.preparation.library.entry("national-2.0").compiled],
                journalFolder: counter.folder + "/journal")
            _ = try desk.serve(
                PINRequest(
                    .reset(to: PersonalIdentificationNumber(digits: "739146")), ticket: "T-\(number)",
                    handling: Counter.teller, directories: nil, expecting: nil), through: watched(card, sent))
            proofs.append(sent.count[0x88] ?? 0)
        }
        #expect(proofs[1] == proofs[0])
        #expect(proofs[2] == proofs[0] + 1)
    }
}
