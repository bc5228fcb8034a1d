import CardApplication
import CardCryptography
import CardData
import ISO7816
import Personalization
import Testing
import VirtualCard

/// Every cut point of a personalisation, in both families: before the command, and after the card did it but before it answered.
@Suite struct TornCardTests {
    /// How a card torn at a step must end.
    enum Class: Hashable {
        /// Put in again, it is finished.
        case resumable
        /// Its blank is booked as spoiled.
        case spoiled
    }

    /// Written here, not asked of the code: the master file's key file stands (step 3, from 0 step 2) and its first key (step 4) does
    /// not, so nobody has a right in the card any more.
    private func expected(_ step: Int, _ moment: FaultChannel.Moment) -> Class {
        switch (step, moment) {
        case (2, .beforeAnswer), (3, .beforeCommand): .spoiled
        default: .resumable
        }
    }

    private func whole(_ factory: CardFactory) throws -> [UInt8] {
        let card = try factory.blank()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        return card.image
    }

    @Test(arguments: FaultChannel.Moment.allCases)
    func everyCutEndsInItsClassAndAnIdenticalImage(moment: FaultChannel.Moment) throws {
        let factory = try CardFactory()
        let plan = try factory.plan()
        let finished = try whole(factory)
        var spoiled = 0
        for step in 0..<plan.commandCount {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, moment) { card.powerOff() }
            #expect(throws: PersonalizationError.self) {
                try workshop.begin(plan, on: torn, values: factory.person)
            }
            do {
                try workshop.resume(plan, on: VirtualCardChannel(card))
                #expect(expected(step, moment) == .resumable, "step \(step)")
                #expect(card.image == finished, "step \(step)")
            } catch PersonalizationError.spoiled {
                spoiled += 1
                #expect(expected(step, moment) == .spoiled, "step \(step)")
            }
        }
        #expect(spoiled == 1)
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
