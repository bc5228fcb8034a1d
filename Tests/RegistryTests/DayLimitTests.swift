import CardData
import Lifecycle
import Testing

@testable import Registry

/// What the policy limits for one officer and day, counted from the log.
@Suite struct DayLimitTests {
    private static func teller(_ number: UInt64, with second: Officer? = nil) -> Handling {
        Handling(by: Officer(number: number, role: .teller), second: second, proofs: Office.everyProof)
    }

    private static let supervisor = Officer(number: 1003, role: .supervisor)

    private func refusal(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        let error = try #require(throws: RegistryError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        return refusal.reasons
    }

    private func look(_ registry: Registry, at serial: Int, by handling: Handling = Self.teller(1001)) throws {
        _ = try registry.lookUpPerson(try Office.person(serial).number, purpose: .inquiry, handledBy: handling)
    }

    @Test func anOfficerLooksAtSoManyPersonsADayAndASupervisorSignsForMore() throws {
        let office = Office()
        let registry = try office.open(site: "version: test-1\nlook-ups-per-day: 3")
        for serial in [11, 13, 15] { try look(registry, at: serial) }
        let head = try registry.deskNumbers(of: 0).head
        #expect(try refusal { try look(registry, at: 17) } == [.lookUpsUsedUp(3)])
        #expect(try registry.deskNumbers(of: 0).head == head, "nothing is written down")
        #expect(registry.hasUsedUpLookUps(1001))
        // Whom they have looked at they may look at again, and another officer has a day of their own.
        try look(registry, at: 13)
        #expect(!registry.hasUsedUpLookUps(1001, at: try registry.reference(of: Office.person(13).number)))
        try look(registry, at: 17, by: Self.teller(1002))
        #expect(!registry.hasUsedUpLookUps(1002))
        try look(registry, at: 17, by: Self.teller(1001, with: Self.supervisor))
        // Neither they themselves nor somebody in another role stands beside them.
        for second in [Officer(number: 1001, role: .supervisor), Officer(number: 1004, role: .teller)] {
            #expect(throws: RegistryError.self) {
                try look(registry, at: 19, by: Self.teller(1001, with: second))
            }
        }
        office.passDays(1)
        #expect(!registry.hasUsedUpLookUps(1001))
        try look(registry, at: 19)
    }

    /// A search by name tells as many as are left, or nobody.
    @Test func aSearchByNameCountsEverybodyWhomItTells() throws {
        let office = Office()
        let registry = try office.open(site: "version: test-1\nlook-ups-per-day: 3")
        for serial in [11, 13, 15, 17] { try registry.register(try Office.person(serial), handledBy: Office.teller) }
        func search(_ handling: Handling) throws -> Int {
            try registry.lookUpPersons(nameBeginning: "王小明", purpose: .inquiry, handledBy: handling).matches.count
        }
        #expect(try refusal { _ = try search(Self.teller(1001)) } == [.lookUpsUsedUp(3)])
        #expect(try search(Self.teller(1001, with: Self.supervisor)) == 4)
        #expect(try search(Self.teller(1001)) == 4, "all of them were looked at today")
    }

    @Test func aRestartForgetsNothing() throws {
        let office = Office()
        let site = "version: test-1\nlook-ups-per-day: 2\nacts-per-day: {correct: 1}"
        do {
            let registry = try office.open(site: site)
            for serial in [11, 13] { try look(registry, at: serial) }
            try correctAHandOver(1, registry)
        }
        let registry = try office.open(site: site)
        #expect(try refusal { try look(registry, at: 15) } == [.lookUpsUsedUp(2)])
        #expect(try refusal { try correctAHandOver(2, registry) } == [.actsUsedUp(.correct, 1)])
    }

    /// Days that look-ups bear, and whether one more is made on the last of them: as ``PolicyLimitTests`` has it for PINs.
    @Test(arguments: [
        ([0, 200, 200, 0], false), ([0, 200, 200, 0, 1], true), ([200, 200, 0, 1], true), ([200, 200, 1], false),
        ([200, 200, 0, 1, 1, 1], false), ([5, 5, 4, 5], false), ([5, 5, 4], false), ([5, 5, 6], true),
    ])
    func lookUpsOfAClockThatWasAheadCountUntilADayHasPassedSince(days: [UInt64], isDone: Bool) throws {
        for isRestarted in [false, true] {
            let office = Office()
            let site = "version: test-1\nlook-ups-per-day: 2"
            var registry: Registry? = try office.open(site: site)
            for (index, day) in days.dropLast().enumerated() {
                office.setDay(day)
                try look(#require(registry), at: 11 + 2 * index, by: Self.teller(1001, with: Self.supervisor))
            }
            if isRestarted {
                registry = nil
                registry = try office.open(site: site)
            }
            office.setDay(try #require(days.last))
            let last = try #require(registry)
            if isDone {
                try look(last, at: 99)
            } else {
                #expect(try refusal { try look(last, at: 99) } == [.lookUpsUsedUp(2)])
            }
        }
    }

    /// One act by a clock that was years ahead does not make every morning read the log back to it.
    @Test func behindAClockThatWasAheadADayBeginsTwoDaysBack() throws {
        let office = Office()
        let registry = try office.open(site: "version: test-1\nlook-ups-per-day: 9")
        for day: UInt64 in [0, 4000, 1, 2, 3, 4, 5] {
            office.setDay(day)
            try look(registry, at: 11)
            try look(registry, at: 13)
        }
        let today = DayTally.day(of: office.clock())
        #expect(try registry.reading { try DayTally.first(of: today, in: $0) } == 11, "behind those of the third day")
        #expect(try registry.reading { try DayTally.first(of: today + 9, in: $0) } == 15, "none")
    }

    @Test func whoMakesCardsOfRowsIsHeldToNoNumberOfPersons() throws {
        let registry = try Office().open(site: "version: test-1\nlook-ups-per-day: 1")
        for serial in [11, 13, 15] {
            _ = try registry.lookUpPerson(
                try Office.person(serial).number, purpose: .issuing, forMaking: true, handledBy: Office.personalizer)
        }
    }

    /// Hands a card over and takes that back as an error.
    private func correctAHandOver(_ serial: UInt32, _ registry: Registry) throws {
        let card = try registry.makeCard(serial, for: try Office.person(20 + Int(serial)))
        let handed = try registry.record(.handedOver, on: card, handledBy: Office.teller).identifier
        try registry.record(
            .corrected(Correction(of: handed, kind: .handedOver, reason: .wrongCard)), on: card,
            handledBy: Handling(
                by: Self.supervisor, second: Officer(number: 1005, role: .upperTier), proofs: Office.everyProof))
    }

    @Test func anOfficerResetsSoManyPINsADayAndAnotherGoesOn() throws {
        let office = Office()
        let registry = try office.open(site: "version: test-1\nacts-per-day: {reset-pin: 2, release: 1}")
        let card = try registry.issueCard(1, for: try Office.person(11))
        func serve(_ service: PINService, by handling: Handling = Office.teller) throws {
            let entry = ActEntry(.pinServed(service, ticket: "T-1"), on: card, handledBy: handling)
            try registry.check([entry])
            try registry.record([entry])
        }
        try serve(.reset)
        try serve(.reset)
        #expect(try refusal { try serve(.reset) } == [.actsUsedUp(.resetPIN, 2)])
        try serve(.unblock)
        try serve(.reset, by: Self.teller(1002, with: Self.supervisor))
        // What stands on a chip is written down whatever was used up meanwhile.
        try registry.record(.pinServed(.reset, ticket: "T-2"), on: card, handledBy: Office.teller)
        // A release counts, and a loss is taken however many there were.
        func lose() throws -> EventIdentifier {
            try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller).identifier
        }
        try registry.record(.released([try lose()]), on: card, handledBy: Office.teller)
        let second = try lose()
        #expect(
            try refusal { try registry.record(.released([second]), on: card, handledBy: Office.teller) }
                == [.actsUsedUp(.release, 1)])
        office.passDays(1)
        try registry.record(.released([second]), on: card, handledBy: Office.teller)
        try serve(.reset)
    }

    @Test func oneRequestThatDoesTooManyIsRefusedAsAWhole() throws {
        let registry = try Office().open(site: "version: test-1\nacts-per-day: {release: 1}")
        let entries = try [1, 2].map { serial -> ActEntry in
            let card = try registry.issueCard(UInt32(serial), for: try Office.person(11 + 2 * serial))
            let loss = try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
            return ActEntry(.released([loss.identifier]), on: card, handledBy: Office.teller)
        }
        #expect(try refusal { try registry.record(entries) } == [.actsUsedUp(.release, 1)])
        try registry.record([entries[0]])
    }
}
