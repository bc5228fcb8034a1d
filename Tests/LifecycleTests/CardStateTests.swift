import Lifecycle
import Testing

/// Words and codes are those of lifecycle-and-sync.md §3 C and card.md §5.1 A.
@Suite struct CardStateTests {
    private func restriction(_ kind: Restriction.Kind) -> Restriction {
        Restriction(kind, openedBy: EventIdentifier(counter: 1, sequence: UInt64(kind.rawValue)))
    }

    @Test func theMostSevereWordIsShown() {
        var state = CardState(physical: .withHolder, social: .enabled)
        #expect(state.shown == .normal)
        state = CardState(physical: .withHolder, social: .sealed)
        #expect(state.shown == .sealed)
        var open: Set<Restriction> = []
        for (kind, word) in [
            (Restriction.Kind.pinLock, ShownState.pinLock), (.temporaryLoss, .temporaryLoss), (.hold, .hold),
            (.loss, .loss), (.cancellation, .loss),
        ] {
            open.insert(restriction(kind))
            for social in [SocialFunction.sealed, .enabled] {
                state = CardState(physical: .withHolder, social: social, restrictions: open)
                #expect(state.shown == word)
                #expect(!state.isUsable)
            }
        }
        state = CardState(physical: .withHolder, social: .ended(.cancelled), restrictions: open)
        #expect(state.shown == .ended)
    }

    @Test func eachWordHasItsNationalCode() {
        let codes: [ShownState: UInt8] = [
            .sealed: 0, .normal: 1, .loss: 2, .hold: 3, .pinLock: 3, .temporaryLoss: 4, .ended: 9,
        ]
        for word in ShownState.allCases { #expect(word.applicationStatus == codes[word]) }
    }

    @Test func wordsAreNeverTheSame() {
        #expect(Set(ShownState.allCases.map(\.chinese)).count == ShownState.allCases.count)
        #expect(Set(ShownState.allCases.map(\.english)).count == ShownState.allCases.count)
    }
}
