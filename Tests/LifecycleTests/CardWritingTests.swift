import CardData
import Lifecycle
import Testing

/// Whether data may be written on a card in hand: lifecycle-and-sync.md §3, the rows of 数据变更.
@Suite struct CardWritingTests {
    private func codes(_ state: CardState) -> [String] {
        do {
            try state.checkWriting()
            return []
        } catch {
            return error.faults.map(\.code.rawValue)
        }
    }

    private func state(_ kinds: [Restriction.Kind], social: SocialFunction = .enabled) -> CardState {
        CardState(
            physical: .withHolder, social: social,
            restrictions: Set(
                kinds.enumerated().map { Restriction($1, openedBy: EventIdentifier(counter: 1, sequence: UInt64($0))) })
        )
    }

    @Test func aCardInUseMayBeWritten() {
        #expect(codes(state([])) == [])
        #expect(codes(state([.pinLock])) == [])
        #expect(codes(state([], social: .sealed)) == [])
    }

    @Test(arguments: [Restriction.Kind.loss, .temporaryLoss, .hold, .cancellation])
    func aReportOrOrderStandsAgainstIt(kind: Restriction.Kind) {
        #expect(codes(state([kind])) == ["lifecycle.restricted"])
    }

    @Test func anEndedCardIsNotWritten() {
        #expect(codes(state([.loss], social: .ended(.replaced))) == ["lifecycle.ended"])
    }
}
