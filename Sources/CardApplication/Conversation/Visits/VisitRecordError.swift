public import CardData
import Glibc

/// Why what is remembered of a card cannot be used; without it nothing that costs a try is presented.
public enum VisitRecordError: FaultReporting, Hashable, Sendable {
    /// File or folder cannot be read or written: its path and the system's error number.
    case cannotUse(String, Int32)
    /// The file's content makes no sense.
    case damaged(String)

    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .cannotUse(let path, let code):
            [Fault("visits.cannot-use", ["path": path, "reason": String(cString: strerror(code))])]
        case .damaged(let path): [Fault("visits.damaged", ["path": path])]
        }
    }
}
