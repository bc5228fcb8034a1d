import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Testing
import VirtualCard

/// The PSAM back-end beside the software store: two engines, the same cryptograms.
@Suite struct PSAMKeyServiceTests {
    private let store: SoftwareKeyService
    private let module: PSAMKeyService
    private let card = CardKeyContext(
        algorithm: .tripleDES, area: PSAMSite.area, cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    private let sm4Card = CardKeyContext(
        algorithm: .sm4, area: PSAMSite.area, cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    private let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])
    private let longPair = ChallengePair(factor: Array(1...16), original: Array(17...32))

    init() throws {
        store = try CardSite.developmentKeys()
        module = try PSAMSite.service()
    }

    // MARK: - The same as the store

    @Test(arguments: ["", "keyLevel: province", "factorOrder: province-first\nkeyLevel: province"], [false, true])
    func `authentications are the store's, from city and province keys, 3DES and SM4`(
        settings: String, isSM4: Bool
    ) throws {
        let module = try PSAMSite.service(settings)
        let card = isSM4 ? sm4Card : card
        let form = CryptogramForm()
        for name in ["UKSSSE", "PUK", "RK1DF01", "UK1DF01"] {
            #expect(
                try module.externalAuthentication(with: issuer(name), of: card, challenges: pair, form: form)
                    == store.externalAuthentication(with: issuer(name), of: card, challenges: pair, form: form))
            for challenge in [pair.factor, Array(pair.factor.prefix(4))] {
                #expect(
                    try module.plainExternalAuthentication(
                        with: issuer(name), of: card, challenge: challenge, form: CryptogramForm())
                        == store.plainExternalAuthentication(
                            with: issuer(name), of: card, challenge: challenge, form: CryptogramForm()))
            }
        }
        #expect(
            try module.keyCheckValue(of: issuer("IRK"), card: card)
                == store.keyCheckValue(of: issuer("IRK"), card: card))
    }

    @Test func `SM4 in full form is the store's too`() throws {
        let form = CryptogramForm(fullSM4Block: true)
        #expect(
            try module.externalAuthentication(with: issuer("PUK"), of: sm4Card, challenges: longPair, form: form)
                == store.externalAuthentication(with: issuer("PUK"), of: sm4Card, challenges: longPair, form: form))
    }

    @Test func `session keys of sixteen bytes are made by modules that have them, and refused by others`() throws {
        let wide = CryptogramForm(sessionKeyWidth: 16)
        let other = try PSAMSite.service("sessionKeyWidth: 16")
        #expect(
            try other.externalAuthentication(with: issuer("PUK"), of: card, challenges: pair, form: wide)
                == store.externalAuthentication(with: issuer("PUK"), of: card, challenges: pair, form: wide))
        #expect(throws: CardKeyError.module(.sessionKeyWidth(module: 8, card: 16))) {
            try module.externalAuthentication(with: issuer("PUK"), of: card, challenges: pair, form: wide)
        }
    }

    /// The module makes the session key itself; what is filled outside it follows the card.
    @Test func `SM4 blocks are filled as the card has it, and session keys that the module does not make are refused`()
        throws
    {
        let zeroFilled = try PSAMSite.service("sm4SessionKey: zero-filled")
        for sessionKey in SM4Blocks.Filling.allCases {
            let blocks = SM4Blocks(sessionKey: sessionKey, original: .complemented, plainChallenge: .zeroFilled)
            let form = CryptogramForm(blocks: blocks)
            let (fitting, other) = sessionKey == .zeroFilled ? (zeroFilled, module) : (module, zeroFilled)
            #expect(
                try fitting.externalAuthentication(with: issuer("PUK"), of: sm4Card, challenges: pair, form: form)
                    == store.externalAuthentication(with: issuer("PUK"), of: sm4Card, challenges: pair, form: form))
            #expect(
                try fitting.plainExternalAuthentication(
                    with: issuer("PUK"), of: sm4Card, challenge: pair.factor, form: form)
                    == store.plainExternalAuthentication(
                        with: issuer("PUK"), of: sm4Card, challenge: pair.factor, form: form))
            let exchange = ProtectedExchange(
                key: issuer("STKDF01"), card: sm4Card, challenge: pair.factor,
                protection: LineProtection(
                    .mac, keyForm: .sessionKey(width: 8), sm4: SM4LineForm(blocks: blocks)))
            let command = try CommandAPDU(0x00, 0xDC, 0x01, 0x3C, data: [1, 2, 3])
            #expect(try fitting.protect(command, by: exchange) == store.protect(command, by: exchange))
            let refusal = CardKeyError.module(
                .sm4SessionKey(module: sessionKey == .zeroFilled ? .complemented : .zeroFilled, card: sessionKey))
            #expect(throws: refusal) {
                try other.externalAuthentication(with: issuer("PUK"), of: sm4Card, challenges: pair, form: form)
            }
            #expect(throws: refusal) { try other.protect(command, by: exchange) }
        }
        // challenges of 16 bytes are blocks by themselves
        let full = CryptogramForm(fullSM4Block: true)
        #expect(
            try zeroFilled.externalAuthentication(with: issuer("PUK"), of: sm4Card, challenges: longPair, form: full)
                == store.externalAuthentication(with: issuer("PUK"), of: sm4Card, challenges: longPair, form: full))
    }

    @Test(arguments: [false, true], [LineProtection.KeyForm.cardKey, .sessionKey(width: 8)])
    func `MACs of updates and locks are the store's`(isSM4: Bool, keyForm: LineProtection.KeyForm) throws {
        let card = isSM4 ? sm4Card : card
        let exchange = ProtectedExchange(
            key: issuer("STKDF01"), card: card, challenge: [1, 2, 3, 4, 5, 6, 7, 8],
            protection: LineProtection(.mac, keyForm: keyForm))
        for count in [1, 7, 8, 60, 200] {
            let command = try CommandAPDU(0x00, 0xDC, 0x01, 0x3C, data: [UInt8](repeating: 0xA5, count: count))
            #expect(try module.protect(command, by: exchange) == store.protect(command, by: exchange))
        }
        let block = CommandAPDU(0x84, 0x1E, 0x00, 0x00)
        #expect(try module.protect(block, by: exchange) == store.protect(block, by: exchange))
        let read = CommandAPDU(0x00, 0xB2, 0x01, 0x3C, le: 0x10)
        #expect(try module.protect(read, by: exchange) == store.protect(read, by: exchange))
        #expect(try module.unprotect([1, 2, 3, 4, 5, 6, 7], to: read, by: exchange) == nil)
    }

    @Test(arguments: [false, true], [LineProtection.KeyForm.cardKey, .sessionKey(width: 8)])
    func `PINs are reset and unblocked as the store does it`(isSM4: Bool, keyForm: LineProtection.KeyForm) throws {
        let card = isSM4 ? sm4Card : card
        let pin = try PersonalIdentificationNumber(digits: "135790")
        for act: PINCommandRequest.Act in [.reset(pin, p1: 0, p2: 1), .unblock] {
            let request = PINCommandRequest(
                act, key: issuer("STK"), card: card, challenge: pair.factor, keyForm: keyForm)
            #expect(try module.pinCommand(request) == store.pinCommand(request))
        }
    }

    /// The form of SM4 is the card's: the module gives whole MACs, or says that it does not.
    @Test func `MACs of eight bytes are the store's where the module gives them`() throws {
        let form = SM4LineForm(
            macLength: 8, initialValue: .complemented, macPadding: .whenNeeded, dataPadding: .always)
        let exchange = ProtectedExchange(
            key: issuer("STKDF01"), card: sm4Card, challenge: [1, 2, 3, 4], protection: LineProtection(.mac, sm4: form))
        let pin = try PersonalIdentificationNumber(digits: "135790")
        let request = PINCommandRequest(
            .reset(pin, p1: 0, p2: 1), key: issuer("STK"), card: sm4Card, challenge: [1, 2, 3, 4], sm4: form)
        let wide = try PSAMSite.service("macLength: 8")
        for count in [11, 12] {
            let command = try CommandAPDU(0x00, 0xDC, 0x01, 0x3C, data: [UInt8](repeating: 0xA5, count: count))
            #expect(try wide.protect(command, by: exchange) == store.protect(command, by: exchange))
        }
        #expect(try wide.pinCommand(request) == store.pinCommand(request))
        #expect(throws: CardKeyError.wrongLength("80 FA", 4)) { try module.pinCommand(request) }
        #expect(throws: CardKeyError.wrongLength("80 FA", 4)) {
            try module.protect(CommandAPDU(0x84, 0x1E, 0x00, 0x00), by: exchange)
        }
    }

    // MARK: - What it refuses

    @Test func `what needs a key outside is refused, and says so`() throws {
        #expect(throws: CardKeyError.module(.cannot(KeyName(rawValue: "MKSSSE"), "WRITE KEY"))) {
            try module.writeKeyCommand(
                WriteKeyRequest(
                    p1: 1, p2: 0, header: [0xF9], content: .key(issuer("UKSSSE")), protection: issuer("MKSSSE"),
                    card: card, challenge: [1, 2, 3, 4]))
        }
        #expect(throws: CardKeyError.module(.cannot(KeyName(rawValue: "IRK"), "identification-code"))) {
            try module.identificationCodeAuthentication(
                over: [UInt8](repeating: 1, count: 12), with: issuer("IRK"), of: card)
        }
        #expect(throws: CardKeyError.module(.noPlace(KeyName(rawValue: "MKSSSE")))) {
            try module.plainExternalAuthentication(
                with: issuer("MKSSSE"), of: card, challenge: pair.factor, form: CryptogramForm())
        }
        #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: "STK"), "external-authentication")) {
            try module.plainExternalAuthentication(
                with: issuer("STK"), of: card, challenge: pair.factor, form: CryptogramForm())
        }
        #expect(throws: CardKeyError.zeroChallenge) {
            try module.plainExternalAuthentication(
                with: issuer("PUK"), of: card, challenge: [UInt8](repeating: 0, count: 8), form: CryptogramForm())
        }
    }

    @Test func `keys of another city are not tried on a card`() throws {
        let elsewhere = CardKeyContext(algorithm: .tripleDES, area: "990102", cardFactor: card.cardFactor)
        #expect(throws: CardKeyError.module(.area(found: "990101", wanted: "990102"))) {
            try module.plainExternalAuthentication(
                with: issuer("PUK"), of: elsewhere, challenge: pair.factor, form: CryptogramForm())
        }
        let province = try PSAMSite.service("keyLevel: province")
        #expect(
            try province.plainExternalAuthentication(
                with: issuer("PUK"), of: elsewhere, challenge: pair.factor, form: CryptogramForm())
                == store.plainExternalAuthentication(
                    with: issuer("PUK"), of: elsewhere, challenge: pair.factor, form: CryptogramForm()))
    }

    @Test func `a module without SM4 says so`() throws {
        let module = try PSAMSite.service("version: {file: 0015, offset: 10, new: 04, sm4From: 05}")
        #expect(throws: CardKeyError.module(.algorithm(.sm4, version: 4))) {
            try module.plainExternalAuthentication(
                with: issuer("PUK"), of: sm4Card, challenge: pair.factor, form: CryptogramForm())
        }
        #expect(
            try module.keyCheckValue(of: issuer("PUK"), card: card)
                == store.keyCheckValue(of: issuer("PUK"), card: card))
    }

    @Test func `every fault has its words in both languages`() {
        let key = KeyName(rawValue: "IRK")
        let faults: [PSAMFault] = [
            .notAModule, .refused("80 FA", .wrongLength), .gone("cardRemoved"), .cannot(key, "WRITE KEY"),
            .noPlace(key), .algorithm(.sm4, version: 4), .area(found: "990101", wanted: "990102"), .empty,
            .sessionKeyWidth(module: 8, card: 16), .foreignMaster(triesLeft: 6),
        ]
        for fault in faults.flatMap({ CardKeyError.module($0).faults }) {
            #expect([3, 4].contains(MessageCatalogue.standard.exitCode(for: fault.code)), "\(fault.code)")
            for language in MessageLanguage.allCases {
                let text = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(!text.what.contains("{") && !text.next.contains("{") && text.what != fault.code.rawValue)
            }
        }
    }
}
