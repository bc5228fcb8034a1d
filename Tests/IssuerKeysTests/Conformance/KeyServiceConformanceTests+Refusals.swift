import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import Testing

@testable import IssuerKeys

/// What every back-end refuses, and in the same words.
extension KeyServiceConformanceTests {
    @Test(arguments: KeyBackEnd.all)
    func `what is refused is refused by the same error`(backEnd: KeyBackEnd) throws {
        let service = try backEnd.service(.city, hierarchy)
        let card = card(.tripleDES)
        let zeros = [UInt8](repeating: 0, count: 8)
        func external(_ key: CardKeyReference, _ card: CardKeyContext, _ factor: [UInt8], width: Int = 8)
            -> CardKeyError?
        {
            refusal {
                _ = try service.externalAuthentication(
                    with: key, of: card,
                    challenges: ChallengePair(factor: factor, original: Array(pair.original.prefix(factor.count))),
                    form: CryptogramForm(sessionKeyWidth: width))
            }
        }
        func write(_ content: WriteKeyRequest.Content, under key: CardKeyReference, _ challenge: [UInt8])
            -> CardKeyError?
        {
            refusal {
                _ = try service.writeKeyCommand(
                    WriteKeyRequest(
                        p1: 1, p2: 0, header: [], content: content, protection: key, card: card, challenge: challenge))
            }
        }
        func name(_ text: String) -> KeyName { KeyName(rawValue: text) }
        /// The back-end's own refusal where it lacks the capability, else that of all.
        func lacking(
            _ capability: KeyBackEnd.Capability, _ key: String, else common: CardKeyError
        ) -> CardKeyError { backEnd.refusal(capability, name(key)) ?? common }
        func keyLoading(_ protection: String, _ common: CardKeyError) -> CardKeyError {
            lacking(.keyLoading, protection, else: common)
        }
        let key = issuer("UKSSSE")
        let known = CardKeyReference.transport([UInt8](repeating: 0xFF, count: 16))
        let elsewhere = self.card(.tripleDES, area: "990200")
        let short = CardKeyContext(algorithm: .tripleDES, area: "990100", cardFactor: [1, 2, 3])
        #expect(external(key, card, zeros) == .zeroChallenge)
        #expect(external(key, card, [1, 2, 3]) == .wrongLength("session factor", 3))
        #expect(external(key, card, pair.factor, width: 7) == .wrongLength("session key", 7))
        #expect(external(issuer("IRK"), card, pair.factor) == .useNotAllowed(name("IRK"), "external-authentication"))
        #expect(external(issuer("UKXX"), card, pair.factor) == .unknownKey(name("UKXX")))
        #expect(external(key, elsewhere, pair.factor) == backEnd.refusal(.otherArea("990200"), name("UKSSSE")))
        #expect(external(key, short, pair.factor) == .wrongLength("card factor", 3))
        #expect(external(key, self.card(.ssf33), pair.factor) == .algorithmNotAvailable(.ssf33))
        #expect(
            external(.transport([1, 2]), card, pair.factor)
                == lacking(
                    .publishedKeys("external-authentication"), "transport", else: .wrongLength("transport key", 2)))
        #expect(
            write(.key(key), under: issuer("MKSSSE"), [0, 0, 0, 0]) == keyLoading("MKSSSE", .zeroChallenge))
        #expect(
            write(.key(key), under: issuer("MKSSSE"), [1, 2, 3])
                == keyLoading("MKSSSE", .wrongLength("challenge", 3)))
        let notForLoading = CardKeyError.useNotAllowed(name("UKSSSE"), "key-loading")
        #expect(write(.key(key), under: key, [1, 2, 3, 4]) == keyLoading("UKSSSE", notForLoading))
        #expect(write(.key(key), under: known, [1, 2, 3, 4]) == keyLoading("transport", notForLoading))
        #expect(
            write(.pin(pin), under: known, [1, 2, 3, 4])
                == keyLoading("transport", .useNotAllowed(name("PIN"), "key-loading")))
        #expect(
            refusal {
                _ = try service.plainExternalAuthentication(
                    with: issuer("PUK"), of: card, challenge: [1, 2, 3], form: CryptogramForm())
            } == .wrongLength("challenge", 3))
        #expect(
            refusal {
                _ = try service.identificationCodeAuthentication(over: [1], with: issuer("IRK"), of: card)
            } == lacking(.identificationCode, "IRK", else: .wrongLength("identification code", 1)))
        #expect(
            refusal {
                _ = try service.pinCommand(
                    PINCommandRequest(.unblock, key: known, card: card, challenge: pair.factor))
            } == .useNotAllowed(name("transport"), "pin-maintenance"))
        let exchange = ProtectedExchange(
            key: issuer("STK"), card: card, challenge: pair.factor, protection: LineProtection(.encipheredWithMAC))
        #expect(
            refusal { _ = try service.protect(CommandAPDU(0x00, 0xDC, 1, 4, data: [1]), by: exchange) }
                == .useNotAllowed(name("STK"), "command-encipherment"))
        #expect(
            refusal { _ = try service.protect(CommandAPDU(0x84, 0x24, 0, 0, data: [1]), by: exchange) }
                == .useNotAllowed(name("STK"), "84 24"))
    }

    @Test(arguments: KeyBackEnd.all.filter { !$0.algorithms.contains(.sm4) })
    func `a back-end without SM4 says so and uses no key`(backEnd: KeyBackEnd) throws {
        let service = try backEnd.service(.city, hierarchy)
        let card = card(.sm4)
        let beyond = try #require(backEnd.refusal(.algorithm(.sm4), KeyName(rawValue: "IRK")))
        let loading = backEnd.refusal(.keyLoading, KeyName(rawValue: "transport")) ?? beyond
        #expect(throws: beyond) { try service.keyCheckValue(of: issuer("IRK"), card: card) }
        #expect(throws: beyond) {
            try service.externalAuthentication(
                with: issuer("UKSSSE"), of: card, challenges: pair, form: CryptogramForm())
        }
        #expect(throws: loading) {
            try service.writeKeyCommand(
                WriteKeyRequest(
                    p1: 1, p2: 0, header: [], content: .key(issuer("IRK")),
                    protection: .transport([UInt8](repeating: 0xFF, count: 16)), card: card, challenge: [1, 2, 3, 4]))
        }
    }

    @Test(arguments: KeyBackEnd.all)
    func `a printed or dumped service shows no key`(backEnd: KeyBackEnd) throws {
        let service = try backEnd.service(.city, hierarchy)
        var shown = "\(service) \(String(reflecting: service))"
        dump(service, to: &shown)
        let key = try key("UKSSSE", card(.tripleDES))
        for form in [
            key.prefix(4).hexadecimal, key.prefix(4).map(String.init).joined(separator: ", "), TestToken.userPIN,
        ] {
            #expect(!shown.contains(form))
        }
        #expect(shown.contains("990100"))
    }
}

/// The refusal of a call; nil when it was answered.
func refusal(_ body: () throws -> Void) -> CardKeyError? {
    do {
        try body()
        return nil
    } catch {
        return error as? CardKeyError
    }
}
