import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// Cards that are torn twice, rings, journals that broke off, and what is not gone on with; each single cut is in ``EveryCutTests``.
@Suite struct TornCardTests {
    private func whole(_ factory: CardFactory, _ plan: CardPlan? = nil) throws -> [UInt8] {
        let card = try factory.blank()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        try workshop.begin(plan ?? factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        return card.image
    }

    /// Version 3.0 and SM4: the cut points where stages meet and a sixth of the rest, each torn a second time at a place drawn at random.
    @Test(arguments: FaultChannel.Moment.allCases)
    func theOtherLayoutAndCipherSurviveTwoTears(moment: FaultChannel.Moment) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededNumbers(seed: seed)
        let factory = try CardFactory(layout: "national-3.0")
        let plan = try factory.plan()
        #expect(plan.profile.algorithm == .sm4)
        let finished = try whole(factory)
        var borders: Set<Int> = []
        var first = 0
        for stage in plan.stages {
            borders.formUnion([first, first + stage.steps.count - 1])
            first += stage.steps.count
        }
        for step in 0..<plan.commandCount where borders.contains(step) || random.next() % 6 == 0 {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            var torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, moment) { card.powerOff() }
            #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn, values: factory.person) }
            do {
                let second = Int(random.next() % UInt64(plan.commandCount))
                torn = try FaultChannel(VirtualCardChannel(card), cutAt: second, moment) { card.powerOff() }
                do { try workshop.resume(plan, on: torn) } catch PersonalizationError.interrupted {}
                try workshop.resume(plan, on: VirtualCardChannel(card))
                #expect(card.image.elementsEqual(finished), "step \(step), seed \(seed)")
            } catch PersonalizationError.spoiled {
                // The second tear may strike where the first did not.
                #expect(!card.image.elementsEqual(finished), "step \(step), seed \(seed)")
            }
        }
    }

    /// What the card answers to its published key is told as what it is, and no card is called another kind for it.
    @Test(arguments: [0x63C2, 0x6983, 0x6581, 0x6985] as [UInt16]) func aRefusedPublishedKeyIsTold(answer: UInt16)
        throws
    {
        let factory = try CardFactory()
        let plan = try factory.plan()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let cut = try FaultChannel(VirtualCardChannel(card), cutAt: 30, .beforeAnswer) { card.powerOff() }
        #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: cut, values: factory.person) }
        let refusing = RelayChannel(try VirtualCardChannel(card)) { command in
            command.ins == 0x82 ? ResponseAPDU(StatusWord(rawValue: answer)) : nil
        }
        let error = #expect(throws: PersonalizationError.self) { try workshop.resume(plan, on: refusing) }
        guard case .failed(_, let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        switch answer {
        case 0x63C2: #expect(cause == .authenticationFailed(key: "transport", triesLeft: 2))
        case 0x6983: #expect(cause == .keyBlocked("transport"))
        default:
            #expect(cause == .refused(CommandAPDU(0x00, 0x82, 0x00, 0x00), StatusWord(rawValue: answer)))
        }
        #expect(refusing.sent.count { $0.ins == 0x82 } == 1)
    }

    @Test func tornTwiceTheCardIsStillFinished() throws {
        let factory = try CardFactory()
        let plan = try factory.plan()
        let finished = try whole(factory)
        // First in the data, again in the PIN, again in the lock.
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        var cut = try FaultChannel(VirtualCardChannel(card), cutAt: plan.commandCount / 2, .beforeAnswer) {
            card.powerOff()
        }
        #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: cut, values: factory.person) }
        for commands in [40, 120, 12, 4, 3] {
            cut = try FaultChannel(VirtualCardChannel(card), cutAt: commands, .beforeAnswer) { card.powerOff() }
            _ = try? workshop.resume(plan, on: cut)
        }
        try workshop.resume(plan, on: VirtualCardChannel(card))
        #expect(card.image == finished)
    }

    @Test(arguments: FaultChannel.Moment.allCases)
    func tornAgainBehindItsReplacedMasterTheCardLosesNoTry(moment: FaultChannel.Moment) throws {
        let factory = try CardFactory()
        let plan = try factory.plan()
        let replacement = try #require(plan.steps.lastIndex { $0.purpose.kind == .replaceMaster })
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        var cut = try FaultChannel(VirtualCardChannel(card), cutAt: replacement, .beforeAnswer) { card.powerOff() }
        #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: cut, values: factory.person) }
        // SELECT, challenge and authentication tell where the card stands; the first command of the plan itself is cut.
        cut = try FaultChannel(VirtualCardChannel(card), cutAt: 3, moment) { card.powerOff() }
        #expect(throws: PersonalizationError.self) { try workshop.resume(plan, on: cut) }
        try workshop.resume(plan, on: VirtualCardChannel(card))
        #expect(try card.image == whole(factory))
    }

    @Test func aHalfWrittenLineOfTheJournalSwallowsNoOther() throws {
        let factory = try CardFactory()
        let plan = try factory.plan()
        let replacement = try #require(plan.steps.lastIndex { $0.purpose.kind == .replaceMaster })
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        // Before the lock; what was written of the next line broke off.
        var cut = try FaultChannel(VirtualCardChannel(card), cutAt: replacement - 4, .beforeCommand) { card.powerOff() }
        #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: cut, values: factory.person) }
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: workshop.folder).first)
        let journal = try #require(FileHandle(forWritingAtPath: workshop.folder + "/" + name))
        try journal.seekToEnd()
        try journal.write(contentsOf: Data("+ 1".utf8))
        try journal.close()
        cut = try FaultChannel(VirtualCardChannel(card), cutAt: 6, .beforeAnswer) { card.powerOff() }
        #expect(throws: PersonalizationError.self) { try workshop.resume(plan, on: cut) }
        let text = try String(contentsOfFile: workshop.folder + "/" + name, encoding: .utf8)
        #expect(!text.contains("+ 1S"))
        try workshop.resume(plan, on: VirtualCardChannel(card))
        #expect(try card.image == whole(factory))
    }

    @Test func aCrashBeforeTheJournalHasItsNameLeavesABlankThatCanBeUsed() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let channel = try VirtualCardChannel(card)
        let path = workshop.folder + "/" + (try workshop.identity(channel).text) + ".journal.new"
        try Data("SSCJ1 00".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try Journal.resume(in: workshop.folder, card: workshop.identity(channel), key: workshop.key) == nil)
        try workshop.begin(factory.plan(), on: channel, values: factory.person)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func rowsOfACyclicFileStandOnceWhereverTheCardWasTorn() throws {
        let factory = try CardFactory()
        var person = factory.person
        person["DF02.EF07"] = "occupation=2020100;startDate=20200101|occupation=1010100;startDate=20100101"
        let plan = try factory.plan(person)
        let finished = try whole(factory, plan)
        let rows = plan.steps.indices.filter { index in
            plan.steps[index].purpose.kind == .writeElement && plan.steps[index].purpose.subject.hasPrefix("DF02/EF07")
        }
        #expect(rows.count == 2)
        for step in rows + rows.map({ $0 + 1 }) {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, .beforeAnswer) { card.powerOff() }
            #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn, values: person) }
            try workshop.resume(plan, on: VirtualCardChannel(card))
            #expect(card.image == finished, "step \(step)")
        }
    }

    @Test func anotherSiteCannotReadTheJournal() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let channel = try VirtualCardChannel(card)
        try workshop.begin(factory.plan(), on: channel, values: factory.person)
        let other = SealingKey(try SecureRandom.secret(32))
        #expect(throws: JournalError.self) {
            try Journal.resume(in: workshop.folder, card: workshop.identity(channel), key: other)
        }
    }

    @Test func theWrongKeySetCostsOneTryAndStops() throws {
        let factory = try CardFactory()
        let plan = try factory.plan()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(plan, on: VirtualCardChannel(card), values: factory.person)
        // The same card, but keys of another city: the first authentication fails and none follows.
        let channel = try VirtualCardChannel(card)
        let conversation = try factory.conversation(channel, area: "990102")
        let reader = CardReader(conversation, factory.compiled, presentsKeys: true)
        #expect(throws: CardError.authenticationFailed(key: "RK1DF01", triesLeft: 4)) {
            try reader.read(directories: ["DF01"])
        }
    }
}

/// Numbers that a seed repeats (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
