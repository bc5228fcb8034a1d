import CardData
import Foundation
import Lifecycle
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What a supervisor's report tells of a log.
@Suite struct OfficeReportTests {
    private static let reporting = Handling(by: Officer(number: 1001, role: .teller))
    private let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)").path

    /// A person and a card, looked up by two tellers, of whom one acts; at hours that the machine's time zone makes known.
    @Test func lookUpsWithoutAnActAndActsOutsideTheHoursAreTold() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let noon = try #require(Moment.milliseconds("2026-11-28T12:00"))
        let night = try #require(Moment.milliseconds("2026-11-28T22:00"))
        let time = Mutex(noon)
        let registry = try Registry.open(at: folder, counter: 7, policy: .load()) { time.withLock { $0 } }
        let number = try CitizenNumber("990165200802116857")
        let person = Person(
            number: .citizen(number), name: try PersonName("张三"), sex: number.sex, ethnicGroup: try EthnicGroup("01"),
            birthDate: number.birthDate, birthPlace: "990165")
        let reference = try registry.register(person, handledBy: Self.reporting)
        for officer: UInt64 in [1001, 1002] {
            let handling = Handling(by: Officer(number: officer, role: .teller), proofs: .identityDocument)
            _ = try registry.lookUpPerson(reference, purpose: .issuing, handledBy: handling)
        }
        time.withLock { $0 = night }
        let facts = ApplicationFacts(person: reference, kind: .first, way: .instant, channel: .counter, batch: "")
        try registry.record(
            .submitted(facts),
            handledBy: Handling(by: Officer(number: 1001, role: .teller), proofs: .identityDocument))
        let hours = try #require(OfficeHours("08:30-17:30"))
        let report = try Self.report(registry, from: noon, to: night + 1, hours)
        #expect(report.lookUpsWithoutAct.newest.map(\.event.officer) == [1002])
        #expect(report.outsideHours.newest.map(\.body.act.kind) == [.submitted])
        #expect(report.losses.count == 0 && report.spoiled.count == 0)
        #expect(
            report.acts.rows.map { "\($0.kind.name) \($0.officer) \($0.count)" } == [
                "person-registered 1001 1", "person-looked-up 1001 1", "person-looked-up 1002 1", "submitted 1001 1",
            ])
    }

    private static func report(
        _ registry: Registry, from start: UInt64, to end: UInt64, _ hours: OfficeHours = .usual, mostRows: Int = 500,
        mostEvents: Int = 1000
    ) throws -> OfficeReport {
        var report = OfficeReport(hours: hours, mostRows: mostRows, mostEvents: mostEvents)
        try registry.forEachEvent(from: start, to: end) { report.take($0, about: $1) }
        try registry.forEachEvent(from: start, to: end, upTo: report.newest, of: .personLookedUp) { logged, _ in
            report.takeLookUp(logged)
            return true
        }
        return report
    }

    /// Long spans are counted whole and listed in part; and there is an end to what is taken in.
    @Test func aLongListKeepsItsNewestAndTheCountOfAll() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let noon = try #require(Moment.milliseconds("2026-11-28T12:00"))
        let time = Mutex(noon)
        let registry = try Registry.open(at: folder, counter: 7, policy: .load()) {
            time.withLock { time in
                time += 1000
                return time
            }
        }
        let number = try SocialSecurityNumber("990165200802116857")
        for officer in 1001...1020 {
            let handling = Handling(by: Officer(number: UInt64(officer), role: .teller))
            _ = try registry.lookUpPerson(number, purpose: .inquiry, handledBy: handling)
        }
        let report = try Self.report(registry, from: noon, to: .max, mostRows: 3)
        #expect(report.lookUpsWithoutAct.count == 20)
        #expect(report.lookUpsWithoutAct.newest.map(\.event.officer) == [1020, 1019, 1018])
        #expect(report.newest == 20)
        var small = OfficeReport(hours: .usual, mostRows: 3, mostEvents: 19)
        var taken = 0
        try registry.forEachEvent(from: noon, to: .max) { logged, person in
            taken += 1
            return small.take(logged, about: person)
        }
        #expect(taken == 20 && small.newest == 20, "the twentieth is refused, and nothing after it is asked for")
    }

    @Test func hoursAreReadAsTheyAreWritten() throws {
        let hours = try #require(OfficeHours("08:30-17:30"))
        #expect(hours.opens == 510 && hours.closes == 1050 && hours.text == "08:30-17:30")
        #expect(OfficeHours.usual.text == "08:00-18:00")
        for text in ["8:30-17:30", "17:30-08:30", "08:30-24:00", "08:30", "always", "09:00-09:00"] {
            #expect(OfficeHours(text) == nil, "\(text)")
        }
        let closing = try #require(Moment.milliseconds("2026-11-28T17:30"))
        #expect(!hours.contains(closing) && hours.contains(closing - 1))
    }

    @Test(arguments: [
        (0, "month"), (30, "month"), (31, "quarter"), (90, "quarter"), (91, "year"), (365, "year"), (366, "longer"),
    ])
    func cardsWaitInFourGroups(days: Int, age: String) { #expect(WaitingAge(days: days).rawValue == age) }

    @Test func aDayHasItsBoundsAndADayThatIsNoneHasNone() throws {
        let bounds = try #require(Moment.bounds(of: 20_261_128))
        #expect(Moment.text(bounds.lowerBound) == "2026-11-28 00:00:00")
        #expect(Moment.text(bounds.upperBound) == "2026-11-29 00:00:00")
        #expect(Moment.bounds(of: 20_260_230) == nil)
        #expect(Moment.day(written: "2026-11-28") == 20_261_128)
        #expect(Moment.day(written: "28.11.2026") == nil && Moment.day(written: "2026-13-01") == nil)
    }
}
