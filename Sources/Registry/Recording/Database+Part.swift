import GRDB

extension Database {
    /// Does a transaction that writes, with statements that are prepared once.
    ///
    /// - Parameter body: gives whether it is to be committed; what it throws takes all back.
    func inWriting(_ body: () throws -> Bool) throws {
        try run("BEGIN IMMEDIATE")
        do {
            try run(try body() ? "COMMIT" : "ROLLBACK")
        } catch {
            // An error of the disk may have taken it back already.
            if isInsideTransaction { try run("ROLLBACK") }
            throw error
        }
    }

    /// Does a part of a transaction, which is taken back alone when it throws.
    ///
    /// As `inSavepoint`, but with statements that are prepared once: every window's share of a commit is such a part.
    func inPart(_ body: () throws -> Void) throws {
        // Outside a transaction a savepoint would begin one, and end it with the part.
        guard isInsideTransaction else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        try run("SAVEPOINT part")
        do {
            try body()
        } catch {
            // An error that took back the whole transaction took the savepoint with it.
            if isInsideTransaction {
                try run("ROLLBACK TO part")
                try run("RELEASE part")
            }
            throw error
        }
        try run("RELEASE part")
    }
}
