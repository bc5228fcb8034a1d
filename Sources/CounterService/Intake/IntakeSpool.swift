import ByteText
import CardCryptography
import CardData
import Foundation
import Glibc

/// Files that came to be taken in, while they are: `DATA/intake`, for its owner alone.
///
/// What an earlier process left is removed at the start.
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

    /// A file that is being written.
    struct File: Sendable {
        /// Where it lies.
        let path: String
        private let descriptor: CInt

        fileprivate init(_ path: String) throws(Faults) {
            self.path = path
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Faults("intake.spool", ["folder": path]) }
        }

        /// Adds bytes; blocks.
        func append(_ bytes: [UInt8]) throws(Faults) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { throw Faults("intake.spool", ["folder": path]) }
                rest = rest.dropFirst(count)
            }
        }

        /// Ends the writing.
        func end() { close(descriptor) }
    }

    /// A new file.
    func makeFile() throws -> File { try File("\(folder)/\(SecureRandom.bytes(16).hexadecimal)") }

    /// Removes a file that was taken in, or will not be.
    static func remove(_ path: String) { unlink(path) }
}
