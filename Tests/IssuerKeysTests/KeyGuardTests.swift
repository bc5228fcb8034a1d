import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import Testing

@testable import IssuerKeys

/// What the guard lets through, what it refuses, and what it has written down.
@Suite struct KeyGuardTests {
    static let now: UInt64 = 1_790_000_000_000
    let card = CardKeyContext(
        algorithm: .tripleDES, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    let hierarchy: KeyHierarchy
    let policy: UsePolicy
    let base: SoftwareKeyService

    init() throws {
        hierarchy = try Surroundings.hierarchy()
        policy = try UsePolicy.read(
            Surroundings.home.appending(path: "Keys/use-policy.yaml").path(percentEncoded: false),
            hierarchy: hierarchy)
        base = try Surroundings.service(Surroundings.development())
    }

    /// A guard over a log in a folder of its own.
    func withGuard<Result>(
        named: Bool = false, policy: UsePolicy? = nil, _ body: (KeyGuard, String) throws -> Result
    ) throws -> Result {
        try Surroundings.withFolder { folder in
            let log = try KeyLog.open(in: folder + "/log", startingIfEmpty: true, lock: .development) { Self.now }
            return try body(
                KeyGuard(policy: policy ?? self.policy, hierarchy: hierarchy, log: log, acceptsNamedSecond: named),
                folder + "/log/" + KeyLog.fileName)
        }
    }

    func service(
        _ keyGuard: KeyGuard, _ role: String = "personalizer", ticket: String? = nil,
        second: KeyUseSession.SecondPerson? = nil
    ) throws -> GuardedKeyService {
        try GuardedKeyService(
            base, behind: keyGuard,
            for: KeyUseSession(
                KeyOperator("1001", role: role), ticket: ticket.map { text throws(Faults) in try WorkTicket(text) },
                second: second))
    }

    func issuer(_ name: String) -> CardKeyReference { .issuer(KeyName(rawValue: name)) }

    func entries(_ path: String) throws -> [KeyLogEntry] {
        var entries: [KeyLogEntry] = []
        let report = try KeyLogVerification(path, key: nil) { entries.append($0) }
        #expect(report.faults.map(\.code).allSatisfy { $0 == "key-log.unsigned-end" })
        return entries
    }

    func exchange(_ key: String, _ challenge: [UInt8]) -> ProtectedExchange {
        ProtectedExchange(key: issuer(key), card: card, challenge: challenge, protection: LineProtection(.mac))
    }

    @Test func `what passes is what the service gives, and stands in the log before it is given`() throws {
        try withGuard { keyGuard, path in
            let service = try self.service(keyGuard)
            let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])
            let cryptogram = try service.externalAuthentication(
                with: issuer("UK1DF03"), of: card, challenges: pair, form: CryptogramForm())
            #expect(
                try cryptogram
                    == base.externalAuthentication(
                        with: issuer("UK1DF03"), of: card, challenges: pair, form: CryptogramForm()))
            let entry = try #require(try entries(path).last)
            #expect(entry.kind == .use && entry["op"] == "external-authentication" && entry["key"] == "UK1DF03")
            #expect(entry["card"] == "8649010203040506" && entry["operator"] == "1001")
            #expect(entry["challenge"] == "01020304050607080908070605040302")
            // the same pair again, whatever the key
            for key in ["UK1DF03", "UK2DF03"] {
                #expect(
                    codes {
                        _ = try service.externalAuthentication(
                            with: issuer(key), of: card, challenges: pair, form: CryptogramForm())
                    } == ["key-use.challenge-again"])
            }
            #expect(try entries(path).last?["reason"] == "key-use.challenge-again")
        }
    }

    @Test func `a role does what the policy lets it do`() throws {
        try withGuard { keyGuard, path in
            let request = WriteKeyRequest(
                p1: 1, p2: 0, header: [0xF9, 0xF0, 0xF0, 0xAA, 0xFF], content: .key(issuer("UKSSSE")),
                protection: issuer("MKSSSE"), card: card, challenge: [1, 2, 3, 4])
            for role in ["teller", "pharmacist", "auditor", "nobody"] {
                #expect(codes { _ = try service(keyGuard, role).writeKeyCommand(request) } == ["key-use.role"])
            }
            _ = try service(keyGuard).writeKeyCommand(request)
            let last = try #require(try entries(path).last)
            #expect(last["op"] == "key-loading" && last["loads"] == "UKSSSE" && last["command"] == "84D40100")
            #expect(try entries(path).count { $0.kind == .refused } == 4)
        }
    }

    @Test func `a day's quota ends in a refusal`() throws {
        let text = """
            version: test
            operations:
            \(KeyOperation.allCases.map { "  \($0.rawValue): {roles: [personalizer], per-day: 2}" }.joined(separator: "\n"))
            keys: {}
            """
        let bare = try KeyHierarchy(
            DataFile.parse(
                "parity: none\nlevels: {province: {digits: 2, suffix: 303030307368}, city: {digits: 6, suffix: 7378}, card: {}}\nkeys: {}",
                file: "h"))
        let policy = try UsePolicy(DataFile.parse(text, file: "policy.yaml"), hierarchy: bare)
        try withGuard(policy: policy) { keyGuard, _ in
            let service = try self.service(keyGuard)
            for _ in 0..<2 { _ = try service.keyCheckValue(of: issuer("UKSSSE"), card: card) }
            #expect(codes { _ = try service.keyCheckValue(of: issuer("UKSSSE"), card: card) } == ["key-log.quota"])
            // a quota spent is no broken log
            _ = try service.identificationCodeAuthentication(
                over: [UInt8](repeating: 1, count: 12), with: issuer("IRK"), of: card)
        }
    }

    /// By key: the command, and the file that it names by its short identifier.
    @Test(
        arguments: [
            ("STKDF03", "00DC013C02AABB", nil), ("STKDF03", "00DC014402AABB", "key-use.file"),  // EF07, EF08
            ("STKDF03", "00DC010402AABB", "key-use.file"),  // the file that is selected
            ("STKDF03", "00D6870001AA", nil), ("STKDF03", "00D6070001AA", "key-use.file"),
            ("STKDF03", "00B2013C05", nil), ("STKDF03", "84160000", "key-use.command"),
            ("STK", "841E0000", nil), ("STK", "00DC014402AABB", nil), ("STK", "84160000", "key-use.command"),
            ("BK", "84160000", nil), ("BK", "841E0000", "key-use.command"), ("BK", "00DC013C02AABB", "key-use.command"),
            ("LKDF03", "841E0000", nil), ("LKDF03", "00DC013C02AABB", "key-use.command"),
        ] as [(String, String, String?)])
    func `a maintenance key protects its own commands on its own files`(key: String, command: String, refusal: String?)
        throws
    {
        let command = try CommandAPDU(bytes: bytes(command))
        try withGuard { keyGuard, path in
            let service = try self.service(keyGuard)
            let found = codes { _ = try service.protect(command, by: exchange(key, [1, 2, 3, 4])) }
            #expect(found == (refusal.map { [$0] } ?? []))
            #expect(try entries(path).last?.kind == (refusal == nil ? .use : .refused))
        }
    }

    @Test func `an answer is judged for a command that was protected, and for no other`() throws {
        try withGuard { keyGuard, _ in
            let service = try self.service(keyGuard)
            let read = try CommandAPDU(bytes: bytes("00B2013C02"))
            #expect(
                codes { _ = try service.unprotect([1, 2, 3, 4], to: read, by: exchange("STKDF03", [1, 2, 3, 4])) }
                    == ["key-use.answer-without-command"])
            _ = try service.protect(read, by: exchange("STKDF03", [1, 2, 3, 4]))
            #expect(try service.unprotect([1, 2, 3, 4], to: read, by: exchange("STKDF03", [1, 2, 3, 4])) == nil)
        }
    }

    @Test func `published transport values leave no entry, what travels under them does`() throws {
        try withGuard { keyGuard, path in
            let service = try self.service(keyGuard)
            let transport = CardKeyReference.transport([UInt8](repeating: 0xFF, count: 16))
            let before = try entries(path).count
            for _ in 0..<2 {
                _ = try service.plainExternalAuthentication(
                    with: transport, of: card, challenge: [1, 2, 3, 4], form: CryptogramForm())
            }
            #expect(try entries(path).count == before)
            _ = try service.writeKeyCommand(
                WriteKeyRequest(
                    p1: 0x39, p2: 0, header: [0xF9], content: .key(issuer("MKSSSE")), protection: transport, card: card,
                    challenge: [1, 2, 3, 4]))
            #expect(try entries(path).last?["loads"] == "MKSSSE")
        }
    }

    @Test func `a card that is not genuine is told as outcome, a use that failed as failure`() throws {
        try withGuard { keyGuard, path in
            let service = try self.service(keyGuard)
            let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])
            #expect(
                try !service.verifyInternalAuthentication(
                    answer: [UInt8](repeating: 0, count: 8), with: issuer("IRK"), of: card, challenges: pair,
                    form: CryptogramForm()))
            let found = try entries(path)
            #expect(found.last?.kind == .outcome && found.last?["result"] == "not-genuine")
            #expect(found.last?["of"] == found.dropLast().last.map { String($0.sequence) })
            let zeros = [UInt8](repeating: 0, count: 8)
            #expect(throws: CardKeyError.zeroChallenge) {
                try service.plainExternalAuthentication(
                    with: issuer("UKSSSE"), of: card, challenge: zeros, form: CryptogramForm())
            }
            #expect(try entries(path).last?.kind == .failed)
            #expect(try entries(path).last?["reason"] == "card-key.zero-challenge")
        }
    }

    @Test func `no key is used once the log is gone`() throws {
        try withGuard { keyGuard, path in
            let service = try self.service(keyGuard)
            _ = try service.keyCheckValue(of: issuer("UKSSSE"), card: card)
            try FileManager.default.removeItem(atPath: path)
            #expect(codes { _ = try service.keyCheckValue(of: issuer("UKSSSE"), card: card) } == ["key-log.removed"])
            #expect(codes { _ = try service.keyCheckValue(of: issuer("UKSSSE"), card: card) } == ["key-log.closed"])
        }
    }

    // MARK: - The file

    @Test func `the policy of the house fits the hierarchy`() {
        #expect(policy.version == "default-1")
        #expect(policy[.pinReset]?.persons == 2 && policy[.pinReset]?.needsTicket == true)
        #expect(policy[KeyName(rawValue: "STKDF05")]?.files == [0x05])
        #expect(policy[KeyName(rawValue: "UKSSSE")] == nil)
    }

    @Test func `a policy tells all its faults`() throws {
        let text = """
            version: x
            operations:
              internal-authentication: {roles: [teller], groups: [nonsense]}
              external-authentication: {roles: [teller], per-day: -1}
              dance: {roles: []}
            keys:
              NOKEY: {commands: [fly], files: [05]}
            """
        let found = codes { _ = try UsePolicy(DataFile.parse(text, file: "policy.yaml"), hierarchy: hierarchy) }
        #expect(found.count { $0 == "use-policy.unknown-word" } == 3)
        #expect(found.contains("use-policy.number") && found.contains("use-policy.unknown-key"))
        #expect(found.contains("use-policy.missing"))
        #expect(found.count { $0 == "use-policy.key-without-commands" } == 13)
    }
}
