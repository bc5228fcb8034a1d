import ByteText
import CardCryptography
import CardData
import ISO7816
import Testing

@testable import IssuerKeys

/// What the service protects, and what it refuses to.
@Suite struct ProtectedExchangeTests {
    private let card = CardKeyContext(
        algorithm: .tripleDES, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    private let service: SoftwareKeyService
    private static let challenge: [UInt8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]

    init() throws { service = try Surroundings.service(Surroundings.development()) }

    private func issuer(_ name: String) -> CardKeyReference { .issuer(KeyName(rawValue: name)) }

    private func exchange(
        _ key: CardKeyReference, _ mode: LineProtection.Mode = .mac, challenge: [UInt8] = Self.challenge
    ) -> ProtectedExchange {
        ProtectedExchange(key: key, card: card, challenge: challenge, protection: LineProtection(mode))
    }

    /// The published value of blanks stands for any key of which the bytes are known: a real card's UPDATE BINARY, the manual's
    /// READ BINARY and CARD BLOCK.
    @Test(arguments: [
        (
            "36", "A3BBCFC8", "00D695001E000122000001FFFF01010000220000000000000620160101205012310000",
            "04D6950022000122000001FFFF0101000022000000000000062016010120501231000096E32EF1"
        ),
        ("00", "9951EF63", "00B0000010", "04B0000004B97F4D3214"),
        ("00", "9951EF63", "00B0000000", "04B0000004B97F4D3200"),
        ("00", "C2F02FFC", "84160000", "841600000400CE33E6"),
        ("00", "C2F02FFC", "80160000", "841600000400CE33E6"),
    ])
    func `finished commands are those of real cards`(
        byte: String, challenge: String, plain: String, finished: String
    ) throws {
        let key = CardKeyReference.transport(try bytes(String(repeating: byte, count: 16)))
        let command = try service.protect(
            CommandAPDU(bytes: bytes(plain)), by: exchange(key, challenge: bytes(challenge)))
        #expect(command.bytes.hexadecimal == finished)
    }

    @Test func `answers are opened only with their MAC`() throws {
        let key = CardKeyReference.transport([UInt8](repeating: 0x36, count: 16))
        let read = CommandAPDU(0x00, 0xB0, 0x00, 0x00, le: 2)
        let answer: [UInt8] = try LineProtection(.mac).protectAnswer(
            key: [UInt8](repeating: 0x36, count: 16), cipher: .tripleDES, plain: [1, 2], challenge: Self.challenge)
        #expect(try service.unprotect(answer, to: read, by: exchange(key)) == [1, 2])
        for bit in 0..<answer.count * 8 {
            var changed = answer
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(try service.unprotect(changed, to: read, by: exchange(key)) == nil)
        }
        #expect(try service.unprotect([], to: read, by: exchange(key)) == nil)
        #expect(try service.unprotect([1, 2], to: read, by: exchange(key)) == nil)
    }

    /// Only what reads, writes, locks and opens: no key loading, no PIN, no authentication, no class of another kind.
    @Test(arguments: [
        "84D4010004AABBCCDD", "8424000104AABBCCDD", "805E010004AABBCCDD", "0082000008AABBCCDDEEFF0011", "0084000004",
        "00A4000000", "80E000000100", "80D6950001AA", "001E0000", "84160000 01 AA", "00B0000001AA", "10B0000004",
    ])
    func `other commands get no MAC`(command: String) throws {
        let command = try CommandAPDU(bytes: bytes(command.filter { $0 != " " }))
        #expect(throws: CardKeyError.self) { try service.protect(command, by: exchange(issuer("STK"))) }
    }

    @Test(arguments: ["UKSSSE", "IRK", "PUK", "RKSSSE", "DPK1", "MKSSSE"])
    func `keys for something else protect nothing`(name: String) throws {
        let read = CommandAPDU(0x00, 0xB0, 0x00, 0x00, le: 2)
        let refusal = CardKeyError.useNotAllowed(KeyName(rawValue: name), "command-mac")
        #expect(throws: refusal) { try service.protect(read, by: exchange(issuer(name))) }
        #expect(throws: refusal) { try service.unprotect([1, 2, 3, 4], to: read, by: exchange(issuer(name))) }
        #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: name), "pin-maintenance")) {
            try service.pinCommand(
                PINCommandRequest(.unblock, key: issuer(name), card: card, challenge: Self.challenge))
        }
    }

    /// A cipher of free choice under the maintenance key would give away the session keys of PIN commands; under a published
    /// value it hides nothing.
    @Test func `enciphering needs a key of its own`() throws {
        let update = try CommandAPDU(0x00, 0xD6, 0x95, 0x00, data: [1])
        for key in [issuer("STK"), .transport([UInt8](repeating: 0x36, count: 16))] {
            #expect(throws: CardKeyError.self) { try service.protect(update, by: exchange(key, .encipheredWithMAC)) }
        }
        let text = """
            parity: none
            levels:
              province: {digits: 2, suffix: 303030307368}
              city: {digits: 6, suffix: 7378}
              card: {}
            keys:
              LINE: {group: maintenance, use: [command-mac, command-encipherment], title: LINE}
              STK: {group: maintenance, use: [command-encipherment, pin-maintenance], title: STK}
            """
        #expect(
            codes { _ = try KeyHierarchy(DataFile.parse(text, file: "hierarchy.yaml")) }
                == ["key-hierarchy.use-conflict"])
        let allowed = text.split(separator: "\n").dropLast().joined(separator: "\n")
        let hierarchy = try KeyHierarchy(DataFile.parse(allowed, file: "hierarchy.yaml"))
        let line = try SoftwareKeyService(DevelopmentKeySet.make(hierarchy: hierarchy), hierarchy: hierarchy)
        let command = try line.protect(update, by: exchange(issuer("LINE"), .encipheredWithMAC))
        #expect(command.data.count == 12)
    }

    @Test func `challenges of zeros and wrong lengths are refused`() throws {
        let read = CommandAPDU(0x00, 0xB0, 0x00, 0x00, le: 2)
        #expect(throws: CardKeyError.zeroChallenge) {
            try service.protect(read, by: exchange(issuer("STK"), challenge: [0, 0, 0, 0]))
        }
        #expect(throws: CardKeyError.zeroChallenge) {
            try service.unprotect([], to: read, by: exchange(issuer("STK"), challenge: []))
        }
        #expect(throws: CardKeyError.wrongLength("challenge", 5)) {
            try service.protect(read, by: exchange(issuer("STK"), challenge: [1, 2, 3, 4, 5]))
        }
        let long = try CommandAPDU(0x00, 0xD6, 0x95, 0x00, data: [UInt8](repeating: 1, count: 252))
        #expect(throws: CardKeyError.wrongLength("data", 252)) {
            try service.protect(long, by: exchange(issuer("STK")))
        }
    }

    // MARK: - PIN commands

    private func request(_ act: PINCommandRequest.Act, _ key: CardKeyReference) -> PINCommandRequest {
        PINCommandRequest(act, key: key, card: card, challenge: Self.challenge, keyForm: .sessionKey(width: 8))
    }

    /// card.md §2.1: `84 24 00 01 0C` with the new PIN, `84 24 00 00 04` without.
    @Test func `PIN commands have the published frames`() throws {
        let pin = try PersonalIdentificationNumber(digits: "123456")
        let reset = try service.pinCommand(request(.reset(pin, p1: 0, p2: 1), issuer("STK")))
        #expect(reset.bytes.hexadecimal.hasPrefix("842400010C") && reset.bytes.count == 17)
        let unblock = try service.pinCommand(request(.unblock, issuer("STK")))
        #expect(unblock.bytes.hexadecimal.hasPrefix("8424000004") && unblock.bytes.count == 9)
        let reload = try service.pinCommand(request(.reload(pin, identifier: 2), issuer("STK")))
        #expect(reload.bytes.hexadecimal.hasPrefix("805E000207123456") && reload.bytes.count == 12)
        // another challenge, another command
        let other = PINCommandRequest(
            .unblock, key: issuer("STK"), card: card, challenge: [1, 1, 1, 1, 1, 1, 1, 1],
            keyForm: .sessionKey(width: 8))
        #expect(try service.pinCommand(other) != unblock)
    }

    @Test func `no PIN travels under a value that everybody knows`() throws {
        let known = CardKeyReference.transport([UInt8](repeating: 0xFF, count: 16))
        let pin = try PersonalIdentificationNumber(digits: "123456")
        for act in [PINCommandRequest.Act.reset(pin, p1: 0, p2: 1), .unblock, .reload(pin, identifier: 0)] {
            #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: "transport"), "pin-maintenance")) {
                try service.pinCommand(request(act, known))
            }
        }
    }
}
