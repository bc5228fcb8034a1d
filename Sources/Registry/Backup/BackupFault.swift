public import CardData
import Lifecycle

/// Why a backup was not made, is not taken for one, or was not restored; nothing was changed.
public enum BackupFault: Hashable, Sendable {
    /// The place of a new backup holds something already.
    case placeTaken(String)
    /// A file of the backup cannot be read or written.
    case file(String, reason: String)
    /// The folder has no manifest, and so is no backup's.
    case noneHere(String)
    /// There is no manifest of a form that is known, or one of its lines is not right.
    case manifest(line: String)
    /// The manifest is not signed by the counter's key that it names.
    case signature
    /// This file is not the one that the manifest was signed for.
    case altered(file: String)
    /// The database in it does not hold what the manifest says, or is damaged.
    case contents(VerificationReport.Problem?)
    /// The passphrase is not the one the keys were sealed under, or they are another counter's.
    case keysStayShut
    /// The data folder to restore into is not empty.
    case folderNotEmpty(String)
    /// Events after the backup's last one are known.
    case older(newest: UInt64, known: UInt64)
    /// The event known at this place is not the one the backup holds there.
    case anotherLog(sequence: UInt64)
    /// The number from which on cards are to be numbered is in no range of the counter, or too far behind its first free one.
    case numbersFrom(CardNumber)
    /// The number from which on cards are to be numbered stands before the first free one: the backup knows it as taken.
    case numbersFromTaken(CardNumber, free: CardNumber)
}

extension BackupFault {
    /// The fault in the catalogue's terms.
    var fault: Fault {
        switch self {
        case .placeTaken(let path): Fault("backup.place-taken", ["path": path])
        case .file(let path, let reason): Fault("backup.file", ["path": path, "reason": reason])
        case .noneHere(let path): Fault("backup.none-here", ["path": path])
        case .manifest(let line): Fault("backup.manifest", ["line": line])
        case .signature: Fault("backup.signature")
        case .altered(let file): Fault("backup.altered", ["file": file])
        case .contents(let problem): Fault("backup.contents", ["problem": problem.map { "\($0)" } ?? "–"])
        case .keysStayShut: Fault("backup.keys-stay-shut")
        case .folderNotEmpty(let path): Fault("backup.folder-not-empty", ["path": path])
        case .older(let newest, let known):
            Fault("backup.older", ["newest": String(newest), "known": String(known)])
        case .anotherLog(let sequence): Fault("backup.another-log", ["sequence": String(sequence)])
        case .numbersFrom(let number):
            Fault("backup.numbers-from", ["number": number.text, "most": String(Restoration.mostWithheld)])
        case .numbersFromTaken(let number, let free):
            Fault("backup.numbers-from-taken", ["number": number.text, "free": free.text])
        }
    }
}
