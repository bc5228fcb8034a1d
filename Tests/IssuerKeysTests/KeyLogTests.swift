import ByteText
import CardCryptography
import CardData
import Foundation
import Synchronization
import Testing

@testable import IssuerKeys

/// The key log: chained, signed, shared, and closed to all use once it cannot be written.
@Suite struct KeyLogTests {
    /// A clock that stands until it is moved.
    final class Clock: Sendable {
        private let time = Mutex<UInt64>(1_790_000_000_000)
        var now: UInt64 { time.withLock { $0 } }
        func move(by milliseconds: UInt64) { time.withLock { $0 += milliseconds } }
        func moveBack(by milliseconds: UInt64) { time.withLock { $0 -= milliseconds } }
    }

    /// How many there were, for several threads.
    final class Count: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .sequentiallyConsistent) }
        func add() -> Int { count.add(1, ordering: .sequentiallyConsistent).newValue }
    }

    let clock = Clock()
    let user: KeyOperator

    init() throws { user = try KeyOperator("1001", role: "teller") }

    func open(_ folder: String) throws -> KeyLog {
        let clock = clock
        return try KeyLog.open(in: folder + "/log", startingIfEmpty: true, lock: .development) { clock.now }
    }

    func file(_ folder: String) -> String { folder + "/log/" + KeyLog.fileName }

    func text(_ folder: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: file(folder)))) }

    func write(_ bytes: [UInt8], _ folder: String) throws {
        try Data(bytes).write(to: URL(filePath: file(folder)))
    }

    func startKey(_ folder: String) throws -> SM2.VerificationKey {
        let pem = try Data(contentsOf: URL(filePath: folder + "/log/" + CheckpointKey.publicFileName))
        return try SM2.VerificationKey(pem: Array(pem))
    }

    func verify(_ folder: String, known: KeyLogVerification.KnownHead? = nil) throws -> KeyLogVerification {
        try KeyLogVerification(file(folder), key: startKey(folder), known: known)
    }

    func faults(_ folder: String) throws -> [String] { try verify(folder).faults.map(\.code.rawValue) }

    @discardableResult func use(
        _ log: KeyLog, _ session: KeyLogSession, quota: String = "external-authentication", limit: Int? = nil
    ) throws -> UInt64 {
        try log.use(
            session, quota: quota, limit: limit,
            [KeyLogEntry.Field("op", quota), KeyLogEntry.Field("key", "UKSSSE"), KeyLogEntry.Field("note", "a\tb%c\n")])
    }

    /// A log with a few uses, ended.
    func filled(_ folder: String, uses: Int = 3) throws {
        let log = try open(folder)
        let session = try log.session(of: user, ticket: WorkTicket("T-1"))
        for _ in 0..<uses { try use(log, session) }
        try log.close()
    }

    // MARK: - What stands

    @Test func `an ended log verifies with the public key alone, and tells what was done`() throws {
        try Surroundings.withFolder { folder in
            try filled(folder)
            var seen: [KeyLogEntry] = []
            let report = try KeyLogVerification(file(folder), key: startKey(folder)) { seen.append($0) }
            #expect(report.faults.isEmpty && report.unsigned == 0 && report.openSessions.isEmpty)
            #expect(seen.map(\.kind) == [.start, .checkpoint, .reserve, .use, .use, .use, .end, .checkpoint])
            #expect(seen[3]["operator"] == "1001" && seen[3]["ticket"] == "T-1" && seen[3]["note"] == "a\tb%c\n")
            #expect(seen[6]["used"] == "3" && report.head?.sequence == 8)
        }
    }

    /// The chain as the documentation of `KeyLogLine` has it, worked out here from the text of the file.
    @Test func `each line's hash follows from the line before it`() throws {
        try Surroundings.withFolder { folder in
            try filled(folder)
            var previous = [UInt8](repeating: 0, count: 32)
            for line in try text(folder).split(separator: UInt8(ascii: "\n")) {
                let tab = try #require(line.lastIndex(of: UInt8(ascii: "\t")))
                previous = try HashFunction.sm3.hash(previous + line[...tab])
                #expect(previous.hexadecimal == String(decoding: line[(tab + 1)...], as: UTF8.self))
            }
        }
    }

    @Test func `every byte is covered`() throws {
        try Surroundings.withFolder { folder in
            try filled(folder)
            let right = try text(folder)
            for index in stride(from: 0, to: right.count, by: 17) {
                var changed = right
                changed[index] ^= 0x01
                try write(changed, folder)
                #expect(try !faults(folder).isEmpty, "byte \(index)")
            }
            try write(right, folder)
            #expect(try faults(folder).isEmpty)
        }
    }

    @Test func `lines that were taken out, changed places or cut off are found`() throws {
        try Surroundings.withFolder { folder in
            try filled(folder)
            let known = try verify(folder).head
            let lines = try text(folder).split(separator: UInt8(ascii: "\n"))
            func write(_ lines: [ArraySlice<UInt8>]) throws { try self.write(lines.flatMap { $0 + [0x0A] }, folder) }
            for index in lines.indices.dropLast() {
                var fewer = lines
                fewer.remove(at: index)
                try write(fewer)
                #expect(try !faults(folder).isEmpty, "without line \(index + 1)")
            }
            var swapped = lines
            swapped.swapAt(3, 4)
            try write(swapped)
            #expect(try faults(folder) == ["key-log.sequence"])
            // put back to a checkpoint: consistent in itself, but not with what an auditor has noted
            try write(Array(lines.prefix(2)))
            #expect(try faults(folder).isEmpty)
            #expect(try verify(folder, known: known).faults.map(\.code.rawValue) == ["key-log.rolled-back"])
            try write(Array(lines.dropLast()))
            #expect(try faults(folder) == ["key-log.unsigned-end"])
            try write([])
            #expect(try faults(folder) == ["key-log.empty"])
        }
    }

    @Test func `a log that somebody else has begun is not the one`() throws {
        try Surroundings.withFolder { folder in
            try filled(folder)
            let key = try startKey(folder)
            let other = folder + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            try filled(other)
            let report = try KeyLogVerification(file(other), key: key)
            #expect(report.faults.map(\.code.rawValue) == ["key-log.other-key"])
        }
    }

    @Test func `a use that nobody reserved is found`() throws {
        try Surroundings.withFolder { folder in
            let log = try open(folder)
            let session = try log.session(of: user)
            try log.note(.use, session, [KeyLogEntry.Field("op", "x")])
            try log.close()
            #expect(try faults(folder) == ["key-log.not-reserved"])
        }
    }

    // MARK: - Failing closed

    /// Four programs' worth of threads use keys; the log is taken away from under them.
    @Test func `removed under load, no use is allowed any more`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = try open(folder)
        let (file, user) = (file(folder), user)
        let taken = folder + "/taken"
        let allowed = Count()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    guard let session = try? log.session(of: user) else { return }
                    // stops by the refusal alone; whoever makes the two-hundredth use takes the log away
                    while (try? self.use(log, session)) != nil {
                        if allowed.add() == 200 { #expect(rename(file, taken) == 0) }
                    }
                }
            }
        }
        #expect(throws: KeyLogError.closed) { try self.use(log, log.session(of: user)) }
        #expect(log.isClosed)
        // every use that was allowed stands in the file that was taken away
        let report = try KeyLogVerification(taken, key: nil)
        #expect(report.counts[.use] == allowed.value)
        #expect(report.faults.map(\.code.rawValue) == ["key-log.unsigned-end"])
        // nor does the next program begin a new one
        #expect(throws: KeyLogError.removed(file)) { try open(folder) }
    }

    @Test func `replaced, shortened, altered or without its key, the log takes nothing`() throws {
        try Surroundings.withFolder { folder in
            try filled(folder)
            let right = try text(folder)
            func refuses(_ error: KeyLogError?, _ change: (KeyLog) throws -> Void) throws {
                try write(right, folder)
                let log = try open(folder)
                let session = try log.session(of: user)
                try change(log)
                let thrown = #expect(throws: KeyLogError.self) { try use(log, session) }
                if let error { #expect(thrown == error) }
                #expect(throws: KeyLogError.closed) { try use(log, session) }
            }
            try refuses(.removed(file(folder))) { _ in
                try FileManager.default.removeItem(atPath: file(folder))
                try write(right, folder)
            }
            try refuses(.truncated(file(folder))) { _ in truncate(file(folder), off_t(right.count - 1)) }
            try refuses(.altered(file(folder), line: 9)) { _ in
                let handle = try #require(FileHandle(forWritingAtPath: file(folder)))
                try handle.seekToEnd()
                try handle.write(contentsOf: Data("9\t1\tuse\tquota=x\tab\n".utf8))
                try handle.close()
            }
            try write(right, folder)
            let key = folder + "/log/" + CheckpointKey.fileName
            chmod(key, 0o644)
            #expect(throws: KeyLogError.keyUnfit(key)) { try open(folder) }
            try FileManager.default.removeItem(atPath: key)
            #expect(throws: KeyLogError.keyUnfit(key)) { try open(folder) }
        }
    }

    @Test func `production starts no log by itself, and nobody starts one twice`() throws {
        try Surroundings.withFolder { folder in
            let path = folder + "/log"
            #expect(throws: KeyLogError.notStarted(path)) {
                try KeyLog.open(in: path, startingIfEmpty: false, lock: .development) { 1 }
            }
            try KeyLog.start(in: path, lock: .development) { 1 }.close()
            #expect(throws: KeyLogError.startedAlready(path)) { try KeyLog.start(in: path, lock: .development) { 1 } }
            try KeyLog.open(in: path, startingIfEmpty: false, lock: .development) { 1 }.close()
        }
    }

    @Test(arguments: ["990106194912310021", "T 1", "", "工单", "12345-678901234567890"])
    func `no ticket holds a personal number`(text: String) {
        #expect(codes { _ = try WorkTicket(text) } == ["key-use.ticket"])
    }
}
