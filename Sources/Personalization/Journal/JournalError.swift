public import CardData
import Glibc

/// Why the journal of a card cannot be kept; without a journal no card is written.
public enum JournalError: FaultReporting, Hashable, Sendable {
    /// The file cannot be written or read: path and the system's error number.
    case cannotWrite(String, Int32)
    /// The file is there and cannot be looked at: path and the system's error number.
    case cannotRead(String, Int32)
    /// There is a journal for this card already.
    case alreadyBegun(CardIdentity)
    /// The file's content makes no sense.
    case damaged(String)
    /// The header does not open with this site's key.
    case sealedByAnother(String)
    /// The sealing key may be read by others than its owner, or is none.
    case keyUnfit(String)
    /// Sealing failed.
    case sealing

    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .cannotWrite(let path, let code):
            [Fault("journal.cannot-write", ["path": path, "reason": String(cString: strerror(code))])]
        case .cannotRead(let path, let code):
            [Fault("journal.cannot-read", ["path": path, "reason": String(cString: strerror(code))])]
        case .alreadyBegun(let card): [Fault("journal.already-begun", ["card": card.text])]
        case .damaged(let path):
            [
                Fault(
                    path.hasSuffix(MigrationContent.fileExtension) ? "journal.migration-damaged" : "journal.damaged",
                    ["path": path, "chip": Self.chip(ofFile: path)])
            ]
        case .sealedByAnother(let path): [Fault("journal.sealed-by-another", ["path": path])]
        case .keyUnfit(let path): [Fault("journal.key-unfit", ["path": path])]
        case .sealing: [Fault("journal.sealing")]
        }
    }

    /// The chip whose journal lies there, as its file is named.
    private static func chip(ofFile path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.split(separator: ".").first.map(String.init) ?? name
    }
}
