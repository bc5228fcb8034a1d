import ByteText
import CardCryptography
import CardData
import Testing

@testable import IssuerKeys

/// Two different persons, one exact request, once, in time.
@Suite struct ApprovalTests {
    private static let now: UInt64 = 1_790_000_000_000
    private let li: SM2.SigningKey
    private let wang: SM2.SigningKey
    private let officers: ApprovingOfficers
    private let request: ApprovalRequest

    init() throws {
        li = try SM2.SigningKey.generate()
        wang = try SM2.SigningKey.generate()
        var officers = ApprovingOfficers()
        try officers.add("2001", key: li.verificationKey)
        try officers.add("2002", key: wang.verificationKey)
        self.officers = officers
        request = try Self.request()
    }

    private static func request(
        _ details: [String: String] = ["card": "8649990100000001", "ticket": "T-17"], nonce: UInt8 = 7
    ) throws -> ApprovalRequest {
        try ApprovalRequest(
            "pin-reset", details, requester: "1001", issued: now, expires: now + 3_600_000,
            nonce: [UInt8](repeating: nonce, count: 16))
    }

    private func both(_ request: ApprovalRequest) throws -> [Approval] {
        try [Approval(of: request, by: "2001", key: li), Approval(of: request, by: "2002", key: wang)]
    }

    private func approved(_ approvals: [Approval], at now: UInt64 = Self.now) throws -> ApprovedRequest {
        try ApprovedRequest(request, approvals, officers: officers, at: now)
    }

    /// The bytes as the documentation of `bytes` has them, written out by hand; SM3 by `openssl dgst -sm3`.
    @Test func `the canonical bytes are fixed`() throws {
        let request = try ApprovalRequest(
            "x", ["b": "2", "a": "1"], requester: "r", issued: 1, expires: 2, nonce: [UInt8](repeating: 0, count: 16))
        let expected =
            Array("sscard-approval-1".utf8) + [0, 0, 0, 1] + Array("x".utf8) + [0, 0, 0, 1] + Array("r".utf8)
            + [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 16] + [UInt8](repeating: 0, count: 16)
            + [0, 0, 0, 2, 0, 0, 0, 1] + Array("a".utf8) + [0, 0, 0, 1] + Array("1".utf8) + [0, 0, 0, 1]
            + Array("b".utf8) + [0, 0, 0, 1] + Array("2".utf8)
        #expect(request.bytes == expected)
        #expect(try request.digest == bytes("65870D8198F0B91B5989736BF3D76BBCFC1A8F6085F710FE2F217C61967E8321"))
    }

    @Test func `two persons approve, and what they approved holds for that alone`() throws {
        let approved = try approved(both(request))
        #expect(approved.officers == ["2001", "2002"])
        try approved.check(for: "pin-reset", request.details, at: Self.now)
        #expect(throws: ApprovalError.otherRequest) {
            try approved.check(for: "pin-unblock", request.details, at: Self.now)
        }
        #expect(throws: ApprovalError.otherRequest) {
            try approved.check(for: "pin-reset", ["card": "8649990100000002", "ticket": "T-17"], at: Self.now)
        }
        #expect(throws: ApprovalError.expired) {
            try approved.check(for: "pin-reset", request.details, at: request.expires + 1)
        }
    }

    @Test func `one person is not two`() throws {
        let one = try Approval(of: request, by: "2001", key: li)
        #expect(throws: ApprovalError.tooFewPersons(1, needed: 2)) { try approved([one]) }
        #expect(throws: ApprovalError.tooFewPersons(0, needed: 2)) { try approved([]) }
        #expect(throws: ApprovalError.approvedTwice("2001")) {
            try approved([one, Approval(of: request, by: "2001", key: li)])
        }
        // under the other's name, or as a stranger
        #expect(throws: ApprovalError.notAuthentic("2002")) {
            try approved([one, Approval(of: request, by: "2002", key: li)])
        }
        #expect(throws: ApprovalError.unknownOfficer("2003")) {
            try approved([one, Approval(of: request, by: "2003", key: wang)])
        }
        var officers = officers
        #expect(codes { try officers.add("2003", key: li.verificationKey) } == ["approval.officer-twice"])
        // fewer than two persons is never enough
        #expect(throws: ApprovalError.tooFewPersons(1, needed: 2)) {
            try ApprovedRequest(request, [one], officers: officers, persons: 1, at: Self.now)
        }
    }

    @Test func `an approval of another request, or an altered one, does not hold`() throws {
        for other in try [
            Self.request(nonce: 8), Self.request(["card": "8649990100000001", "ticket": "T-18"]),
            Self.request(["card": "8649990100000001"]),
        ] {
            #expect(throws: ApprovalError.otherRequest) { try approved(both(other)) }
        }
        let right = try both(request)
        for bit in [0, 100, 511] {
            var signature = right[0].signature
            signature[bit / 8] ^= 1 << (bit % 8)
            let altered = Approval(officer: "2001", digest: right[0].digest, signature: signature)
            #expect(throws: ApprovalError.notAuthentic("2001")) { try approved([altered, right[1]]) }
        }
    }

    @Test func `time is given in, and bounds an approval at both ends`() throws {
        let approvals = try both(request)
        _ = try approved(approvals, at: request.issued)
        _ = try approved(approvals, at: request.expires)
        #expect(throws: ApprovalError.notYetValid) { try approved(approvals, at: request.issued - 1) }
        #expect(throws: ApprovalError.expired) { try approved(approvals, at: request.expires + 1) }
        #expect(throws: ApprovalError.malformedRequest) {
            try ApprovalRequest(
                "x", [:], requester: "1", issued: Self.now, expires: Self.now + ApprovalRequest.longestValidity + 1)
        }
        #expect(throws: ApprovalError.malformedRequest) {
            try ApprovalRequest("x", [:], requester: "1", issued: Self.now, expires: Self.now)
        }
    }

    @Test func `an approval is used once`() throws {
        let approved = try approved(both(request))
        var spent = SpentApprovals()
        try spent.spend(approved, at: Self.now)
        #expect(throws: ApprovalError.spent) { try spent.spend(approved, at: Self.now) }
        let later = try Self.request(nonce: 9)
        try spent.spend(
            ApprovedRequest(later, both(later), officers: officers, at: Self.now), at: request.expires + 1)
        #expect(!spent.contains(approved.digest), "what has expired need not be remembered")
    }

    @Test func `the document carries request and approvals from person to person`() throws {
        var document = ApprovalDocument(request)
        try both(request).forEach { document.add($0) }
        #expect(try document.request == request)
        #expect(try document.approved(by: officers, at: Self.now).officers == ["2001", "2002"])
    }

    @Test func `the file of officers tells all its faults`() throws {
        let key = li.verificationKey.point.hexadecimal
        let text = """
            officers:
              "2001": \(key)
              "2002": \(key)
              "with space": \(key)
              "2004": 0411
            """
        try Surroundings.withFile(text, named: "officers.yaml") { path in
            let found = codes { _ = try ApprovingOfficers.read(path) }
            #expect(found == ["approval.officer-twice", "approval.officer-name", "approval.officer-key"])
        }
    }
}
