import GRDB
import Lifecycle
import Testing

@testable import Registry

/// How windows share commits, and that a part of a commit is taken back alone.
@Suite struct CommitPaceTests {
    @Test func aWindowThatWorksAloneNeverWaits() {
        var pace = CommitPace()
        #expect(pace.companions == 0 && pace.patience == 0)
        pace.note(requests: 1, nanoseconds: 8_000_000)
        #expect(pace.companions == 1 && pace.patience == 0)
    }

    @Test func windowsThatSharedACommitAreWaitedForAsLongAsAQuarterOfItAndNoLongerThanTwoMilliseconds() {
        var pace = CommitPace()
        pace.note(requests: 10, nanoseconds: 4_000_000)
        #expect(pace.companions == 10 && pace.patience == 1_000_000)
        pace.note(requests: 10, nanoseconds: 900_000_000)
        #expect(pace.patience == 2_000_000)
        pace.note(requests: 1, nanoseconds: 900_000_000)
        #expect(pace.patience == 0, "the others have gone home")
    }

    @Test func whatThrowsTakesItsOwnPartBackAndNoOther() throws {
        struct Stop: Error {}
        let database = try DatabaseQueue()
        let found = try database.write { database in
            try database.execute(sql: "CREATE TABLE t (n INTEGER)")
            try database.inPart { try database.execute(sql: "INSERT INTO t VALUES (1)") }
            var outer: [Int] = []
            try? database.inPart {
                try database.execute(sql: "INSERT INTO t VALUES (2)")
                try? database.inPart {
                    try database.execute(sql: "INSERT INTO t VALUES (3)")
                    throw Stop()
                }
                outer = try Int.fetchAll(database, sql: "SELECT n FROM t ORDER BY n")
                throw Stop()
            }
            #expect(outer == [1, 2])
            try database.inPart { try database.execute(sql: "INSERT INTO t VALUES (4)") }
            return try Int.fetchAll(database, sql: "SELECT n FROM t ORDER BY n")
        }
        #expect(found == [1, 4])
    }

    @Test func aPartWithoutATransactionIsRefused() throws {
        let database = try DatabaseQueue()
        database.writeWithoutTransaction { database in
            #expect(throws: DatabaseError.self) { try database.inPart {} }
            #expect(!database.isInsideTransaction)
        }
    }
}
