import CardCryptography
import CardData
import Foundation
import Lifecycle
import Testing

@testable import Registry

/// After a restoration no number is handed out that may stand on a card which the backup does not know.
@Suite struct RestoredNumberTests {
    private static let site = "version: test-1\ncard-numbers: {letter: D, first: 0, last: 4999}"
    private static let upperTier = Handling(
        by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier))

    private let office = Office()
    private let place = Office()

    private func words() -> SecretBytes { SecretBytes(copying: Array("correct horse battery".utf8)) }

    private func policy() throws -> LifecyclePolicy { try LifecyclePolicy.parse(site: Self.site, file: "site.yaml") }

    private func backUp(_ registry: Registry) throws -> RegistryBackup {
        try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: true)
        let path = place.path + "/a"
        try registry.backUp(to: path, sealedUnder: words(), cost: BackupTests.cost)
        return try RegistryBackup(at: path)
    }

    private func restore(_ backup: RegistryBackup, into data: Office, _ numbers: NumbersInDoubt?) throws
        -> [CardNumberRange]
    {
        let terms =
            numbers.map { RegistryBackup.Terms(numbers: $0, handledBy: BackupTests.restorer) }
            ?? RegistryBackup.Terms(handledBy: BackupTests.restorer)
        let event = try backup.restore(
            into: data.path, keysUnder: words(), on: terms, policy: try policy(), clock: office.clock)
        guard case .registryRestored(let restoration) = event.act else { return [] }
        return restoration.withheld
    }

    private func number(_ place: Int) throws -> CardNumber { try #require(policy().cardNumbers.number(at: place)) }

    private func range(_ first: Int, _ last: Int) throws -> CardNumberRange {
        try CardNumberRange(letter: "D", first: first, last: last)
    }

    @Test func theNumbersThatCameNextAreWithheldAlsoAfterARebuild() throws {
        let registry = try office.open(site: Self.site)
        try registry.makeCard(1, for: try Office.person(11))
        let backup = try backUp(registry)
        let lost = try registry.makeCard(2, for: try Office.person(13))
        let given = try #require(try registry.card(lost)?.facts)
        let data = Office()
        #expect(try restore(backup, into: data, nil) == [try range(1, 1000)])
        let restored = try data.open(site: Self.site)
        #expect(try restored.state(of: given.number) == .withheld)
        let next = try restored.reserveCardNumber(for: "journal-9", handledBy: Office.personalizer)
        #expect(next == (try number(1001)))
        let hash = try restored.canonicalDumpHash()
        try restored.rebuild()
        #expect(try restored.canonicalDumpHash() == hash)
        #expect(try restored.verify().isGood)
        // The card of the lost stretch is entered again from its papers, under the number that it bears.
        let person = try restored.register(try Office.person(13), handledBy: Office.personalizer)
        try restored.record(
            .personalized(try Office.facts(given.number, person)), on: lost, handledBy: Office.personalizer)
        #expect(try restored.state(of: given.number) == .used)
    }

    @Test func theNumberFromWhichOnNoneWasUsedIsNamed() throws {
        let registry = try office.open(site: Self.site)
        try registry.makeCard(1, for: try Office.person(11))
        let backup = try backUp(registry)
        let data = Office()
        #expect(try restore(backup, into: data, .before(try number(7))) == [try range(1, 6)])
        let restored = try data.open(site: Self.site)
        #expect(
            try restored.reserveCardNumber(for: "journal-9", handledBy: Office.personalizer) == (try number(7)))
        let (used, foreign) = (try number(0), try CardNumber("E00000002"))
        let wrong: [(CardNumber, BackupFault)] = [
            (used, .numbersFromTaken(used, free: try number(1))), (foreign, .numbersFrom(foreign)),
        ]
        for (number, fault) in wrong {
            let other = Office()
            #expect(throws: RegistryError.backup(fault)) { try restore(backup, into: other, .before(number)) }
            #expect(!FileManager.default.fileExists(atPath: other.path))
        }
        #expect(try restore(backup, into: Office(), .before(try number(1))).isEmpty, "nothing was made since")
    }

    @Test func theNumbersOfALeaseAreWithheldToo() throws {
        let registry = try office.open(site: Self.site)
        let lease = try #require(
            Lease(
                counter: 7, area: "990100", numbers: try range(2000, 2099),
                terms: LeaseTerms(registerHours: 24, cardsPerDay: 90, cards: 100)))
        try registry.record(.leaseGranted(lease), handledBy: Self.upperTier)
        try registry.makeCard(1, for: try Office.person(11))
        let backup = try backUp(registry)
        #expect(
            try restore(backup, into: Office(), .before(try number(2010))) == [
                try range(2001, 2009), try range(0, 999),
            ])
        #expect(try restore(backup, into: Office(), .next(5)) == [try range(2001, 2005), try range(0, 4)])
    }

    /// What other counters hold is never handed out here: the numbers in doubt are those around it, in the order in which they come.
    @Test func whatWasLeasedToOtherCountersIsSteppedOver() throws {
        let registry = try office.open(site: Self.site)
        for (counter, first, last) in [(8, 1, 9), (9, 20, 2999)] as [(UInt64, Int, Int)] {
            let lease = try #require(
                Lease(
                    counter: counter, area: "990100", numbers: try range(first, last),
                    terms: LeaseTerms(registerHours: 24, cardsPerDay: 9, cards: 9)))
            try registry.record(.leaseGranted(lease), handledBy: Self.upperTier)
        }
        try registry.makeCard(1, for: try Office.person(11))
        // A number that an application brought stands among the free ones, and is not counted for one.
        #expect(
            try registry.reserveCardNumber(
                for: "journal-8", wanted: try number(12), handledBy: Office.personalizer) == (try number(12)))
        let backup = try backUp(registry)
        let lost = try (0..<12).map { place in
            try registry.reserveCardNumber(for: "lost-\(place)", handledBy: Office.personalizer)
        }
        #expect(lost.first == (try number(10)))
        #expect(lost.last == (try number(3002)))
        let data = Office()
        #expect(try restore(backup, into: data, .next(12)) == [try range(10, 19), try range(3000, 3002)])
        let restored = try data.open(site: Self.site)
        let next = try restored.reserveCardNumber(for: "journal-9", handledBy: Office.personalizer)
        #expect(next == (try number(3003)), "none that a lost card may have")
        for (named, found) in [
            (3002, [try range(10, 19), try range(3000, 3001)]), (500, [try range(10, 19)]), (10, []), (5, []),
        ] {
            #expect(try restore(backup, into: Office(), .before(try number(named))) == found, "\(named)")
        }
    }
}
