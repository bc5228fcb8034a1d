import ByteText
import CardCryptography
import CardData
import ISO7816
import Testing

@testable import IssuerKeys

/// What the service gives nobody.
extension SoftwareKeyServiceTests {
    @Test func `under a value that the caller knows only a master key leaves the service`() throws {
        let known = CardKeyReference.transport([UInt8](repeating: 0xFF, count: 16))
        func request(_ content: WriteKeyRequest.Content) throws -> WriteKeyRequest {
            try WriteKeyRequest(
                p1: 0x39, p2: 0x00, header: bytes("F9F0FF0F88"), content: content, protection: known, card: card,
                challenge: bytes("4C45BAB9"))
        }
        _ = try service.writeKeyCommand(request(.key(issuer("MKSSSE"))))
        #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: "UKSSSE"), "key-loading")) {
            try service.writeKeyCommand(request(.key(issuer("UKSSSE"))))
        }
        let pin = try PersonalIdentificationNumber(digits: "925814")
        #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: "PIN"), "key-loading")) {
            try service.writeKeyCommand(request(.pin(pin)))
        }
    }

    @Test func `challenges of zeros are refused everywhere`() throws {
        let zeros = [UInt8](repeating: 0, count: 8)
        for pair in [
            ChallengePair(factor: zeros, original: pair.original), ChallengePair(factor: pair.factor, original: zeros),
        ] {
            #expect(throws: CardKeyError.zeroChallenge) {
                try service.externalAuthentication(
                    with: issuer("UKSSSE"), of: card, challenges: pair, form: CryptogramForm())
            }
            #expect(throws: CardKeyError.zeroChallenge) {
                try service.verifyInternalAuthentication(
                    answer: zeros, with: issuer("IRK"), of: card, challenges: pair, form: CryptogramForm())
            }
        }
        for zeros in [zeros, Array(zeros.prefix(4))] {
            #expect(throws: CardKeyError.zeroChallenge) {
                try service.plainExternalAuthentication(
                    with: issuer("UKSSSE"), of: card, challenge: zeros, form: CryptogramForm())
            }
            #expect(throws: CardKeyError.zeroChallenge) {
                try service.writeKeyCommand(
                    WriteKeyRequest(
                        p1: 1, p2: 0, header: [], content: .key(issuer("UKSSSE")), protection: issuer("MKSSSE"),
                        card: card, challenge: zeros))
            }
        }
    }

    @Test func `a key that the hierarchy does not know is refused by its name`() {
        #expect(throws: CardKeyError.unknownKey(KeyName(rawValue: "UKXX"))) {
            try service.keyCheckValue(of: issuer("UKXX"), card: card)
        }
    }

    @Test func `SSF33 is refused`() {
        let card = CardKeyContext(algorithm: .ssf33, area: "990100", cardFactor: card.cardFactor)
        #expect(throws: CardKeyError.algorithmNotAvailable(.ssf33)) {
            try service.keyCheckValue(of: issuer("UKSSSE"), card: card)
        }
        #expect(throws: CardKeyError.algorithmNotAvailable(.ssf33)) {
            try service.plainExternalAuthentication(
                with: .transport([UInt8](repeating: 0xFF, count: 16)), of: card, challenge: pair.factor,
                form: CryptogramForm())
        }
    }

    @Test(arguments: [
        // key, what is done with it
        ("IRK", "external-authentication"), ("STK", "external-authentication"), ("BK", "external-authentication"),
        ("DPK1", "external-authentication"), ("UKSSSE", "internal-authentication"), ("PUK", "internal-authentication"),
        ("UKSSSE", "key-loading"), ("PUK", "key-loading"), ("STK", "key-loading"), ("IRK", "key-loading"),
    ])
    func `a key is used for its own purpose only`(name: String, use: String) {
        let form = CryptogramForm()
        #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: name), use)) {
            switch use {
            case "external-authentication":
                _ = try service.externalAuthentication(with: issuer(name), of: card, challenges: pair, form: form)
            case "internal-authentication":
                _ = try service.verifyInternalAuthentication(
                    answer: [], with: issuer(name), of: card, challenges: pair, form: form)
            default:
                _ = try service.writeKeyCommand(
                    WriteKeyRequest(
                        p1: 1, p2: 0, header: [], content: .key(issuer("UKSSSE")), protection: issuer(name), card: card,
                        challenge: [1, 2, 3, 4]))
            }
        }
    }

    @Test func `lengths that do not fit are refused`() {
        func thrown(_ body: () throws -> Void) -> CardKeyError? {
            do {
                try body()
                return nil
            } catch {
                return error as? CardKeyError
            }
        }
        let short = CardKeyContext(algorithm: .tripleDES, area: "990100", cardFactor: [1, 2, 3])
        let nowhere = CardKeyContext(algorithm: .tripleDES, area: "9901", cardFactor: card.cardFactor)
        #expect(
            thrown { _ = try service.keyCheckValue(of: issuer("IRK"), card: short) } == .wrongLength("card factor", 3))
        #expect(thrown { _ = try service.keyCheckValue(of: issuer("IRK"), card: nowhere) } == .wrongLength("area", 4))
        #expect(
            thrown {
                _ = try service.plainExternalAuthentication(
                    with: issuer("PUK"), of: card, challenge: [1, 2, 3], form: CryptogramForm())
            }
                == .wrongLength("challenge", 3))
        #expect(
            thrown {
                _ = try service.externalAuthentication(
                    with: issuer("PUK"), of: card, challenges: ChallengePair(factor: [1], original: [1]),
                    form: CryptogramForm())
            } == .wrongLength("session factor", 1))
        #expect(
            thrown { _ = try service.keyCheckValue(of: .transport([1, 2, 3]), card: card) }
                == .wrongLength("transport key", 3))
        #expect(
            thrown {
                _ = try service.writeKeyCommand(
                    WriteKeyRequest(
                        p1: 1, p2: 0, header: [], content: .key(issuer("IRK")), protection: issuer("MKMF"), card: card,
                        challenge: [1, 2, 3, 4, 5]))
            } == .wrongLength("challenge", 5))
    }
}
