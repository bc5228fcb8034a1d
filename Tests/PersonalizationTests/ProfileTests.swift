import ByteText
import CardApplication
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// The national layout made, torn and read on the card operating systems of every maker.
@Suite struct ProfileTests {
    static let layouts = [
        "national-2.0@fmcos", "national-2.0@timecos", "national-2.0@t514", "national-2.0@mcos",
    ]

    @Test(arguments: layouts) func aCardIsMadeAndCompared(layout: String) throws {
        let factory = try CardFactory(layout: layout)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let before = try CardClassification.of(
            factory.conversation(VirtualCardChannel(card)), layout: factory.compiled.layout)
        #expect(before == .blank)
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        let conversation = try factory.conversation(VirtualCardChannel(card))
        let state = try CardClassification.of(conversation, layout: factory.compiled.layout)
        #expect(state == .issued(identificationCode: "990101D15600000504000001A1B2C3D4"))
    }

    /// Keys travel in the form of SM4 that the profile says; a plan states the lengths they have in it.
    @Test(arguments: [
        "macLength: 8", "initialValue: complemented", "macPadding: when-needed", "dataPadding: always",
        "macLength: 8, initialValue: complemented, macPadding: when-needed, dataPadding: always",
    ])
    func aCardIsMadeInEachFormOfSM4(form: String) throws {
        let compiled = try RegionLayout.compiled(
            "profile: region", profile: "secureMessaging: {sm4: {\(form)}}", extending: "national-3.0",
            on: "fmcos-ssse-sm4")
        let factory = try CardFactory(compiled)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let plan = try factory.plan()
        let relay = RelayChannel(try VirtualCardChannel(card))
        try workshop.begin(plan, on: relay, values: factory.person)
        let sent = relay.sent.filter { $0.ins != 0xC0 }
        #expect(sent.count { $0.cla == 0x84 && $0.ins == 0xD4 } > 10)
        #expect(sent.map(\.bytes.count) == plan.steps.map { $0.operation.length(profile: compiled.profile) })
        // a card of the usual form takes no key in another; the data and messages of keys never fill their blocks
        let other = try factory.workshop()
        defer { other.close() }
        let usual = try CardFactory(layout: "national-3.0").blank()
        let result = Result { try other.begin(plan, on: VirtualCardChannel(usual), values: factory.person) }
        if ["macPadding: when-needed", "dataPadding: always"].contains(form) {
            try result.get()
        } else {
            #expect(throws: PersonalizationError.self) { try result.get() }
        }
    }

    /// Keys are presented in the form that the profile says, with a session key and without; a card of the usual form refuses them.
    @Test(arguments: [
        ("8, 16", "sessionKey: zero-filled"), ("8, 16", "original: complemented"),
        ("8", "plainChallenge: zero-filled"),
    ])
    func keysArePresentedInEachFormOfSM4(length: String, setting: String) throws {
        func compiled(_ setting: String) throws -> CompiledCard {
            try RegionLayout.compiled(
                "profile: region",
                profile: "authenticationForms: [\(length)]\nsecureMessaging: {sm4: {\(setting)}}",
                extending: "national-3.0", on: "fmcos-ssse-sm4")
        }
        let variant = try compiled(setting)
        let usual = try compiled("")
        for (compiled, isRight) in [(variant, true), (usual, false)] {
            let factory = try CardFactory(compiled)
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
            let channel = try VirtualCardChannel(card)
            let conversation = CardConversation(
                channel, with: variant, keys: factory.keys,
                context: try #require(
                    CardKeyContext(channel.answerToReset, profile: variant.profile, area: "990101")))
            let reader = CardReader(conversation, variant, presentsKeys: true)
            guard isRight else {
                #expect(throws: CardError.authenticationFailed(key: "RKSSSE", triesLeft: 4)) { try reader.read() }
                continue
            }
            let personal = try #require(reader.read().first { $0.directory == "SSSE" && $0.file == "EF06" })
            guard case .records = personal.outcome else {
                Issue.record("\(personal.outcome)")
                continue
            }
        }
    }

    /// A card of the brand that opens nothing before its master file was selected: made, told, and read.
    @Test func aCardThatWantsItsMasterFileFirstIsMadeAndRead() throws {
        let compiled = try RegionLayout.compiled(
            "profile: region", profile: "selectsMasterFileFirst: true", extending: "national-2.0", on: "fmcos-ssse")
        let factory = try CardFactory(compiled)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        func conversation(_ channel: any CardChannel) throws -> CardConversation {
            CardConversation(
                channel, with: compiled, keys: factory.keys,
                context: try #require(
                    CardKeyContext(channel.answerToReset, profile: compiled.profile, area: "990101")))
        }
        let relay = RelayChannel(try VirtualCardChannel(card))
        let first = try conversation(relay)
        let code = try #require([UInt8](hexadecimal: "990101D15600000504000001A1B2C3D4"))
        #expect(try first.readIdentificationCode(of: compiled.layout) == .code(code))
        #expect(try first.readIdentificationCode(of: compiled.layout) == .code(code))
        let selections = relay.sent.filter { $0.ins == 0xA4 }.map(\.data)
        #expect(selections.count == 3)
        #expect(selections.first == [0x3F, 0x00])
        try first.reset()
        #expect(try first.readIdentificationCode(of: compiled.layout) == .code(code))
        let readings = try CardReader(
            conversation(VirtualCardChannel(card)), compiled, presentsKeys: true
        ).read()
        #expect(readings.contains { $0.directory == "DF01" && $0.file == "EF08" })
        let holder = readings.first { $0.directory == "SSSE" && $0.file == "EF06" }?.outcome
        #expect({ if case .records = holder { true } else { false } }())
    }

    @Test(arguments: layouts) func thePlanHasTheFewestCommands(layout: String) throws {
        let plan = try CardFactory(layout: layout).plan()
        #expect(plan.commandCount == plan.minimum.total)
    }
}
