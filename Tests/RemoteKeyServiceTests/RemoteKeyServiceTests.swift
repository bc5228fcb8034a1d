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
    private let papers: GatewayPapers
    private let hierarchy: KeyHierarchy
    private let store: SoftwareKeyService
    private static let reset: [UInt8] = [0x00, 0x90, 0x53, 0x53, 0x45, 0x86, 0x49, 1, 2, 3, 4, 5, 6]
    private static let code: [UInt8] = [0x99, 0x01, 0x00, 0xD1, 0x56, 0, 0, 5, 0, 0, 0, 1, 9, 8, 7, 6]
    private let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])
    private let form = CryptogramForm()

    init() throws {
        papers = try GatewayPapers.shared.get()
        let home = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        hierarchy = try KeyHierarchy.read(home.appending(path: "Keys/hierarchy.yaml").path(percentEncoded: false))
        store = try SoftwareKeyService(DevelopmentKeySet.make(hierarchy: hierarchy), hierarchy: hierarchy)
    }

    private func card(
        _ algorithm: CardAlgorithm = .tripleDES, reset: [UInt8]? = reset, code: [UInt8]? = code
    ) -> CardKeyContext {
        CardKeyContext(
            algorithm: algorithm, area: "990100", cardFactor: Array(Self.reset.suffix(8)), resetInformation: reset,
            identificationCode: code)
    }

    private func issuer(_ name: String) -> CardKeyReference { .issuer(KeyName(rawValue: name)) }

    private func service(
        _ gateway: GatewayProgram, name: String = GatewayPapers.name, timeLimit: Int = 5000,
        as credentials: GatewayCredentials? = nil
    ) throws -> RemoteKeyService {
        RemoteKeyService(
            gateway.settings(papers, name: name, timeLimit: timeLimit), as: try credentials ?? papers.credentials(),
            hierarchy: hierarchy)
    }

    private func authenticate(_ service: RemoteKeyService) throws -> [UInt8] {
        try service.externalAuthentication(with: issuer("UKSSSE"), of: card(), challenges: pair, form: form)
    }

    /// The fault with which an authentication ends; nil when it was answered.
    private func fault(_ service: RemoteKeyService) throws -> HSMGatewayFault? {
        do {
            _ = try authenticate(service)
            return nil
        } catch CardKeyError.gateway(let fault) {
            return fault
        }
    }

    private static let question =
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
    private func genuineAnswer(of card: CardKeyContext) throws -> [UInt8] {
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

    // MARK: - Trust

    @Test(arguments: [
        ("foreign-gateway", GatewayPapers.name), ("expired-gateway", GatewayPapers.name),
        ("other-name", GatewayPapers.name), ("other-name", "127.0.0.1"), ("gateway", "gateway.test.other"),
        ("gateway", "127.0.0.3"),
    ])
    func `a gateway that cannot prove itself is asked nothing`(holder: String, name: String) throws {
        let gateway = try GatewayProgram(papers, as: holder)
        try gateway.plan("answer 00|")
        guard case .notTrusted(let reason)? = try fault(service(gateway, name: name)) else {
            Issue.record("trusted")
            return
        }
        let expected = ["foreign-gateway": "issuer certificate", "expired-gateway": "expired"][holder] ?? "mismatch"
        #expect(reason.contains(expected))
        #expect(try !gateway.told().contains { $0.hasPrefix("asked") })
    }

    @Test func `the gateway's name may be an address that its certificate carries`() throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("greet")
        #expect(try service(gateway, name: "127.0.0.1").greet() != nil)
    }

    @Test(arguments: ["foreign-counter", "expired-counter"])
    func `a gateway that does not take the own certificate says so`(holder: String) throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("answer 00|")
        guard case .refusesUs? = try fault(service(gateway, as: papers.credentials(of: holder))) else {
            Issue.record("not told")
            return
        }
        #expect(try !gateway.told().contains { $0.hasPrefix("asked") })
    }

    @Test(arguments: ["foreign-counter", "expired-counter"])
    func `a greeting alone shows that the gateway does not take the own certificate`(holder: String) throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("greet")
        let service = try service(gateway, as: papers.credentials(of: holder))
        let thrown = #expect(throws: CardKeyError.self) { try service.greet() }
        guard case .gateway(.refusesUs)? = thrown else {
            Issue.record("not told")
            return
        }
        #expect(try !gateway.told().contains { $0.hasPrefix("greeted") })
    }

    @Test func `credentials that cannot be used are told, and nobody is called without`() throws {
        func refused(
            _ what: HSMGatewayFault.Credential, _ file: String, of holder: String = "counter", key: String? = nil,
            trusting authority: String = "centre", passphrase: String = ""
        ) {
            #expect(throws: CardKeyError.gateway(.credentials(what, path: papers.path(file)))) {
                try papers.credentials(of: holder, key: key, trusting: authority, passphrase: passphrase)
            }
        }
        refused(.authorities, "nobody.pem", trusting: "nobody")
        refused(.certificate, "nobody.pem", of: "nobody", key: "counter.key")
        refused(.keyOfAnother, "gateway.key", key: "gateway.key")
        refused(.keyMissing, "nobody.key", key: "nobody.key")
        refused(.privateKey, "counter-sealed.key", key: "counter-sealed.key")
        refused(.privateKey, "counter-sealed.key", key: "counter-sealed.key", passphrase: "other words")
        let open = papers.path("open.key")
        try Data(contentsOf: URL(filePath: papers.path("counter.key"))).write(to: URL(filePath: open))
        chmod(open, 0o644)
        refused(.keyOpenToOthers, "open.key", key: "open.key")
        let gateway = try GatewayProgram(papers)
        let sealed = try papers.credentials(key: "counter-sealed.key", passphrase: GatewayPapers.passphrase)
        try gateway.plan("greet")
        #expect(try service(gateway, as: sealed).greet() != nil)
        #expect("\(sealed) \(String(reflecting: sealed))" == "GatewayCredentials GatewayCredentials")
    }

    // MARK: - Gone, slow, wrong

    @Test func `what broke off behind the question is never asked again by itself`() throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        for plan in ["cut", "raw 0023", "raw 002330", "raw 00"] {
            try gateway.plan(plan == "cut" ? plan : plan.replacing("raw", with: "part"))
            let fault = try #require(try fault(service))
            #expect(fault.mayHaveBeenAnswered)
            guard case .brokenOff = fault else {
                Issue.record("\(fault)")
                return
            }
            #expect(try gateway.told().count { $0 == Self.question } == 1)
        }
        // the next connection is the next question: none was made between
        try gateway.plan("greet")
        #expect(try service.greet() != nil)
        #expect(try gateway.told() == ["greeted TLSv1.3 counter"])
    }

    @Test func `a gateway that is not there, or hangs up before it was asked, was not asked`() throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("drop")
        let dropped = try #require(try fault(service(gateway)))
        guard case .unreachable = dropped else {
            Issue.record("\(dropped)")
            return
        }
        #expect(!dropped.mayHaveBeenAnswered)
        let port = gateway.port
        gateway.end()
        let settings = GatewaySettings(
            host: "127.0.0.1", port: port, name: GatewayPapers.name, authorities: "", certificate: "", privateKey: "")
        let nobody = RemoteKeyService(settings, as: try papers.credentials(), hierarchy: hierarchy)
        #expect(throws: CardKeyError.gateway(.unreachable("Connection refused"))) { try nobody.greet() }
    }

    @Test(arguments: [("mute", false), ("hang", true), ("part 0023", true)])
    func `a gateway that takes too long is left`(plan: String, wasAsked: Bool) throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan(plan.hasPrefix("part") ? plan + " hang" : plan)
        let fault = try fault(service(gateway, timeLimit: 1500))
        #expect(fault == .timeLimit(milliseconds: 1500, wasAsked: wasAsked))
        #expect(fault?.mayHaveBeenAnswered == wasAsked)
        #expect(try gateway.told().count { $0 == Self.question } == (wasAsked ? 1 : 0))
    }

    @Test func `answers that are none are not used`() throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        func fault(_ plan: String) throws -> HSMGatewayFault? {
            try gateway.plan(plan)
            defer { _ = try? gateway.told() }
            return try self.fault(service)
        }
        #expect(try fault("raw 0000") == .tooLong(0))
        #expect(try fault("raw 0401" + String(repeating: "30", count: 1025)) == .tooLong(1025))
        #expect(try fault("raw FFFF") == .tooLong(65535))
        let right = try store.externalAuthentication(
            with: issuer("UKSSSE"), of: card(), challenges: pair, form: form
        ).hexadecimal
        for wrong in ["|", right, right + "||", right.dropLast(2) + "|", right + "00|", "Z" + right.dropFirst() + "|"] {
            #expect(try fault("answer \(wrong)") == .malformed("02"))
        }
        #expect(try fault("answer \(right.dropLast())0|") == .malformed("another original information"))
        #expect(try fault("raw 00020A7C") == .malformed("no ASCII"))
        #expect(try fault("answer -2201|") == .refused("-2201"))
        for wrong in ["-|", "-2201", "-22O1|", "-2201||"] {
            #expect(try fault("answer \(wrong)") == .malformed("refusal"))
        }
        try gateway.plan("answer \(right)|")
        #expect(try authenticate(service).hexadecimal == right)
    }
}
