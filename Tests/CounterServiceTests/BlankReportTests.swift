import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What became of blanks, and cards that were made again for the same person, of a log that is made here.
@Suite struct BlankReportTests {
    private static let everyProof = Proofs(Proofs.named.map(\.proof))

    /// A counter whose days the test moves, with blanks of two deliveries.
    private final class Site: Sendable {
        let folder = FileManager.default.temporaryDirectory.appending(path: "blanks-\(UUID().uuidString)").path
        let registry: Registry
        let start: UInt64
        private let time: Time

        private final class Time: Sendable {
            let wall: Mutex<UInt64>
            init(_ start: UInt64) { wall = Mutex(start) }
        }

        init() throws {
            let start = try #require(Moment.milliseconds("2026-11-02T09:00"))
            let time = Time(start)
            (self.start, self.time) = (start, time)
            let policy = try LifecyclePolicy.parse(
                site: "version: test-1\nrepeat-days: 30\ntwo-person: []\n", file: "policy.yaml")
            registry = try Registry.open(at: folder, counter: 7, policy: policy) {
                time.wall.withLock { now in
                    now += 1000
                    return now
                }
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func pass(days: UInt64) { time.wall.withLock { $0 += days * 86_400_000 } }

        private func handling(_ officer: UInt64, _ role: Role) -> Handling {
            Handling(
                by: Officer(number: officer, role: role), second: Officer(number: 2001, role: .supervisor),
                proofs: BlankReportTests.everyProof)
        }

        func receive(_ serials: ClosedRange<UInt8>) throws -> EventIdentifier {
            let pieces = try #require(ChipSerials(serials.map { [9, 9, 0, $0] }))
            return try registry.record(.stock(.received(.blank, pieces)), handledBy: handling(3001, .stockKeeper))
                .identifier
        }

        /// A person by their number's sequence; the check character is computed by ISO 7064 MOD 11-2.
        private func person(_ serial: Int) throws -> PersonReference {
            let body = "99010119900307" + String(format: "%03d", serial)
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
            let sum = zip(body.utf8, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
            let number = try CitizenNumber(body + String(Array("10X98765432")[sum % 11]))
            return try registry.register(
                Person(
                    number: .citizen(number), name: try PersonName("王小明"), sex: number.sex,
                    ethnicGroup: try EthnicGroup("01"), birthDate: number.birthDate, birthPlace: "990101"),
                handledBy: handling(1001, .teller))
        }

        func reference(_ chip: UInt8) throws -> CardReference {
            CardReference(
                try IdentificationCode(areaCode: "990101", serial: [0, 0, 0, chip], authenticationCode: [1, 2, 3, 4]))
        }

        /// Makes a card of a blank for a person; their card before, if they have one, ends with it.
        func make(
            _ chip: UInt8, for serial: Int, by officer: UInt64, handsOver: Bool = true, isFactorys: Bool = false
        ) throws {
            let holder = try person(serial)
            let maker = handling(officer, .personalizer)
            let number = try registry.reserveCardNumber(for: "journal-\(chip)", handledBy: maker)
            let facts = CardFacts(
                number: number, person: holder, layout: "national-2.0", profile: "fmcos-ssse", area: "990101",
                issued: try CardDate("20261102"), expires: try CardDate("20361102"),
                planHash: isFactorys ? [] : Array(repeating: 1, count: 32), blankSerial: [9, 9, 0, chip])
            let card = try reference(chip)
            var entries: [ActEntry] = []
            if let old = try registry.activeCard(of: holder) {
                entries.append(
                    ActEntry(
                        .replaced(successor: card, reason: .damaged), on: old.reference,
                        handledBy: handling(1001, .teller)))
            }
            try registry.record(entries + [ActEntry(.personalized(facts), on: card, handledBy: maker)])
            for old in entries {
                guard let reference = old.card else { continue }
                try registry.record(.chipEnded(.blocked), on: reference, handledBy: handling(1001, .teller))
            }
            if handsOver { try registry.record(.handedOver, on: card, handledBy: handling(1001, .teller)) }
        }

        func spoil(_ chip: UInt8, by officer: UInt64) throws {
            try registry.record(
                .spoiled(Spoilage(.writingFailed, number: nil, blankSerial: [9, 9, 0, chip])),
                on: try reference(chip), handledBy: handling(officer, .personalizer))
        }

        /// As the page makes it.
        func report(from start: UInt64? = nil) throws -> OfficeReport {
            let from = start ?? self.start
            var report = OfficeReport(hours: .usual, mostRows: 500, mostEvents: 1000)
            try registry.forEachEvent(from: from, to: .max) { report.take($0, about: $1) }
            try report.settleBlanks { try registry.making(of: $0) }
            try registry.forEachEvent(from: 0, to: .max, of: .stockReceived) { logged, _ in
                report.takeDelivery(logged)
                return true
            }
            var repeats = Repeats(from: from, within: registry.policy.repeatDays)
            try registry.forEachEvent(from: repeats.firstTime, to: .max, of: .personalized) { logged, _ in
                repeats.take(logged)
                return true
            }
            try report.take(repeats) { try registry.event(at: $0) }
            return report
        }
    }

    @Test func usedBlanksAreTheGoodAndTheSpoiledInEveryRow() throws {
        let site = try Site()
        let first = try site.receive(1...5)
        let second = try site.receive(6...9)
        for (chip, officer) in [(1, 1002), (2, 1002), (6, 1005)] as [(UInt8, UInt64)] {
            try site.make(chip, for: 10 + Int(chip), by: officer)
        }
        try site.spoil(3, by: 1002)
        try site.spoil(7, by: 1005)
        try site.spoil(8, by: 1005)
        // A card that was made and is spoiled by another: one blank of its maker's.
        try site.make(9, for: 19, by: 1002, handsOver: false)
        try site.spoil(9, by: 1005)
        // A chip that is in no delivery.
        try site.make(50, for: 60, by: 1002)
        let blanks = try site.report().blanks
        #expect(blanks.all == BlankUse.Count(good: 4, spoiled: 4))
        #expect(blanks.all.used == 8)
        #expect(blanks.all.spoiledOfThousand == 500)
        #expect(BlankUse.Count(good: 4, spoiled: 3).spoiledOfThousand == 429, "3 of 7 are 42.857 %")
        #expect(
            blanks.byOfficer.map { "\($0.officer) \($0.count.good) \($0.count.spoiled)" } == ["1002 3 2", "1005 1 2"])
        let rows = blanks.byDelivery
        #expect(rows.map(\.delivery) == [first, second, nil])
        #expect(rows.map { [$0.count.good, $0.count.spoiled] } == [[2, 1], [1, 3], [1, 0]])
        for counts in [blanks.byOfficer.map(\.count), rows.map(\.count)] {
            #expect(counts.reduce(0) { $0 + $1.used } == blanks.all.used)
            #expect(counts.reduce(0) { $0 + $1.good } == blanks.all.good)
            #expect(counts.reduce(0) { $0 + $1.spoiled } == blanks.all.spoiled)
        }
        #expect(BlankUse().all.spoiledOfThousand == nil)
    }

    /// A factory's card that is spoiled here was no blank of the office's, and one that was made long ago is still its maker's.
    @Test(arguments: [false, true]) func aSpoiledCardIsCountedByItsMakingWhereverThatStands(isLongAgo: Bool) throws {
        let site = try Site()
        _ = try site.receive(1...2)
        try site.make(1, for: 11, by: 1005, handsOver: false, isFactorys: true)
        try site.make(2, for: 12, by: 1002, handsOver: false)
        if isLongAgo { site.pass(days: 3) }
        let start = site.start + (isLongAgo ? 2 * 86_400_000 : 0)
        try site.spoil(1, by: 1005)
        try site.spoil(2, by: 1005)
        let blanks = try site.report(from: start).blanks
        #expect(blanks.all == BlankUse.Count(good: 0, spoiled: 1))
        #expect(blanks.byOfficer.map(\.officer) == [1002], "its maker's")
    }

    @Test func aCardThatIsMadeSoonAfterAnotherForTheSamePersonIsARepeat() throws {
        let site = try Site()
        try site.make(1, for: 11, by: 1002)
        try site.make(2, for: 12, by: 1002)
        site.pass(days: 29)
        let later = try #require(Moment.milliseconds("2026-12-01T00:00"))
        try site.make(3, for: 11, by: 1002)
        site.pass(days: 10)
        // For one 39 days after the card before, for the other 10.
        try site.make(4, for: 12, by: 1002)
        try site.make(5, for: 11, by: 1002)
        let all = try site.report().repeats
        #expect(all.count == 2)
        #expect(all.newest.map(\.event.card) == [try site.reference(5), try site.reference(3)])
        // The card before may have been made before the days that are reported.
        let late = try site.report(from: later).repeats
        #expect(late.newest.map(\.event.card) == [try site.reference(5), try site.reference(3)])
    }
}
