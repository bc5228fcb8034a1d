import ByteText
import CardCryptography
import CardData
import Foundation
import Synchronization
import Testing

@testable import IssuerKeys

/// Restarts, several programs on one log, and stops in the midst of an entry.
extension KeyLogTests {
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
}
