import Foundation
import Testing

@testable import IssuerKeys

/// A rollover whose program was stopped right behind the entry: no checkpoint follows, and the old key stands in its place.
enum StoppedRollover {
    /// Rolls the key of a log over, and puts the folder back to where the program stopped.
    ///
    /// - Parameter torn: what stands of the line that it was about to write.
    static func make(of log: KeyLog, sealedBy lock: CheckpointLock? = nil, torn: String = "") throws {
        let file = log.folder + "/" + KeyLog.fileName
        let key = log.folder + "/" + CheckpointKey.fileName
        let published = log.folder + "/" + CheckpointKey.publicFileName
        let oldKey = try Data(contentsOf: URL(filePath: key))
        let oldPublished = try Data(contentsOf: URL(filePath: published))
        try log.rollOver(sealedBy: lock)
        let text = try Array(Data(contentsOf: URL(filePath: file)))
        let lines = text.split(separator: UInt8(ascii: "\n"))
        let rollover = lines.last { line in KeyLogLineParts(line)?.entry.kind == .rollover }
        let end = try #require(rollover?.endIndex)
        // in place: for programs at work it stays the same file
        truncate(file, off_t(end + 1))
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(torn.utf8))
        try handle.close()
        try FileManager.default.moveItem(atPath: key, toPath: log.folder + "/" + CheckpointKey.nextFileName)
        try oldKey.write(to: URL(filePath: key))
        chmod(key, 0o600)
        try oldPublished.write(to: URL(filePath: published))
    }
}
