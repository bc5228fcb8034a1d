import ByteText
import ISO7816
import Testing

/// The cut of a card at a chosen command.
@Suite struct FaultChannelTests {
    private let command = CommandAPDU(0x00, 0xB0, 0x85, 0x00, le: 0)
    private let script = Array(repeating: (command: "00B0850000", response: "9000"), count: 4)

    @Test func commandsBeforeTheCutPass() throws {
        let card = try ScriptedChannel(script)
        var cuts = 0
        let channel = FaultChannel(card, cutAt: 2, .beforeCommand) { cuts += 1 }
        for count in 1...2 {
            #expect(try channel.transmit(command).statusWord == .success)
            #expect(channel.commandCount == count)
        }
        try channel.reset()
        #expect(card.resets == 1)
        #expect(cuts == 0)
    }

    @Test(arguments: [(FaultChannel.Moment.beforeCommand, 1), (.beforeAnswer, 2)])
    func theCutLosesTheCommandOrItsAnswer(moment: FaultChannel.Moment, arrived: Int) throws {
        let card = try ScriptedChannel(script)
        var cuts = 0
        let channel = FaultChannel(card, cutAt: 1, moment) { cuts += 1 }
        _ = try channel.transmit(command)
        #expect(throws: CardChannelError.cardRemoved) { try channel.transmit(command) }
        #expect(card.received.count == arrived)
        #expect(channel.commandCount == 2)
        #expect(cuts == 1)
    }

    @Test(arguments: FaultChannel.Moment.allCases) func afterTheCutNothingArrives(moment: FaultChannel.Moment) throws {
        let card = try ScriptedChannel(script)
        var cuts = 0
        let channel = FaultChannel(card, cutAt: 0, moment) { cuts += 1 }
        #expect(throws: CardChannelError.cardRemoved) { try channel.transmit(command) }
        let arrived = card.received.count
        #expect(throws: CardChannelError.cardRemoved) { try channel.transmit(command) }
        #expect(throws: CardChannelError.cardRemoved) { try channel.reset() }
        #expect(card.received.count == arrived)
        #expect(card.resets == 0)
        #expect(cuts == 1)
        #expect(channel.commandCount == 1)
    }

    @Test func theCardsPowerGoesAfterItsLastCommand() throws {
        let card = try ScriptedChannel(script)
        var seen = -1
        let channel = FaultChannel(card, cutAt: 0, .beforeAnswer) { seen = card.received.count }
        #expect(throws: CardChannelError.cardRemoved) { try channel.transmit(command) }
        #expect(seen == 1)
    }

    @Test func itShowsTheCardBehindIt() throws {
        let card = try ScriptedChannel([])
        let channel = FaultChannel(card, cutAt: 0, .beforeCommand) {}
        #expect(channel.answerToReset == card.answerToReset)
        #expect(channel.largestCommandData == card.largestCommandData)
    }
}
