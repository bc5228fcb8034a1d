import CardApplication
import CardData
import CardLayout
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A card that is given up in the making: its chip is blocked where it lies in the reader and has keys, before it is booked as spoiled.
@Suite struct SpoiledChipTests {
    private let counter: Counter
    private let card: VirtualCard

    init() throws {
        counter = try Counter()
        card = try counter.blank()
    }

    /// Begins the card and pulls it at a command of the plan.
    private func tear(at command: Int) throws {
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: command, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        #expect(!counter.journals.isEmpty)
    }

    /// Begins the card and pulls it when all is written, before the registry has heard of it.
    private func tearAtTheEnd() throws {
        let whole = try FaultChannel(VirtualCardChannel(counter.blank(9)), cutAt: .max, .beforeAnswer) {}
        let other = try Counter()
        _ = try other.desk.issue(other.request(other.row()), through: whole)
        try tear(at: whole.commandCount - 1)
    }

    private func spoil(
        through channel: (any CardChannel)? = nil, by handling: Handling = Counter.personalizer
    ) throws -> SpoiledCard {
        try counter.desk.spoil(
            through: channel ?? VirtualCardChannel(card), layoutName: "national-2.0", handledBy: handling)
    }

    private func acts(_ spoiled: SpoiledCard) throws -> [Act] {
        let found = try #require(try counter.registry.card(number: spoiled.number))
        return try counter.registry.events(of: found.reference).map(\.body.act)
    }

    private func isBlocked() throws -> Bool {
        try VirtualCardChannel(card).transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8)).statusWord
            == .functionNotSupported
    }

    @Test func aCardWithKeysAndDataIsBlockedAndBothAreBookedTogether() throws {
        try tearAtTheEnd()
        let spoiled = try spoil()
        #expect(spoiled.chip == .blocked)
        #expect(try isBlocked())
        let kinds = try acts(spoiled).map(\.kind)
        #expect(kinds == [.spoiled, .chipEnded])
        #expect(try acts(spoiled).last == .chipEnded(.blocked))
        #expect(counter.journals.isEmpty)
        #expect(try counter.registry.verify().isGood)
    }

    /// Its key for the block is not on it yet: it is told, and spoiled all the same.
    @Test(arguments: [4, 200, 400])
    func aCardThatWasTornBeforeItsBlockKeyIsToldAndSpoiled(command: Int) throws {
        try tear(at: command)
        let spoiled = try spoil()
        #expect(spoiled.chip == .unblocked([Fault("issuing.nothing-to-block")]))
        #expect(try acts(spoiled).map(\.kind) == [.spoiled])
        #expect(try !isBlocked())
    }

    /// The registry has it, and only the journal was left: it is a card that could be handed out.
    @Test func aCardThatTheRegistryHasIsBlockedToo() throws {
        struct Crash: Error {}
        #expect(throws: IssuingError.self) {
            try counter.desk.issue(
                counter.request(counter.row()), through: VirtualCardChannel(card), onRecorded: { _ in throw Crash() })
        }
        let spoiled = try spoil()
        #expect(spoiled.chip == .blocked)
        #expect(try isBlocked())
        #expect(try acts(spoiled).map(\.kind) == [.personalized, .spoiled, .chipEnded])
    }

    @Test func aCardInNoReaderIsBookedAlone() throws {
        try tearAtTheEnd()
        let rule = counter.preparation.library
        let identity = try #require(
            CardIdentity(
                VirtualCardChannel(card).answerToReset,
                rule: rule.entry("national-2.0").compiled.profile.identity))
        let spoiled = try counter.desk.spoil(identity, handledBy: Counter.personalizer)
        #expect(spoiled.chip == .absent)
        #expect(try acts(spoiled).map(\.kind) == [.spoiled])
        #expect(try !isBlocked())
    }

    /// What the registry refuses is refused while the card still answers.
    @Test func whatIsRefusedLeavesTheChipAlone() throws {
        try tearAtTheEnd()
        #expect(throws: IssuingError.self, "no personalizer") {
            try spoil(by: Handling(by: Officer(number: 1002, role: .stockKeeper)))
        }
        #expect(try !isBlocked())
        #expect(!counter.journals.isEmpty)
    }

    /// The power goes between the block and its event: the same command finds the card blocked and books both.
    @Test func aCardThatWasBlockedAndNotBookedIsBookedByTheSameCommand() throws {
        try tearAtTheEnd()
        let pulled = try PulledAtBlock(VirtualCardChannel(card)) { card.powerOff() }
        #expect(throws: IssuingError.self) { try spoil(through: pulled) }
        #expect(try isBlocked() && !counter.journals.isEmpty)
        let spoiled = try spoil()
        #expect(spoiled.chip == .blocked)
        #expect(try acts(spoiled).map(\.kind) == [.spoiled, .chipEnded])
    }

    @Test func aChipThatRefusesItsBlockIsToldAndSpoiled() throws {
        try tearAtTheEnd()
        let channel = AnsweringChannel(try VirtualCardChannel(card), refusing: .secureMessagingIncorrect) {
            $0.cla == 0x84 && $0.ins == 0x16
        }
        let spoiled = try spoil(through: channel)
        guard case .unblocked = spoiled.chip else {
            Issue.record("told as blocked")
            return
        }
        #expect(try acts(spoiled).map(\.kind) == [.spoiled])
        #expect(try !isBlocked())
    }
}

/// A card that is pulled when it has done its block and before it says so.
private final class PulledAtBlock: CardChannel {
    private let channel: any CardChannel
    private let pull: () -> Void

    init(_ channel: any CardChannel, pull: @escaping () -> Void) {
        self.channel = channel
        self.pull = pull
    }

    var answerToReset: AnswerToReset { channel.answerToReset }
    var largestCommandData: Int { channel.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let answer = try channel.transmit(command)
        guard command.cla == 0x84, command.ins == 0x16 else { return answer }
        pull()
        throw .cardRemoved
    }

    func reset() throws(CardChannelError) { try channel.reset() }
}
