import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import Testing

@testable import IssuerKeys

/// PINs that are set anew by two persons, for one card and one ticket.
extension KeyGuardTests {
    private func reset(_ digits: String = "739146", challenge: UInt8 = 1) throws -> PINCommandRequest {
        PINCommandRequest(
            .reset(try PersonalIdentificationNumber(digits: digits), p1: 0, p2: 1), key: issuer("STK"), card: card,
            challenge: [1, 2, 3, 4, 5, 6, 7, challenge], keyForm: .sessionKey(width: 8))
    }

    /// Two officers' approval of a reset for the card and ticket T-17, asked for by 1001.
    private func approvedReset() throws -> ApprovedRequest {
        let (li, wang) = try (SM2.SigningKey.generate(), SM2.SigningKey.generate())
        var officers = ApprovingOfficers()
        try officers.add("2001", key: li.verificationKey)
        try officers.add("2002", key: wang.verificationKey)
        let request = try ApprovalRequest(
            "pin-reset", KeyUseSession.approvalDetails(card: card, ticket: WorkTicket("T-17")), requester: "1001",
            issued: Self.now, expires: Self.now + 1000)
        return try ApprovedRequest(
            request, [Approval(of: request, by: "2001", key: li), Approval(of: request, by: "2002", key: wang)],
            officers: officers, at: Self.now)
    }

    @Test func `a PIN is set anew by two persons, for one card and one ticket, once`() throws {
        let approved = try approvedReset()
        try withGuard { keyGuard, path in
            #expect(codes { _ = try service(keyGuard, "teller").pinCommand(reset()) } == ["key-use.no-ticket"])
            #expect(
                codes { _ = try service(keyGuard, "teller", ticket: "T-17").pinCommand(reset()) }
                    == ["key-use.no-second"])
            #expect(
                codes {
                    _ = try service(keyGuard, "teller", ticket: "T-17", second: .named("2001")).pinCommand(reset())
                } == ["key-use.no-second"], "a mere name, where signatures are asked for")
            #expect(
                codes {
                    _ = try service(keyGuard, "teller", ticket: "T-18", second: .approved(approved)).pinCommand(reset())
                } == ["approval.other-request"])
            let teller = try service(keyGuard, "teller", ticket: "T-17", second: .approved(approved))
            #expect(
                codes {
                    _ = try teller.pinCommand(
                        PINCommandRequest(
                            .unblock, key: issuer("STK"), card: card, challenge: [1, 2, 3, 4, 5, 6, 7, 9],
                            keyForm: .sessionKey(width: 8)))
                } == ["approval.other-request"])
            #expect(try teller.pinCommand(reset()) == base.pinCommand(reset()))
            let found = try entries(path)
            #expect(found.contains { $0.kind == .approval && $0["officers"] == "2001,2002" })
            #expect(found.last?["ticket"] == "T-17" && found.last?["card"] == "8649010203040506")
            #expect(found.last?["challenge"] == "0102030405060701")
            #expect(codes { _ = try teller.pinCommand(reset(challenge: 2)) } == ["approval.spent"])
            #expect(found.count { $0.kind == .approval } == 1)
            #expect(try !String(contentsOfFile: path, encoding: .utf8).contains("739146"))
        }
    }

    @Test func `an approval serves each application of a card, as many as were foreseen, with one key for all`() throws
    {
        let approved = try approvedReset()
        try withGuard { keyGuard, path in
            let teller = try service(keyGuard, "teller", ticket: "T-17", second: .approved(approved))
            try teller.check([CardKeyNeed](repeating: .pinService(.reset, issuer("STK")), count: 2), of: card)
            #expect(try teller.pinCommand(reset()) == base.pinCommand(reset()))
            #expect(try teller.pinCommand(reset(challenge: 2)) == base.pinCommand(reset(challenge: 2)))
            #expect(codes { _ = try teller.pinCommand(reset(challenge: 3)) } == ["approval.spent"])
            #expect(try entries(path).count { $0.kind == .approval } == 1)
        }
    }

    @Test func `an approval is not spent on what the day's limit refuses, and the limit is foreseen`() throws {
        let (li, wang) = try (SM2.SigningKey.generate(), SM2.SigningKey.generate())
        var officers = ApprovingOfficers()
        try officers.add("2001", key: li.verificationKey)
        try officers.add("2002", key: wang.verificationKey)
        let ticket = try WorkTicket("T-17")
        func approved(_ issued: UInt64) throws -> KeyUseSession.SecondPerson {
            let request = try ApprovalRequest(
                "pin-reset", KeyUseSession.approvalDetails(card: card, ticket: ticket), requester: "1001",
                issued: issued, expires: Self.now + 1000)
            return .approved(
                try ApprovedRequest(
                    request,
                    [Approval(of: request, by: "2001", key: li), Approval(of: request, by: "2002", key: wang)],
                    officers: officers, at: Self.now))
        }
        let path = Surroundings.home.appending(path: "Keys/use-policy.yaml").path(percentEncoded: false)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let text = lines.map { line in
            let isLimited = ["pin-reset:", "key-loading:"].contains { line.contains($0) }
            return String(isLimited ? line.replacing(/per-day: \d+/, with: "per-day: 1") : line)
        }.joined(separator: "\n")
        let policy = try UsePolicy(DataFile.parse(text, file: path), hierarchy: hierarchy)
        try withGuard(policy: policy) { keyGuard, path in
            _ = try service(keyGuard, "teller", ticket: "T-17", second: approved(Self.now)).pinCommand(reset())
            let second = try approved(Self.now - 1)
            let teller = try service(keyGuard, "teller", ticket: "T-17", second: second)
            #expect(codes { _ = try teller.pinCommand(reset(challenge: 2)) } == ["key-log.quota"])
            let found = try entries(path)
            #expect(found.count { $0.kind == .approval } == 1, "the second approval is not spent")
            #expect(found.last?.kind == .refused && found.last?["reason"] == "key-log.quota")
            let maker = try service(keyGuard)
            let need = CardKeyNeed.writeKey(issuer("UKSSSE"), under: issuer("MKSSSE"))
            try maker.check(need, of: card)
            _ = try maker.writeKeyCommand(
                WriteKeyRequest(
                    p1: 1, p2: 0, header: [0xF9, 0xF0, 0xF0, 0xAA, 0xFF], content: .key(issuer("UKSSSE")),
                    protection: issuer("MKSSSE"), card: card, challenge: [1, 2, 3, 4]))
            #expect(codes { try maker.check(need, of: card) } == ["key-log.quota"])
        }
    }

    @Test func `a limit is foreseen for as many uses as are needed`() throws {
        let path = Surroundings.home.appending(path: "Keys/use-policy.yaml").path(percentEncoded: false)
        let text = try String(contentsOfFile: path, encoding: .utf8)
            .replacing(/(pin-reset: .*per-day: )\d+/) { "\($0.output.1)3" }
        let policy = try UsePolicy(DataFile.parse(text, file: path), hierarchy: hierarchy)
        try withGuard(named: true, policy: policy) { keyGuard, path in
            let teller = try service(keyGuard, "teller", ticket: "T-1", second: .named("2001"))
            let reset = CardKeyNeed.pinService(.reset, issuer("STK"))
            let other = CardKeyNeed.externalAuthentication(issuer("PUK"))
            try teller.check([reset, other, reset, other, reset], of: card)
            #expect(codes { try teller.check([reset, reset, reset, reset], of: card) } == ["key-log.quota"])
            _ = try teller.pinCommand(self.reset())
            try teller.check([reset, reset], of: card)
            #expect(codes { try teller.check([reset, other, reset, reset], of: card) } == ["key-log.quota"])
            // what is foreseen is neither used nor written down
            #expect(try entries(path).count { $0.kind == .use || $0.kind == .refused } == 1)
        }
    }

    @Test func `in development another person's name is enough, never one's own`() throws {
        try withGuard(named: true) { keyGuard, _ in
            #expect(
                codes {
                    _ = try service(keyGuard, "teller", ticket: "T-1", second: .named("1001")).pinCommand(reset())
                } == ["key-use.no-second"])
            _ = try service(keyGuard, "teller", ticket: "T-1", second: .named("2001")).pinCommand(reset())
        }
    }

    @Test func `no trivial PIN reaches a card`() throws {
        try withGuard(named: true) { keyGuard, _ in
            let teller = try service(keyGuard, "teller", ticket: "T-1", second: .named("2001"))
            for digits in ["123456", "000000", "888888", "654321"] {
                #expect(codes { _ = try teller.pinCommand(reset(digits)) } == ["key-use.trivial-pin"])
                let pin = try PersonalIdentificationNumber(digits: digits)
                let first = WriteKeyRequest(
                    p1: 1, p2: 0, header: [], content: .pin(pin), protection: issuer("MKSSSE"), card: card,
                    challenge: [1, 2, 3, 4])
                #expect(codes { _ = try service(keyGuard).writeKeyCommand(first) } == ["key-use.trivial-pin"])
            }
        }
    }
}
