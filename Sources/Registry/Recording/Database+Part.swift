import GRDB

extension Database {
    /// Does a part of a transaction, which is taken back alone when it throws.
    ///
    /// As `inSavepoint`, but with statements that are prepared once: every window's share of a commit is such a part.
    func inPart(_ body: () throws -> Void) throws {
        // Outside a transaction a savepoint would begin one, and end it with the part.
        guard isInsideTransaction else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        try cachedStatement(sql: "SAVEPOINT part").execute()
        do {
            try body()
        } catch {
            // An error that took back the whole transaction took the savepoint with it.
            if isInsideTransaction {
                try cachedStatement(sql: "ROLLBACK TO part").execute()
                try cachedStatement(sql: "RELEASE part").execute()
            }
            throw error
        }
        try cachedStatement(sql: "RELEASE part").execute()
    }
}
