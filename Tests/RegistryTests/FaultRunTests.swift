import Foundation
import GRDB
import Lifecycle
import Synchronization
import Testing

@testable import Registry

/// Faults that must lose no slip that was printed; and the same faults with the protection switched off, when they do.
@Suite(.serialized) struct FaultRunTests {
    private static let isAtWork = WorkingProgram.job != nil
    private static let work = "FaultRunTests/theProgramWorks"

    /// What the other process does.
    @Test(.enabled(if: isAtWork)) func theProgramWorks() throws {
        guard let job = WorkingProgram.job else { return }
        let registry = try Office(existing: job.folder).open()
        var next = UInt64(try registry.statistics().events) + 1
        // A group commit of many windows takes long enough to be met by a signal; answered ones are met anywhere.
        let share: UInt64 = job.fault == .kill && job.printing == .beforeTheCommit ? 200 : 1
        if job.fault == .noWrites {
            try registry.receive(next..<next + 5, .whenAnswered, print: WorkingProgram.print)
            next += 5
            WorkingProgram.refuseWrites()
        }
        while (try? registry.receive(next..<next + share, job.printing, print: WorkingProgram.print)) != nil {
            next += share
        }
    }

    // MARK: - kill -9

    @Test(.enabled(if: !isAtWork)) func programsKilledAtRandomLoseNoSlip() throws {
        let office = Office()
        var printed: [UInt64] = []
        for round in 0..<WorkingProgram.rounds {
            let count = Int.random(in: 1...20)
            let slips = try WorkingProgram(fault: .kill, printing: .whenAnswered, folder: office.path)
                .run(Self.work, killedAfter: count)
            #expect(slips.count >= count, "round \(round): nothing was killed in the midst of its work")
            printed += slips
            let registry = try office.open()
            #expect(try registry.lost(slips).isEmpty, "round \(round), killed after \(count) slips")
        }
        let registry = try office.open()
        #expect(try registry.lost(printed).isEmpty)
        #expect(Set(printed).count == printed.count, "a slip's number was given twice")
        #expect(try registry.verify().isGood)
        try registry.receive(1_000_000..<1_000_001, .whenAnswered) { _ in }
    }

    @Test(.enabled(if: !isAtWork)) func withSlipsPrintedBeforeTheCommitKillingLosesSome() throws {
        let office = Office()
        var lost: [UInt64] = []
        // A signal that comes late may meet the moment behind a commit.
        for _ in 0..<10 where lost.isEmpty {
            let slips = try WorkingProgram(fault: .kill, printing: .beforeTheCommit, folder: office.path)
                .run(Self.work, killedAfter: 5)
            lost = try office.open().lost(slips)
        }
        #expect(!lost.isEmpty, "nothing was lost: these kills would find nothing")
        #expect(try office.open().verify().isGood, "what is lost leaves no trace: only its slip tells")
    }

    // MARK: - Disks

    @Test(.enabled(if: !isAtWork), arguments: SlipPrinting.allCases)
    func onADiskThatTakesNoWritesASlipIsPrintedOnlyByWhoDoesNotWait(_ printing: SlipPrinting) throws {
        let office = Office()
        let slips = try WorkingProgram(fault: .noWrites, printing: printing, folder: office.path).run(Self.work)
        let registry = try office.open()
        switch printing {
        case .whenAnswered: #expect(slips == [1, 2, 3, 4, 5])
        case .beforeTheCommit: #expect(slips == [1, 2, 3, 4, 5, 6])
        }
        #expect(try registry.lost(slips) == (printing == .whenAnswered ? [] : [6]))
        #expect(try registry.verify().isGood)
        try registry.receive(900..<901, .whenAnswered) { _ in }
    }

    @Test(.enabled(if: !isAtWork && SmallDisk.isPossible), arguments: SlipPrinting.allCases)
    func onAFullDiskASlipIsLostOnlyByWhoDoesNotWait(_ printing: SlipPrinting) throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let office = Office(existing: disk.path + "/data")
        let slips = PrintedSlips()
        do {
            let registry = try office.open()
            try registry.receive(1..<2, .whenAnswered, print: slips.add)
            try disk.fill()
            var refusal: RegistryError?
            var next: UInt64 = 2
            while refusal == nil, next < 500 {
                do {
                    try registry.receive(next..<next + 1, printing, print: slips.add)
                    next += 1
                } catch let error as RegistryError {
                    refusal = error
                }
            }
            guard case .store? = refusal else {
                Issue.record("not refused for want of room: \(String(describing: refusal))")
                return
            }
            try disk.empty()
            #expect(try registry.lost(slips.all).isEmpty == (printing == .whenAnswered))
            try registry.receive(900..<901, .whenAnswered) { _ in }
        }
        #expect(try office.open().verify().isGood)
        withExtendedLifetime(disk) {}
    }

    // MARK: - Clocks

    private static let day: Int64 = 86_400_000

    /// A day back, a year on, a month back, and a clock that stands still.
    @Test(.enabled(if: !isAtWork)) func whateverTheClockDoesTheOrderOfTheLogStands() throws {
        let office = Office()
        defer { withExtendedLifetime(office) {} }
        let wall = Mutex<Int64>(1_790_000_000_000)
        let registry = try office.open(clock: { wall.withLock { UInt64($0) } })
        for (number, jump) in [0, -Self.day, 365 * Self.day, -30 * Self.day, 0].enumerated() {
            wall.withLock { $0 += jump }
            try registry.receive(UInt64(number * 2)..<UInt64(number * 2 + 2), .whenAnswered) { _ in }
        }
        #expect(try registry.verify().isGood)
        let walls = try registry.log().map(\.event.wallMilliseconds)
        #expect(walls != walls.sorted(), "the clock did not jump")
    }

    /// The protection is that the writer remembers the last event's time; this one does not.
    @Test(.enabled(if: !isAtWork)) func aWriterThatTrustsTheClockLetsTimeFallAndIsFoundOut() throws {
        let office = Office()
        defer { withExtendedLifetime(office) {} }
        let wall = Mutex<Int64>(1_790_000_000_000)
        let clock: @Sendable () -> UInt64 = { wall.withLock { UInt64($0) } }
        let registry = try office.open(clock: clock)
        try registry.receive(1..<4, .whenAnswered) { _ in }
        wall.withLock { $0 -= Self.day }
        let head = LogHead(sequence: 3, hash: try registry.verify().head, hybridTime: 0)
        let trusting = LogWriter(
            pool: registry.pool, signing: registry.keys.signing, sealing: registry.sealing, counter: registry.counter,
            policy: registry.policy,
            head: head, tally: DayTally(), clock: clock)
        let person = try registry.reference(of: Office.person(11).number)
        let done = DispatchSemaphore(value: 0)
        trusting.submit(
            LogWriter.Request { transcript in
                try transcript.add(
                    .personLookedUp(person, purpose: .audit, found: false), on: nil, handledBy: Office.teller)
            } answer: { _ in
                done.signal()
            })
        done.wait()
        let report = try registry.verify()
        #expect(report.position == 4)
        #expect(report.problem == .timeFalls)
    }
}
