import CardCryptography
import Foundation
import GRDB
import Lifecycle

/// What is looked at before a registry answers: the end of its log.
///
/// After an end that was not a clean one every page is looked at besides, while it answers already (``PageCheck``).
enum StartCheck {
    /// So many events at the end of the log are checked: hash chain, and the signature of the last.
    static let eventCount: UInt64 = 200

    /// - Returns: where the log ends.
    /// - Throws: `damaged` at the first bad event.
    static func run(on database: Database, counter: UInt64, key: VerificationKey) throws -> LogHead {
        let head = try LogReader.head(of: database)
        let start = head.sequence > eventCount ? head.sequence - eventCount : 0
        let known = start == 0 ? LogHead() : try LogReader.head(of: database, at: start)
        var verification = LogVerification(counter: counter, key: key, after: known)
        if let (position, _) = try verification.run(on: database) { throw RegistryError.damaged(sequence: position) }
        return head
    }
}
