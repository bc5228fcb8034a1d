import CardCryptography
public import CardData
import Glibc

/// Keeps a virtual card's memory in a file, written beside it and renamed over it.
///
/// The end of this program leaves the old or the new content and never a part. What was not written durably can be lost, whole, to the
/// machine's end.
///
/// From version 2 on the memory is followed by its SHA-256, so that damage on the disk is noticed before it is believed.
final class StateFile {
    private static let checksumLength = 32
    private let path: String
    /// How slow the card is, where its file says so; stays when the card is written.
    var timing: CardTiming?

    init(path: String) { self.path = path }

    func read() throws(StateFileError) -> CardMemory {
        let bytes = try readBytes()
        let memory = try CardMemory(encoded: bytes, trailer: Self.checksumLength)
        if memory.writtenVersion > 1 { _ = try Self.checked(bytes) }
        return memory
    }

    /// The bytes before a checksum that is theirs; throws `checksum`.
    static func checked(_ bytes: [UInt8]) throws(StateFileError) -> [UInt8] {
        let content = Array(bytes.dropLast(checksumLength))
        guard bytes.count > checksumLength,
            (try? HashFunction.sha256.hash(content)) == Array(bytes.suffix(checksumLength))
        else { throw .checksum }
        return content
    }

    /// The card's own bytes.
    func readBytes() throws(StateFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw .cannotOpen(path, errno) }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
            guard bytes.count <= 1 << 20 else { throw .damaged(offset: bytes.count) }
        }
        timing = CardTiming(beginning: bytes)
        return timing == nil ? bytes : Array(bytes.dropFirst(CardTiming.encodedLength))
    }

    /// Whether anything bears the file's name, be it readable or not.
    var exists: Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Writes the memory, and gives back its bytes.
    ///
    /// - Parameter durably: waits until the disk has it; else the content survives the end of this program, not of the machine.
    @discardableResult
    func write(_ memory: CardMemory, durably: Bool) throws(StateFileError) -> [UInt8] {
        let content = memory.encoded
        try write(checked: content, durably: durably)
        return content
    }

    /// Writes content with its checksum.
    func write(checked content: [UInt8], durably: Bool) throws(StateFileError) {
        guard let checksum = try? HashFunction.sha256.hash(content) else { throw .cannotWrite(path, EIO) }
        try write(content + checksum, durably: durably)
    }

    func write(_ card: [UInt8], durably: Bool) throws(StateFileError) {
        let bytes = (timing?.encoded ?? []) + card
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(path, errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                unlink(temporary)
                throw .cannotWrite(path, code)
            }
            written += count
        }
        if durably && fsync(descriptor) != 0 {
            let code = errno
            close(descriptor)
            unlink(temporary)
            throw .cannotWrite(path, code)
        }
        guard close(descriptor) == 0 else {
            let code = errno
            unlink(temporary)
            throw .cannotWrite(path, code)
        }
        guard rename(temporary, path) == 0 else { throw .cannotWrite(path, errno) }
        if durably { syncFolder() }
    }

    private func syncFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

/// Why a virtual card's state file cannot be used.
public enum StateFileError: FaultReporting, Hashable, Sendable {
    /// The file cannot be opened or read: its path and the system's error number.
    case cannotOpen(String, Int32)
    /// The file cannot be written.
    case cannotWrite(String, Int32)
    /// The file does not begin as a state file does.
    case notAStateFile
    /// A newer program wrote it.
    case unknownVersion(Int)
    /// Its content makes no sense at this byte.
    case damaged(offset: Int)
    /// Its checksum is wrong.
    case checksum
    /// A state file is there already; a blank is never written over a card.
    case existsAlready(String)
    /// Another process has the card in a reader; the path of its file.
    case inUse(String)
    /// The serial number is not six bytes.
    case serialNumber

    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .cannotOpen(let path, let code):
            [Fault("virtual-card.cannot-open", ["path": path, "reason": String(cString: strerror(code))])]
        case .cannotWrite(let path, let code):
            [Fault("virtual-card.cannot-write", ["path": path, "reason": String(cString: strerror(code))])]
        case .notAStateFile: [Fault("virtual-card.not-a-state-file")]
        case .unknownVersion(let version): [Fault("virtual-card.unknown-version", ["version": String(version)])]
        case .damaged(let offset): [Fault("virtual-card.damaged", ["offset": String(offset)])]
        case .checksum: [Fault("virtual-card.checksum")]
        case .existsAlready(let path): [Fault("virtual-card.exists-already", ["path": path])]
        case .inUse(let path): [Fault("virtual-card.in-use", ["path": path])]
        case .serialNumber: [Fault("virtual-card.serial-number")]
        }
    }
}
