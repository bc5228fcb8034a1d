import CardCryptography
import GRDB
import Lifecycle

/// Proof that the store says what was done, and its repair from the log.
extension Registry {
    /// Looks at every page, goes through the whole log, then makes its views anew elsewhere and compares them with those in the file.
    ///
    /// Finds every changed, missing or foreign event, and views that were changed by hand. A log that lost its newest
    /// events together with its views shows only against a head that somebody else has seen.
    public func verify() throws(RegistryError) -> VerificationReport {
        try lookAtPages()
        return try reading { database in
            try VerificationReport.make(of: database, counter: counter, key: verificationKey)
        }
    }

    /// Makes the views again from the log, in one transaction; a damaged log leaves them as they are.
    ///
    /// - Returns: the hash of the canonical dump after it.
    @discardableResult
    public func rebuild() throws(RegistryError) -> [UInt8] {
        try awaitPageCheck()
        do {
            return try writer.exclusively {
                try pool.writeWithoutTransaction { database in
                    try RegistryDatabase.withRoom(in: database) {
                        var hash: [UInt8] = []
                        try database.inTransaction {
                            try RegistrySchema.remakeViews(database)
                            try names.remake(database)
                            hash = try CanonicalDump.hash(of: database)
                            return .commit
                        }
                        return hash
                    }
                }
            }
        } catch {
            throw RegistryError(wrapping: error)
        }
    }

    /// The hash of all views in canonical order: the same before and after ``rebuild()``.
    public func canonicalDumpHash() throws(RegistryError) -> [UInt8] {
        try reading { try CanonicalDump.hash(of: $0) }
    }

    /// Whether each card has its two rows and no row stands alone, which the hash of the views cannot tell.
    public func hasWholeCards() throws(RegistryError) -> Bool {
        try reading { try CardTable.isOneRowOfEach(in: $0) }
    }
}

extension VerificationReport {
    /// Looks through a database of the registry's form, this counter's; at its log alone where its views are an older program's.
    ///
    /// - Parameter goOn: called before each part of the work; what it throws ends it.
    static func make(
        of database: Database, counter: UInt64, key: VerificationKey, withViews: Bool = true,
        betweenParts goOn: () throws -> Void = {}
    ) throws -> VerificationReport {
        try goOn()
        var verification = LogVerification(counter: counter, key: key)
        if let (position, problem) = try verification.run(on: database) {
            return VerificationReport(verification, position: position, problem: problem)
        }
        guard withViews else { return VerificationReport(verification, position: nil, problem: nil) }
        try goOn()
        let fresh = try RegistryDatabase.temporary()
        let expected = try fresh.write { target in
            try RegistrySchema.createViewTables(target)
            try LogReader.replay(database, into: target)
            return try CanonicalDump.hash(of: target)
        }
        try goOn()
        let isSame = try CanonicalDump.hash(of: database) == expected && CardTable.isOneRowOfEach(in: database)
        return VerificationReport(verification, position: nil, problem: isSame ? nil : .viewsDiffer)
    }

    private init(_ verification: LogVerification, position: UInt64?, problem: Problem?) {
        self.init(
            events: verification.events, signatures: verification.signatures, head: verification.head,
            position: position, problem: problem)
    }
}
