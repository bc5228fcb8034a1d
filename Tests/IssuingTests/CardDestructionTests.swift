import CardApplication
import CardData
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// A card that two persons destroy: its chip is blocked first where it lies in the reader, or the log says why it was not.
@Suite struct CardDestructionTests {
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 2001, role: .supervisor))
    private static let teller = Handling(
        by: Officer(number: 1002, role: .teller), second: Officer(number: 2001, role: .supervisor),
        proofs: [.identityDocument, .paper, .cardRead])

    private let counter: Counter
    private let chip: VirtualCard
    private let reference: CardReference

    init() throws {
        counter = try Counter()
        chip = try counter.blank()
        reference = CardReference(try counter.issue(chip).identificationCode)
    }

    private var card: RegisteredCard { get throws { try #require(try counter.registry.card(reference)) } }

    /// It has ended, and lies where it was made.
    private func end() throws {
        let cancelled = try counter.registry.record(.cancelled(.death), on: reference, handledBy: Self.teller)
        let upperTier = Handling(
            by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier))
        try counter.registry.record(
            .cancellationConfirmed(cancelled.identifier), on: reference, handledBy: upperTier)
    }

    private func desk() throws -> OldCardDesk {
        OldCardDesk(
            registry: counter.registry, preparation: counter.preparation,
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true),
            journalFolder: counter.folder + "/journal", sealingKey: try SealingKey.load(in: counter.folder + "/journal")
        )
    }

    private func acts() throws -> [Act] { try counter.registry.events(of: reference).map(\.body.act) }

    private func isBlocked(_ card: VirtualCard) throws -> Bool {
        try VirtualCardChannel(card).transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8)).statusWord
            == .functionNotSupported
    }

    @Test func theCardInTheReaderIsBlockedAndBothAreBookedTogether() throws {
        try end()
        let seen = try card.lastSequence
        let done = try desk().destroy(card, handledBy: Self.keeper, expecting: seen, through: VirtualCardChannel(chip))
        #expect(try isBlocked(chip))
        #expect(done.refusal == nil)
        #expect(try acts().suffix(2) == [.chipEnded(.blocked), .destroyed])
        #expect(try card.lastSequence == done.event.sequence)
        #expect(try card.state.physical == .destroyed)
        #expect(try counter.registry.verify().isGood)
    }

    /// What the registry refuses is refused while the card still answers.
    @Test func aDestructionThatIsRefusedLeavesTheChipAlone() throws {
        #expect(throws: RegistryError.self, "it is not ended") {
            try desk().destroy(card, handledBy: Self.keeper, through: VirtualCardChannel(chip))
        }
        try end()
        let alone = Handling(by: Self.keeper.officer)
        #expect(throws: RegistryError.self, "nobody beside the keeper") {
            try desk().destroy(card, handledBy: alone, through: VirtualCardChannel(chip))
        }
        let stale = try card.lastSequence - 1
        #expect(throws: RegistryError.cardChanged(reference)) {
            try desk().destroy(card, handledBy: Self.keeper, expecting: stale, through: VirtualCardChannel(chip))
        }
        #expect(try !isBlocked(chip))
        #expect(try !acts().contains(.destroyed))
    }

    @Test func anotherCardIsNeitherBlockedNorBooked() throws {
        try end()
        let other = try counter.blank(2)
        _ = try counter.issue(other, counter.otherRow)
        #expect(throws: ChipError.self) {
            try desk().destroy(card, handledBy: Self.keeper, through: VirtualCardChannel(other))
        }
        #expect(try !isBlocked(other) && !acts().contains(.destroyed))
    }

    /// A crash after the card was blocked, before its events.
    @Test func aCardThatWasBlockedAlreadyIsDestroyedAllTheSame() throws {
        try end()
        try desk().block(card, through: VirtualCardChannel(chip))
        _ = try desk().destroy(card, handledBy: Self.keeper, through: VirtualCardChannel(chip))
        #expect(try acts().suffix(2) == [.chipEnded(.blocked), .destroyed])
    }

    @Test func aChipThatRefusesItsBlockIsBookedAsSuchAndDestroyed() throws {
        try end()
        let channel = AnsweringChannel(try VirtualCardChannel(chip), refusing: .secureMessagingIncorrect) {
            $0.cla == 0x84 && $0.ins == 0x16
        }
        let done = try desk().destroy(card, handledBy: Self.keeper, through: channel)
        #expect(done.refusal?.faults.last?.code.rawValue == "authentication.mac")
        #expect(try acts().suffix(2) == [.chipEnded(.refused), .destroyed])
        #expect(try !isBlocked(chip))
    }
}
