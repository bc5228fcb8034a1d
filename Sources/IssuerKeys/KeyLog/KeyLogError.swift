public import CardData

/// Why the key log takes no entry; no key was used.
public enum KeyLogError: Error, Hashable, Sendable {
    /// There is no log in the folder, and none may be started by itself.
    case notStarted(String)
    /// There is a log already.
    case startedAlready(String)
    /// The file that was there is gone, or another stands in its place.
    case removed(String)
    /// The file got shorter.
    case truncated(String)
    /// What stands in the log does not follow from what was there before.
    case altered(String, line: UInt64)
    /// The checkpoint key is missing, open to others, or not the log's.
    case keyUnfit(String)
    /// The checkpoint key lies open on the disk, and none such is taken.
    case keyOpen(String)
    /// The checkpoint key does not open: another passphrase, or an altered file.
    case keyNotOpened(String)
    /// The system refused to write, make or read it.
    case cannotWrite(String, reason: String)
    /// An earlier failure; the program has to be started again.
    case closed
    /// The operator has reached the day's limit.
    case quota(operator: String, what: String, limit: Int)
    /// The approval was used before.
    case approval(ApprovalError)
    /// The cryptographic library failed.
    case cryptography(String)
}

extension KeyLogError: FaultReporting {
    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .notStarted(let path): [Fault("key-log.not-started", ["path": path])]
        case .startedAlready(let path): [Fault("key-log.started-already", ["path": path])]
        case .removed(let path): [Fault("key-log.removed", ["path": path])]
        case .truncated(let path): [Fault("key-log.truncated", ["path": path])]
        case .altered(let path, let line): [Fault("key-log.altered", ["path": path, "line": String(line)])]
        case .keyUnfit(let path): [Fault("key-log.key-unfit", ["path": path])]
        case .keyOpen(let path): [Fault("key-log.key-open", ["path": path])]
        case .keyNotOpened(let path): [Fault("key-log.key-not-opened", ["path": path])]
        case .cannotWrite(let path, let reason): [Fault("key-log.cannot-write", ["path": path, "reason": reason])]
        case .closed: [Fault("key-log.closed")]
        case .quota(let user, let what, let limit):
            [Fault("key-log.quota", ["operator": user, "what": what, "limit": String(limit)])]
        case .approval(let error): error.faults
        case .cryptography(let reason): [Fault("key-log.cryptography", ["reason": reason])]
        }
    }
}
