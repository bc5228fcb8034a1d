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
    private final class Clock: Sendable {
        private let time = Mutex<UInt64>(1_790_000_000_000)
        var now: UInt64 { time.withLock { $0 } }
        func move(by milliseconds: UInt64) { time.withLock { $0 += milliseconds } }
        func moveBack(by milliseconds: UInt64) { time.withLock { $0 -= milliseconds } }
    }

    /// How many there were, for several threads.
    private final class Count: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .sequentiallyConsistent) }
        func add() -> Int { count.add(1, ordering: .sequentiallyConsistent).newValue }
    }

    private let clock = Clock()
    private let user: KeyOperator

    init() throws { user = try KeyOperator("1001", role: "teller") }

    private func open(_ folder: String) throws -> KeyLog {
        let clock = clock
        return try KeyLog.open(in: folder + "/log", startingIfEmpty: true, lock: .development) { clock.now }
    }

    private func file(_ folder: String) -> String { folder + "/log/" + KeyLog.fileName }

    private func text(_ folder: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: file(folder)))) }

    private func write(_ bytes: [UInt8], _ folder: String) throws {
        try Data(bytes).write(to: URL(filePath: file(folder)))
    }

    private func startKey(_ folder: String) throws -> SM2.VerificationKey {
        let pem = try Data(contentsOf: URL(filePath: folder + "/log/" + CheckpointKey.publicFileName))
        return try SM2.VerificationKey(pem: Array(pem))
    }

    private func verify(_ folder: String, known: KeyLogVerification.KnownHead? = nil) throws -> KeyLogVerification {
        try KeyLogVerification(file(folder), key: startKey(folder), known: known)
    }

    private func faults(_ folder: String) throws -> [String] { try verify(folder).faults.map(\.code.rawValue) }

    @discardableResult private func use(
        _ log: KeyLog, _ session: KeyLogSession, quota: String = "external-authentication", limit: Int? = nil
    ) throws -> UInt64 {
        try log.use(
            session, quota: quota, limit: limit,
            [KeyLogEntry.Field("op", quota), KeyLogEntry.Field("key", "UKSSSE"), KeyLogEntry.Field("note", "a\tb%c\n")])
    }

    /// A log with a few uses, ended.
    private func filled(_ folder: String, uses: Int = 3) throws {
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

    // MARK: - Restart, and several programs

    @Test func `quotas outlive a restart and hold across programs`() throws {
        try Surroundings.withFolder { folder in
            let first = try open(folder)
            let session = try first.session(of: user)
            try use(first, session, limit: 3)
            let second = try open(folder)
            let other = try second.session(of: user)
            try use(second, other, limit: 3)
            try use(first, session, limit: 3)
            for (log, session) in [(first, session), (second, other)] {
                #expect(throws: KeyLogError.quota(operator: "1001", what: "external-authentication", limit: 3)) {
                    try use(log, session, limit: 3)
                }
            }
            // another operator and another quota are not touched by it
            try use(second, second.session(of: KeyOperator("1002", role: "teller")), limit: 3)
            try use(second, other, quota: "pin-reset", limit: 3)
            try second.close()
            try first.close()
            let third = try open(folder)
            #expect(try third.count(of: user, quota: "external-authentication") == 3)
            #expect(throws: KeyLogError.self) { try use(third, third.session(of: user), limit: 3) }
            clock.move(by: 24 * 3_600_000)
            try use(third, third.session(of: user), limit: 3)
            clock.moveBack(by: 24 * 3_600_000)
            #expect(try third.count(of: user, quota: "external-authentication") == 1, "a clock put back gives nothing")
            try third.close()
            #expect(try faults(folder).isEmpty)
        }
    }

    @Test func `a program that died leaves a tail that the next one takes up and signs`() throws {
        try Surroundings.withFolder { folder in
            do {
                let log = try open(folder)
                let session = try log.session(of: user)
                for _ in 0..<5 { try use(log, session) }
            }
            #expect(try faults(folder) == ["key-log.unsigned-end"])
            #expect(try verify(folder).openSessions.values.map { $0 } == [KeyLog.usesInReservation - 5])
            // it died in the middle of a line
            try write(text(folder) + Array("999\t17".utf8), folder)
            #expect(try faults(folder).contains("key-log.torn-end"))
            let next = try open(folder)
            #expect(try next.count(of: user, quota: "external-authentication") == 5)
            try next.close()
            let report = try verify(folder)
            #expect(report.faults.isEmpty && report.counts[.recovered] == 1)
        }
    }

    @Test func `many entries are signed on the way, and a later start reads from the last signature`() throws {
        try Surroundings.withFolder { folder in
            do {
                let log = try open(folder)
                let session = try log.session(of: user)
                for _ in 0..<KeyLog.entriesInCheckpoint + 400 { try use(log, session) }
            }
            #expect(try verify(folder).counts[.checkpoint] == 2)
            #expect(try verify(folder).counts[.reserve] == 6)
            let next = try open(folder)
            #expect(try next.count(of: user, quota: "external-authentication") == 1400)
            // whoever writes next signs what was left
            try use(next, next.session(of: user))
            try next.close()
            #expect(try faults(folder).isEmpty)
        }
    }

    @Test func `a used approval stays used`() throws {
        try Surroundings.withFolder { folder in
            let (li, wang) = try (SM2.SigningKey.generate(), SM2.SigningKey.generate())
            var officers = ApprovingOfficers()
            try officers.add("2001", key: li.verificationKey)
            try officers.add("2002", key: wang.verificationKey)
            let request = try ApprovalRequest(
                "pin-reset", [:], requester: "1001", issued: clock.now, expires: clock.now + 1000)
            let approved = try ApprovedRequest(
                request,
                [Approval(of: request, by: "2001", key: li), Approval(of: request, by: "2002", key: wang)],
                officers: officers, at: clock.now)
            for _ in 0..<2 {
                let log = try open(folder)
                let session = try log.session(of: user)
                if try !verify(folder).counts.keys.contains(.approval) { try log.spend(approved, session) }
                #expect(throws: KeyLogError.approval(.spent)) { try log.spend(approved, session) }
                try log.close()
            }
            #expect(try faults(folder).isEmpty)
        }
    }

    @Test func `the checkpoint key rolls over inside the chain`() throws {
        try Surroundings.withFolder { folder in
            let log = try open(folder)
            let first = try startKey(folder)
            let (other, session) = try (open(folder), log.session(of: user))
            try use(log, session)
            try log.rollOver()
            let second = try startKey(folder)
            #expect(first.point != second.point)
            // a program that was at work all the time takes the new key
            try use(other, other.session(of: user))
            try other.close()
            try log.close()
            #expect(try KeyLogVerification(file(folder), key: first).faults.isEmpty)
            #expect(try KeyLogVerification(file(folder), key: second).faults.map(\.code) == ["key-log.other-key"])
            try open(folder).close()
        }
    }

    @Test func `a crash between the log's word and the new key file loses nothing`() throws {
        try Surroundings.withFolder { folder in
            let log = try open(folder)
            let old = try Data(contentsOf: URL(filePath: folder + "/log/checkpoint.key"))
            try log.rollOver()
            let new = folder + "/log/" + CheckpointKey.fileName
            try FileManager.default.moveItem(atPath: new, toPath: folder + "/log/" + CheckpointKey.nextFileName)
            try old.write(to: URL(filePath: new))
            chmod(new, 0o600)
            let next = try open(folder)
            try use(next, next.session(of: user))
            try next.close()
            let start = try #require(try KeyLogLineParts(text(folder).split(separator: 0x0A)[0])?.entry["key"])
            let key = try SM2.VerificationKey(point: bytes(start))
            #expect(try KeyLogVerification(file(folder), key: key).faults.isEmpty)
        }
    }

    /// By the next start, and by a program that was at work all the time.
    @Test(arguments: ["", "999\t17"], [false, true])
    func `a stop right behind the entry of a rollover is made good`(torn: String, atWork: Bool) throws {
        try Surroundings.withFolder { folder in
            let log = try open(folder)
            let first = try startKey(folder)
            try use(log, log.session(of: user))
            let other = try open(folder)
            try StoppedRollover.make(of: log, torn: torn)
            let next = try atWork ? other : open(folder)
            try use(next, next.session(of: user))
            try next.close()
            let report = try KeyLogVerification(file(folder), key: first)
            #expect(report.faults.isEmpty && report.counts[.rollover] == 1)
            #expect(report.counts[.recovered, default: 0] == (torn.isEmpty ? 0 : 1))
            #expect(!FileManager.default.fileExists(atPath: folder + "/log/" + CheckpointKey.nextFileName))
            #expect(try startKey(folder).point != first.point)
            try open(folder).close()
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
