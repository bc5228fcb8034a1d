import ByteText
public import CardCryptography
public import CardData
public import Lifecycle

/// Why the registry did not do what was asked; unless said otherwise nothing was changed.
public enum RegistryError: Error, Hashable, Sendable {
    /// The rules do not allow the act.
    case refused(LifecycleRefusal)
    /// No card has this identification code.
    case cardUnknown(CardReference)
    /// There is a newer event about the card than whoever acted had seen.
    case cardChanged(CardReference)
    /// The person is not registered.
    case personUnknown
    /// Something else is on record of the person than whoever registered them had seen.
    case personChanged
    /// No application has this name.
    case applicationUnknown(EventIdentifier)
    /// There is a newer step of the application than whoever acted had seen.
    case applicationChanged(EventIdentifier)
    /// The batch has no application that waits, or other ones than whoever acted had seen.
    case batchChanged(String)
    /// The rules refuse one application of a batch, and so nothing was done with any.
    case batchRefused(EventIdentifier, LifecycleRefusal)
    /// No open lease has this name.
    case leaseUnknown(EventIdentifier)
    /// An open lease has some of the numbers already.
    case leaseOverlaps(EventIdentifier)
    /// The counter works under leases, and none lets this card be made.
    case leaseRefused([LeaseRefusal])
    /// The event to be corrected is not this card's, of another kind, or corrected already.
    case eventUnknown(EventIdentifier)
    /// A stock book is kept, and this blank is not in it.
    case blankNotInStock([UInt8])
    /// The number belongs to another card, or is locked.
    case numberTaken(CardNumber)
    /// The pool has no free number left.
    case numbersExhausted
    /// Another process has the registry open.
    case inUse(directory: String, process: String)
    /// The directory cannot be made or read.
    case directory(String, reason: String)
    /// The directory is no registry's, and these files in it are of somebody else.
    case foreignFiles(String, names: [String])
    /// A key file is missing beside an existing log; a new one would make the log unreadable.
    case keyMissing(String)
    /// A key file may be read by others than its owner, or does not hold a key.
    case keyFileUnfit(String)
    /// The registry belongs to another counter.
    case anotherCounter(found: UInt64, expected: UInt64)
    /// A folder or database of practice, where real cards are wanted.
    case trainingFolder(String)
    /// A folder or database of something else, where practice is wanted.
    case notTrainingFolder(String)
    /// The file was written by a newer program.
    case newerSchema(Int)
    /// A backup was not made, is none, or was not restored.
    case backup(BackupFault)
    /// The log cannot be read at this place.
    case damaged(sequence: UInt64)
    /// SQLite failed: its extended result code and message, which carry no data.
    case store(code: Int, String)
    /// A cryptographic operation failed.
    case cryptography(CryptographyError)
    /// Something that the program itself wrote does not read back.
    case inconsistent(String)
}

extension RegistryError: FaultReporting {
    /// The reasons of a refusal, or the one fault.
    public var faults: [Fault] {
        switch self {
        case .refused(let refusal): refusal.faults
        case .cardUnknown(let card): [Fault("registry.card-unknown", ["card": card.text])]
        case .cardChanged(let card): [Fault("registry.card-changed", ["card": card.text])]
        case .personUnknown: [Fault("registry.person-unknown")]
        case .personChanged: [Fault("registry.person-changed")]
        case .applicationUnknown(let identifier):
            [Fault("registry.application-unknown", ["application": identifier.description])]
        case .applicationChanged(let identifier):
            [Fault("registry.application-changed", ["application": identifier.description])]
        case .batchChanged(let number): [Fault("registry.batch-changed", ["batch": number])]
        case .batchRefused(let identifier, let refusal):
            [Fault("registry.batch-refused", ["application": identifier.description])] + refusal.faults
        case .leaseUnknown(let identifier): [Fault("registry.lease-unknown", ["lease": identifier.description])]
        case .leaseOverlaps(let identifier): [Fault("registry.lease-overlaps", ["lease": identifier.description])]
        case .leaseRefused(let refusals): refusals.flatMap(\.faults)
        case .eventUnknown(let identifier): [Fault("registry.event-unknown", ["event": identifier.description])]
        case .blankNotInStock(let serial):
            [Fault("registry.blank-not-in-stock", ["serial": serial.hexadecimal])]
        case .numberTaken(let number): [Fault("registry.number-taken", ["number": number.text])]
        case .numbersExhausted: [Fault("registry.numbers-exhausted")]
        case .inUse(let directory, let process):
            [Fault("registry.in-use", ["directory": directory, "process": process])]
        case .directory(let path, let reason):
            [Fault("registry.directory", ["directory": path, "reason": reason])]
        case .foreignFiles(let path, let names):
            [Fault("registry.foreign-files", ["directory": path, "files": Self.told(names)])]
        case .keyMissing(let path): [Fault("registry.key-missing", ["path": path])]
        case .keyFileUnfit(let path): [Fault("registry.key-file-unfit", ["path": path])]
        case .anotherCounter(let found, let expected):
            [Fault("registry.another-counter", ["found": String(found), "expected": String(expected)])]
        case .trainingFolder(let path): [Fault("registry.training-folder", ["directory": path])]
        case .notTrainingFolder(let path): [Fault("registry.not-training-folder", ["directory": path])]
        case .newerSchema(let version): [Fault("registry.newer-schema", ["version": String(version)])]
        case .backup(let fault): [fault.fault]
        case .damaged(let sequence): [Fault("registry.damaged", ["sequence": String(sequence)])]
        case .store(let code, let message):
            [Fault(Self.storeFault(code), ["code": String(code), "reason": message])]
        case .cryptography(let error): [Fault("registry.cryptography", ["reason": "\(error)"])]
        case .inconsistent(let what): [Fault("registry.inconsistent", ["what": what])]
        }
    }

    /// What SQLite's code is to people: a file that is damaged or no database, a full disk, or something else.
    ///
    /// The low byte is the kind, what stands above it tells more.
    private static func storeFault(_ code: Int) -> FaultCode {
        switch (code & 0xFF, code >> 8) {
        case (11, _), (26, _): "registry.store-damaged"
        // A shared memory file that cannot grow (SQLITE_IOERR_SHMSIZE) is a full disk, too.
        case (13, _), (10, 19): "registry.store-full"
        default: "registry.store"
        }
    }

    /// The first names, and how many there are besides; a name may hold anything but is shown on one line.
    private static func told(_ names: [String]) -> String {
        let shown = names.prefix(5).map { name in name.isPlainLine ? name : name.plain().replacing("\n", with: "?") }
        return (shown + (names.count > 5 ? ["… +\(names.count - 5)"] : [])).joined(separator: ", ")
    }
}
