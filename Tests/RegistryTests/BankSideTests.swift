import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// The bank's side of a card is the bank's to tell: while it has told nothing, nothing is said of it.
@Suite struct BankSideTests {
    @Test func whatNoBankHasToldIsUnknown() throws {
        let registry = try Office().open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        #expect(try registry.card(card)?.state.bank == .unknown)
    }

    /// Until schema 10 every card was written down as not activated at the bank, which nobody had told.
    @Test func aRegistryOfAnOlderProgramForgetsWhatNobodyHasTold() throws {
        let office = Office()
        let hash: [UInt8]
        do {
            let registry = try office.open()
            try registry.issueCard(1, for: try Office.person(11))
            hash = try registry.canonicalDumpHash()
        }
        let file = try DatabaseQueue(path: office.path + "/registry.sqlite")
        try file.write {
            try $0.execute(
                sql: DividedCardsTests.asBefore + "UPDATE cards SET bank = 'not-activated'; PRAGMA user_version = 10")
        }
        try file.close()
        let registry = try office.open()
        #expect(try registry.canonicalDumpHash() == hash)
        #expect(try registry.verify().isGood)
        #expect(try registry.rebuild() == hash)
    }
}
