import ByteText
import CardApplication
import CardLayout
import ISO7816
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

    @Test(arguments: layouts) func thePlanHasTheFewestCommands(layout: String) throws {
        let plan = try CardFactory(layout: layout).plan()
        #expect(plan.commandCount == plan.minimumCommandCount)
    }

    /// Every 23rd command of the middle, and each of the beginning and the end, where keys and rights change; before the
    /// command and before its answer.
    @Test(arguments: layouts, FaultChannel.Moment.allCases)
    func aTornCardEndsInItsClass(layout: String, moment: FaultChannel.Moment) throws {
        let factory = try CardFactory(layout: layout)
        let plan = try factory.plan()
        let count = plan.commandCount
        let whole = try factory.blank()
        let first = try factory.workshop()
        defer { first.close() }
        try first.begin(plan, on: VirtualCardChannel(whole), values: factory.person)
        // The master file's key file stands and its first key does not: nobody has a right in the card any more.
        let keyFile = try #require(plan.steps.firstIndex { $0.purpose.kind == .createKeyFile })
        let fatal = moment == .beforeAnswer ? keyFile : keyFile + 1
        for step in Set(0..<10).union(stride(from: 10, to: count - 20, by: 23)).union(count - 20..<count) {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, moment) { card.powerOff() }
            #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn, values: factory.person) }
            do {
                try workshop.resume(plan, on: VirtualCardChannel(card))
                #expect(step != fatal, "step \(step)")
                #expect(card.image == whole.image, "step \(step)")
            } catch PersonalizationError.spoiled {
                #expect(step == fatal, "step \(step)")
            }
        }
    }
}
