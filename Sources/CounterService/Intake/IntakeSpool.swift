import ByteText
import CardCryptography
import CardData
import Foundation
import Glibc
import Issuing
import Personalization
import Synchronization

/// Files that came to be taken in, while they are: `DATA/intake`, for its owner alone.
///
/// Each is sealed under a key that is drawn for it and stands nowhere but in memory, so whoever finds the disk reads nobody in them. What
/// an earlier process left, which nobody can open any more, is removed at the start.
final class IntakeSpool: Sendable {
    private let folder: String

    /// The spool of a data folder, made when it is not there.
    ///
    /// - Throws: `intake.spool` when it cannot be made empty.
    init(dataFolder: String) throws(Faults) {
        folder = dataFolder + "/intake"
        do {
            try? FileManager.default.removeItem(atPath: folder)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("intake.spool", ["folder": folder])
        }
    }

    /// A new file.
    func makeFile() throws -> File { try File("\(folder)/\(SecureRandom.bytes(16).hexadecimal)") }

    /// One file: written once from end to end, then read as often as it is asked for.
    ///
    /// All calls block on the disk.
    final class File: IntakeSource {
        /// So many bytes are sealed together.
        fileprivate static let pieceLength = 1 << 16

        private struct Writing {
            let descriptor: CInt
            var pending: [UInt8] = []
        }

        private struct State {
            var writing: Writing?
            var pieces = 0
            var length: UInt64 = 0
        }

        /// Where it lies.
        let path: String
        private let key: SealingKey
        private let state: Mutex<State>

        fileprivate init(_ path: String) throws {
            self.path = path
            key = SealingKey(SecretBytes(copying: try SecureRandom.bytes(32)))
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Faults("intake.spool", ["folder": path]) }
            state = Mutex(State(writing: Writing(descriptor: descriptor)))
        }

        deinit { stopWriting() }

        /// Adds bytes.
        func append(_ bytes: [UInt8]) throws {
            try state.withLock { state in
                guard state.writing != nil else { throw Faults("intake.spool", ["folder": path]) }
                state.writing?.pending += bytes
                state.length += UInt64(bytes.count)
                while let pending = state.writing?.pending, pending.count >= Self.pieceLength {
                    try keep(Array(pending.prefix(Self.pieceLength)), &state)
                    state.writing?.pending.removeFirst(Self.pieceLength)
                }
            }
        }

        /// Ends the writing: the file can be read now.
        func end() throws {
            try state.withLock { state in
                if let rest = state.writing?.pending, !rest.isEmpty { try keep(rest, &state) }
            }
            stopWriting()
        }

        /// Removes a file that was taken in, or will not be.
        func remove() {
            stopWriting()
            unlink(path)
        }

        /// Begins a reading; throws `file.unreadable` while the file is written, or when it was removed.
        func reading(named name: String) throws(Faults) -> any IntakeReading {
            let (isWritten, pieces, length) = state.withLock { ($0.writing == nil, $0.pieces, $0.length) }
            guard isWritten, let handle = FileHandle(forReadingAtPath: path) else {
                let reason = isWritten ? FileReason.ofReading(path) : String(cString: strerror(EBUSY))
                throw Faults("file.unreadable", ["file": name, "reason": reason])
            }
            return Reading(handle, key, pieces: pieces, length: length)
        }

        /// All of a small file; throws `data-file.too-large` for more than a data file may have.
        func bytes(named name: String) throws -> [UInt8] {
            let reading = try reading(named: name)
            guard reading.length <= UInt64(DataFile.sizeLimit) else {
                throw Faults("data-file.too-large", ["path": name, "limit": String(DataFile.sizeLimit)])
            }
            var bytes: [UInt8] = []
            while case let piece = try reading.next(), !piece.isEmpty { bytes += piece }
            return bytes
        }

        private func keep(_ piece: [UInt8], _ state: inout State) throws {
            let sealed = try key.seal(SecretBytes(copying: piece), for: Self.purpose(state.pieces))
            var rest = sealed[...]
            while let descriptor = state.writing?.descriptor, !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { throw Faults("intake.spool", ["folder": path]) }
                rest = rest.dropFirst(count)
            }
            state.pieces += 1
        }

        private func stopWriting() {
            state.withLock { state in
                if let writing = state.writing { close(writing.descriptor) }
                state.writing = nil
            }
        }

        /// Pieces are told apart, so that none stands for another.
        fileprivate static func purpose(_ piece: Int) -> String { "intake piece \(piece)" }
    }

    /// One reading of a file.
    private final class Reading: IntakeReading {
        let length: UInt64
        private let handle: FileHandle
        private let key: SealingKey
        private let pieces: Int
        private var position = 0

        init(_ handle: FileHandle, _ key: SealingKey, pieces: Int, length: UInt64) {
            self.handle = handle
            self.key = key
            self.pieces = pieces
            self.length = length
        }

        func next() throws -> [UInt8] {
            guard position < pieces else { return [] }
            let sealed = try handle.read(upToCount: File.pieceLength + SealedBox.overhead) ?? Data()
            let piece = try key.unseal(Array(sealed), for: File.purpose(position))
            position += 1
            return piece.withSpan { span in span.indices.map { span[$0] } }
        }
    }
}
