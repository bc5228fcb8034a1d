import GRDB
import Lifecycle
import Testing

@testable import Registry

/// Log and views are proved while the registry is worked with.
@Suite struct VerificationBesideTests {
    private func change(_ registry: Registry, _ sql: String) throws {
        try registry.pool.write { try $0.execute(sql: sql) }
    }

    @Test func itFindsWhatVerifyingFinds() throws {
        let registry = try Office().open()
        let card = try registry.issueCard(1, for: try Office.person(1))
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let good = try #require(try registry.verificationBeside().run())
        #expect(good.isGood)
        #expect(try registry.verify() == good)
        try change(registry, "UPDATE card_states SET status = 1")
        #expect(try registry.verificationBeside().run()?.problem == .viewsDiffer)
        try registry.rebuild()
        #expect(try registry.verificationBeside().run()?.isGood == true)
        try change(registry, "UPDATE log SET kind = kind + 1 WHERE sequence = 2")
        let bad = try #require(try registry.verificationBeside().run())
        #expect(bad.problem == .columnsDiffer && bad.position == 2)
        #expect(try registry.verify() == bad)
    }

    @Test func actsGoOnWhileItIsUnderWayAndAreTheNextOnes() throws {
        let registry = try Office().open()
        let card = try registry.issueCard(1, for: try Office.person(1))
        let events = try registry.newestPlace()
        var isActed = false
        let key = registry.verificationKey
        let report = try RegistryDatabase.reader(path: registry.path + "/registry.sqlite").read { database in
            try VerificationReport.make(of: database, counter: 7, key: key) {
                // The state is read from the first part on: an act between it and the next is not seen half.
                if isActed { return }
                _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM log")
                try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
                isActed = true
            }
        }
        #expect(isActed && report.isGood && report.events == events)
        #expect(try registry.verificationBeside().run()?.events == events + 1)
    }

    @Test func oneThatIsCalledOffSaysNothing() throws {
        let registry = try Office().open()
        try registry.issueCard(1, for: try Office.person(1))
        let beside = registry.verificationBeside()
        beside.callOff()
        #expect(try beside.run() == nil)
    }
}
