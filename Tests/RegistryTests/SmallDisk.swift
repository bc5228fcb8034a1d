import Foundation
import Glibc

/// A file system in memory of so many bytes, on a folder of its own; mounted within the readers' namespace alone, and gone with it.
final class SmallDisk {
    /// Whether this is a namespace of its own, in which one may mount.
    static let isPossible = ProcessInfo.processInfo.environment["SSCARD_TEST_READERS"] != nil && geteuid() == 0

    let path = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)").path
    private var ballast: String { path + "/ballast" }

    init(bytes: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
        }
    }

    deinit {
        umount2(path, CInt(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Leaves no room at all.
    func fill() throws {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        let piece = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, piece, piece.count) > 0 {}
    }

    /// Gives the room back.
    func empty() throws { try FileManager.default.removeItem(atPath: ballast) }
}
