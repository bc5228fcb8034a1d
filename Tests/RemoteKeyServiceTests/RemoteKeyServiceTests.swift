import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import RemoteKeyService
import Testing

@testable import IssuerKeys

/// The service beside the software store, over a gateway that is another program: the same cryptograms, or a refusal by name.
@Suite struct RemoteKeyServiceTests {
    let papers: GatewayPapers
    let hierarchy: KeyHierarchy
    let store: SoftwareKeyService
    static let reset: [UInt8] = [0x00, 0x90, 0x53, 0x53, 0x45, 0x86, 0x49, 1, 2, 3, 4, 5, 6]
    static let code: [UInt8] = [0x99, 0x01, 0x00, 0xD1, 0x56, 0, 0, 5, 0, 0, 0, 1, 9, 8, 7, 6]
    let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])
    let form = CryptogramForm()

    init() throws {
        papers = try GatewayPapers.shared.get()
        let home = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        hierarchy = try KeyHierarchy.read(home.appending(path: "Keys/hierarchy.yaml").path(percentEncoded: false))
        store = try SoftwareKeyService(DevelopmentKeySet.make(hierarchy: hierarchy), hierarchy: hierarchy)
    }

    func card(
        _ algorithm: CardAlgorithm = .tripleDES, reset: [UInt8]? = reset, code: [UInt8]? = code
    ) -> CardKeyContext {
        CardKeyContext(
            algorithm: algorithm, area: "990100", cardFactor: Array(Self.reset.suffix(8)), resetInformation: reset,
            identificationCode: code)
    }

    func issuer(_ name: String) -> CardKeyReference { .issuer(KeyName(rawValue: name)) }

    func service(
        _ gateway: GatewayProgram, name: String = GatewayPapers.name, timeLimit: Int = 5000,
        as credentials: GatewayCredentials? = nil
    ) throws -> RemoteKeyService {
        RemoteKeyService(
            gateway.settings(papers, name: name, timeLimit: timeLimit), as: try credentials ?? papers.credentials(),
            hierarchy: hierarchy)
    }

    func authenticate(_ service: RemoteKeyService) throws -> [UInt8] {
        try service.externalAuthentication(with: issuer("UKSSSE"), of: card(), challenges: pair, form: form)
    }

    /// The fault with which an authentication ends; nil when it was answered.
    func fault(_ service: RemoteKeyService) throws -> HSMGatewayFault? {
        do {
            _ = try authenticate(service)
            return nil
        } catch CardKeyError.gateway(let fault) {
            return fault
        }
    }

    static let question =
        "asked 02|990100|00905353458649010203040506|01|0094|0102030405060708|0908070605040302|"

    // MARK: - Answers

    @Test(arguments: [CardAlgorithm.tripleDES, .sm4]) func `authentications are the store's`(
        algorithm: CardAlgorithm
    ) throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        let card = card(algorithm)
        let code = algorithm == .sm4 ? "03" : "01"
        let external = try store.externalAuthentication(
            with: issuer("UKSSSE"), of: card, challenges: pair, form: form)
        for plan in ["answer", "trickle"] {
            try gateway.plan("\(plan) \(external.hexadecimal)|")
            let answer = try service.externalAuthentication(
                with: issuer("UKSSSE"), of: card, challenges: pair, form: form)
            #expect(answer == external)
            let question = Self.question.replacing("|01|0094", with: "|\(code)|0094")
            #expect(try gateway.told() == ["greeted TLSv1.3 counter", question])
        }
        let genuine = try genuineAnswer(of: card)
        for answer in [genuine, genuine.map { $0 ^ 1 }, []] {
            for further in ["", "|"] {
                try gateway.plan("answer \((genuine + pair.original).hexadecimal)||\(further)")
                let isGenuine = try service.verifyInternalAuthentication(
                    answer: answer, with: issuer("IRK"), of: card, challenges: pair, form: form)
                #expect(isGenuine == (answer == genuine))
                let question =
                    "asked 01|990100|\(Self.reset.hexadecimal)|\(code)|\(Self.code.hexadecimal)"
                    + "|0102030405060708|0908070605040302|||"
                #expect(try gateway.told().last == question)
            }
        }
    }

    /// What the genuine card answers, worked out with the open development key.
    func genuineAnswer(of card: CardKeyContext) throws -> [UInt8] {
        let name = KeyName(rawValue: "IRK")
        let held = try #require(
            DevelopmentKeySet.make(hierarchy: hierarchy)[.init(name: name, algorithm: card.algorithm)])
        let factors = try [#require(AreaFactor.city(card.area)), #require(DiversificationFactor(card.cardFactor))]
        let key = try held.derived(card.algorithm.masterCipher, factors: factors, parity: .none)
        return try CardCryptogram.sessionCryptogram(
            key: key.unprotectedCopy(), cipher: card.algorithm == .sm4 ? .sm4 : .tripleDES, factor: pair.factor,
            original: pair.original, form: .init(sessionKeyWidth: 8))
    }

    @Test(arguments: [CardAlgorithm.tripleDES, .sm4]) func `a new PIN travels in the store's command`(
        algorithm: CardAlgorithm
    ) throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        let request = PINCommandRequest(
            .reset(try PersonalIdentificationNumber(digits: "739146"), p1: 1, p2: 0), key: issuer("STK"),
            card: card(algorithm), challenge: pair.factor, keyForm: .sessionKey(width: 8))
        let expected = try store.pinCommand(request)
        try gateway.plan("answer \(expected.bytes.hexadecimal)|")
        #expect(try service.pinCommand(request) == expected)
        let (code, length) = algorithm == .sm4 ? ("03", "14") : ("01", "0C")
        #expect(
            try gateway.told().last
                == "asked 03|990100|\(Self.reset.hexadecimal)|\(code)|0173|0102030405060708|84240100\(length)|739146|")
        for wrong in [
            expected.bytes.dropLast().hexadecimal, "8424020" + expected.bytes.hexadecimal.dropFirst(7), "84", "8Z",
        ] {
            try gateway.plan("answer \(wrong)|")
            #expect(throws: CardKeyError.gateway(.malformed("84 24"))) { try service.pinCommand(request) }
            _ = try gateway.told()
        }
    }

    @Test func `the length of the MAC that the card wants is asked for`() throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        let request = PINCommandRequest(
            .reset(try PersonalIdentificationNumber(digits: "739146"), p1: 1, p2: 0), key: issuer("STK"),
            card: card(.sm4), challenge: pair.factor, keyForm: .sessionKey(width: 8), sm4: SM4LineForm(macLength: 8))
        let expected = try store.pinCommand(request)
        #expect(expected.data.count == 24)
        try gateway.plan("answer \(expected.bytes.hexadecimal)|")
        #expect(try service.pinCommand(request) == expected)
        #expect(try gateway.told().last?.hasSuffix("|8424010018|739146|") == true)
        try gateway.plan("answer \(expected.bytes.dropLast(4).hexadecimal)|")
        #expect(throws: CardKeyError.gateway(.malformed("84 24"))) { try service.pinCommand(request) }
    }

    @Test func `a module that fills SM4 blocks in another way is told by the settings`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func read(_ more: String) throws -> SM4Blocks {
            let text = "host: gateway\nport: 9443\nauthorities: a\ncertificate: b\nprivate-key: c\n" + more
            let path = folder.path + "/gateway.yaml"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return try GatewaySettings.read(path).blocks
        }
        #expect(try read("") == .usual)
        #expect(
            try read("sm4-session-key: zero-filled\nsm4-original: complemented\n")
                == SM4Blocks(sessionKey: .zeroFilled, original: .complemented))
        #expect(throws: Faults.self) { try read("sm4-original: none\n") }
    }

    // MARK: - Refused without a question

    @Test func `what gateways have no message for is refused by name, and nobody is called`() throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        let known = CardKeyReference.transport([UInt8](repeating: 0xFF, count: 16))
        func cannot(_ key: String, _ what: String, _ body: () throws -> Void) {
            #expect(throws: CardKeyError.gateway(.cannot(KeyName(rawValue: key), what)), performing: body)
        }
        cannot("PUK", "plain EXTERNAL AUTHENTICATE") {
            _ = try service.plainExternalAuthentication(
                with: issuer("PUK"), of: card(), challenge: pair.factor, form: CryptogramForm())
        }
        cannot("IRK", "identification-code") {
            _ = try service.identificationCodeAuthentication(
                over: [UInt8](repeating: 1, count: 12), with: issuer("IRK"), of: card())
        }
        cannot("IRK", "check value") { _ = try service.keyCheckValue(of: issuer("IRK"), card: card()) }
        cannot("MKSSSE", "WRITE KEY") {
            _ = try service.writeKeyCommand(
                WriteKeyRequest(
                    p1: 1, p2: 0, header: [], content: .key(issuer("UKSSSE")), protection: issuer("MKSSSE"),
                    card: card(), challenge: [1, 2, 3, 4]))
        }
        let exchange = ProtectedExchange(
            key: issuer("STK"), card: card(), challenge: pair.factor, protection: LineProtection(.mac))
        cannot("STK", "command-mac") {
            _ = try service.protect(CommandAPDU(0x00, 0xDC, 1, 4, data: [1]), by: exchange)
        }
        func external(_ key: CardKeyReference, _ card: CardKeyContext, _ form: CryptogramForm = CryptogramForm()) throws
        {
            _ = try service.externalAuthentication(with: key, of: card, challenges: pair, form: form)
        }
        cannot("transport", "external-authentication") { try external(known, card()) }
        cannot("UKSSSE", "16-byte session key") {
            try external(issuer("UKSSSE"), card(), CryptogramForm(sessionKeyWidth: 16))
        }
        cannot("UKSSSE", "SM4, 16-byte challenges") {
            try external(issuer("UKSSSE"), card(.sm4), CryptogramForm(fullSM4Block: true))
        }
        cannot("UKSSSE", "SM4, session key zero-filled") {
            try external(
                issuer("UKSSSE"), card(.sm4), CryptogramForm(blocks: SM4Blocks(sessionKey: .zeroFilled)))
        }
        cannot("UKSSSE", "SM4, original information complemented") {
            try external(
                issuer("UKSSSE"), card(.sm4), CryptogramForm(blocks: SM4Blocks(original: .complemented)))
        }
        cannot("STK", "SM4, session key zero-filled") {
            _ = try service.pinCommand(
                PINCommandRequest(
                    .reset(try PersonalIdentificationNumber(digits: "739146"), p1: 1, p2: 0), key: issuer("STK"),
                    card: card(.sm4), challenge: pair.factor, keyForm: .sessionKey(width: 8),
                    sm4: SM4LineForm(blocks: SM4Blocks(sessionKey: .zeroFilled))))
        }
        for act in [
            PINCommandRequest.Act.unblock, .reload(try PersonalIdentificationNumber(digits: "739146"), identifier: 0),
        ] {
            cannot("STK", "PIN UNBLOCK, RELOAD PIN") {
                _ = try service.pinCommand(
                    PINCommandRequest(
                        act, key: issuer("STK"), card: card(), challenge: pair.factor, keyForm: .sessionKey(width: 8)))
            }
        }
        #expect(throws: CardKeyError.gateway(.notRead(.resetInformation))) {
            try external(issuer("UKSSSE"), card(reset: nil))
        }
        #expect(throws: CardKeyError.gateway(.notRead(.identificationCode))) {
            try service.verifyInternalAuthentication(
                answer: [1], with: issuer("IRK"), of: card(code: nil), challenges: pair, form: form)
        }
        #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: "IRK"), "external-authentication")) {
            try external(issuer("IRK"), card())
        }
        #expect(throws: CardKeyError.unknownKey(KeyName(rawValue: "UKXX"))) { try external(issuer("UKXX"), card()) }
        #expect(throws: CardKeyError.gateway(.noAddress(KeyName(rawValue: "MKMF"), .first))) {
            try external(issuer("MKMF"), card())
        }
        #expect(throws: CardKeyError.gateway(.noAddress(KeyName(rawValue: "MKMF"), .first))) {
            try service.check(.externalAuthentication(issuer("MKMF")), of: card())
        }
        cannot("MKMF", "WRITE KEY") { try service.check(.writeKey(nil, under: issuer("MKMF")), of: card()) }
        try service.check(.externalAuthentication(issuer("UKSSSE")), of: card())
        for (bad, error) in [
            (
                ChallengePair(factor: [UInt8](repeating: 0, count: 8), original: pair.original),
                CardKeyError.zeroChallenge
            ),
            (ChallengePair(factor: [1, 2], original: pair.original), .wrongLength("session factor", 2)),
        ] {
            #expect(throws: error) {
                try service.externalAuthentication(with: issuer("UKSSSE"), of: card(), challenges: bad, form: form)
            }
        }
        // the first that the gateway hears of us is this
        try gateway.plan("greet")
        #expect(try service.greet()?.count == 14)
        #expect(try gateway.told() == ["greeted TLSv1.3 counter"])
    }
}
