import GRDB
import Lifecycle

extension Registry {
    /// The places in the log of the events of restorations, the oldest first; empty for a log that was never restored.
    ///
    /// Before each of them stands what its backup held. From its place on, other events may have stood there once, which are lost here.
    public func restorations() throws(RegistryError) -> [UInt64] {
        try reading { database in
            // The number stands in the text, so that the index of these events is used.
            try Int64.fetchAll(
                database,
                sql: "SELECT sequence FROM log WHERE kind = \(ActKind.registryRestored.rawValue) ORDER BY sequence"
            ).map { UInt64(bitPattern: $0) }
        }
    }
}
