public import CardData
import Foundation

/// A file that is to be taken in, however its bytes lie: each reading begins anew.
public protocol IntakeSource: Sendable {
    /// Begins a reading.
    ///
    /// - Parameter name: the file as faults name it.
    /// - Throws: `file.unreadable`, `file.is-folder`.
    func reading(named name: String) throws(Faults) -> any IntakeReading
}

/// One reading of a file that is to be taken in, from its beginning to its end.
public protocol IntakeReading: AnyObject {
    /// The file's length in bytes.
    var length: UInt64 { get }

    /// The next bytes; none at the end.
    func next() throws -> [UInt8]
}

/// A file that lies in a folder as it was made.
public struct FolderFile: IntakeSource {
    private let path: String

    /// The file at a path.
    public init(_ path: String) { self.path = path }

    /// Begins a reading; throws `file.unreadable` and `file.is-folder`.
    public func reading(named name: String) throws(Faults) -> any IntakeReading {
        guard let handle = FileHandle(forReadingAtPath: path), let length = try? handle.seekToEnd(),
            (try? handle.seek(toOffset: 0)) != nil
        else { throw Faults("file.unreadable", ["file": name, "reason": FileReason.ofReading(path)]) }
        var isFolder: ObjCBool = false
        guard !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue else {
            throw Faults("file.is-folder", ["file": name])
        }
        return Reading(handle, length: length)
    }

    private final class Reading: IntakeReading {
        private static let pieceLength = 1 << 16

        let length: UInt64
        private let handle: FileHandle

        init(_ handle: FileHandle, length: UInt64) {
            self.handle = handle
            self.length = length
        }

        func next() throws -> [UInt8] { Array(try handle.read(upToCount: Self.pieceLength) ?? Data()) }
    }
}
