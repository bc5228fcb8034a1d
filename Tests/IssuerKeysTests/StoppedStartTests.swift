import CardCryptography
import Foundation
import Testing

@testable import IssuerKeys

/// A new key log whose program was stopped before the log was whole: no key was used then, and the next program makes it good.
@Suite struct StoppedStartTests {
    /// Where the first program stopped.
    enum Cut: CaseIterable {
        /// Its key is on the disk, and no log.
        case behindKey
        /// The log is there, and nothing stands in it.
        case emptyLog
        /// In the midst of the first line.
        case inStart
        /// Behind the first line.
        case behindStart
        /// In the midst of the first checkpoint.
        case inCheckpoint
        /// Everything is written, and the key has not taken its place.
        case beforePromotion

        /// Whether a log was begun by then.
        var hasStart: Bool { [.behindStart, .inCheckpoint, .beforePromotion].contains(self) }
    }

    private static let now: @Sendable () -> UInt64 = { 1_790_000_000_000 }

    private func open(_ folder: String, startingIfEmpty: Bool = true) throws -> KeyLog {
        try KeyLog.open(in: folder, startingIfEmpty: startingIfEmpty, lock: .development, clock: Self.now)
    }

    private func use(_ log: KeyLog) throws {
        _ = try log.use(log.session(of: KeyOperator("1001", role: "teller")), quota: "check", limit: nil, [])
        try log.close()
    }

    /// A log of its first two lines, put back to where the program stopped; `inPlace` leaves the key where a whole start puts it last.
    private func stopped(_ cut: Cut, in folder: String, inPlace: Bool = false) throws {
        try KeyLog.start(in: folder, lock: .development, clock: Self.now).close()
        let file = folder + "/" + KeyLog.fileName
        let text = try Data(contentsOf: URL(filePath: file))
        let start = try #require(text.firstIndex(of: UInt8(ascii: "\n"))) + 1
        #expect(text.count { $0 == UInt8(ascii: "\n") } == 2)
        switch cut {
        case .behindKey: try FileManager.default.removeItem(atPath: file)
        case .emptyLog: truncate(file, 0)
        case .inStart: truncate(file, off_t(start / 2))
        case .behindStart: truncate(file, off_t(start))
        case .inCheckpoint: truncate(file, off_t((start + text.count) / 2))
        case .beforePromotion: break
        }
        guard !inPlace else { return }
        try FileManager.default.removeItem(atPath: folder + "/" + CheckpointKey.publicFileName)
        try FileManager.default.moveItem(
            atPath: folder + "/" + CheckpointKey.fileName, toPath: folder + "/" + CheckpointKey.nextFileName)
    }

    private func expectWhole(_ folder: String) throws {
        let pem = try Data(contentsOf: URL(filePath: folder + "/" + CheckpointKey.publicFileName))
        let report = try KeyLogVerification(
            folder + "/" + KeyLog.fileName, key: SM2.VerificationKey(pem: Array(pem)))
        #expect(report.faults.isEmpty && report.counts[.start] == 1 && report.counts[.use] == 1)
        #expect(!FileManager.default.fileExists(atPath: folder + "/" + CheckpointKey.nextFileName))
        #expect(FileManager.default.fileExists(atPath: folder + "/" + CheckpointKey.fileName))
    }

    @Test(arguments: Cut.allCases) func `the next program makes it good`(cut: Cut) throws {
        try Surroundings.withFolder { folder in
            let folder = folder + "/log"
            try stopped(cut, in: folder)
            if !cut.hasStart {
                // production starts logs by a command of its own
                #expect(throws: KeyLogError.notStarted(folder)) { try open(folder, startingIfEmpty: false) }
            }
            try use(open(folder, startingIfEmpty: !cut.hasStart))
            try expectWhole(folder)
            try open(folder, startingIfEmpty: false).close()
        }
    }

    @Test(arguments: [Cut.behindKey, .emptyLog, .inStart]) func `a start may be repeated until there is a line`(
        cut: Cut
    ) throws {
        try Surroundings.withFolder { folder in
            let folder = folder + "/log"
            try stopped(cut, in: folder)
            try use(KeyLog.start(in: folder, lock: .development, clock: Self.now))
            try expectWhole(folder)
            #expect(throws: KeyLogError.startedAlready(folder)) {
                try KeyLog.start(in: folder, lock: .development, clock: Self.now)
            }
        }
    }

    /// A key in its place has signed: a log without a signature was cut by somebody.
    @Test(arguments: [Cut.emptyLog, .inStart, .behindKey, .behindStart, .inCheckpoint])
    func `a log that was signed and emptied is told`(
        cut: Cut
    ) throws {
        try Surroundings.withFolder { folder in
            let folder = folder + "/log"
            try stopped(cut, in: folder, inPlace: true)
            let file = folder + "/" + KeyLog.fileName
            let told = cut == .behindKey ? KeyLogError.removed(file) : .altered(file, line: cut.hasStart ? 2 : 1)
            #expect(throws: told) { try open(folder) }
        }
    }

    /// Behind a start nothing stands but its checkpoint.
    @Test func `a start with uses and no checkpoint is told as altered`() throws {
        try Surroundings.withFolder { folder in
            let folder = folder + "/log"
            let log = try open(folder)
            _ = try log.use(log.session(of: KeyOperator("1001", role: "teller")), quota: "check", limit: nil, [])
            let file = folder + "/" + KeyLog.fileName
            var lines = try Data(contentsOf: URL(filePath: file)).split(separator: UInt8(ascii: "\n"))
            lines.remove(at: 1)
            try Data(lines.joined(separator: [UInt8(ascii: "\n")]) + [UInt8(ascii: "\n")]).write(
                to: URL(filePath: file))
            #expect(throws: KeyLogError.self) { try open(folder) }
        }
    }
}
