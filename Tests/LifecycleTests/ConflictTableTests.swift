import CardData
import Lifecycle
import Testing

/// The table that is printed, against the sentences of lifecycle-and-sync.md §4.
@Suite struct ConflictTableTests {
    private func both(
        _ one: ConflictTable.Side, _ other: ConflictTable.Side
    ) throws -> [ConflictTable.Row] {
        [try ConflictTable.row(one, other), try ConflictTable.row(other, one)]
    }

    @Test func everyPairIsThereInBothOrders() throws {
        let rows = try ConflictTable.rows()
        #expect(rows.count == 14 * 14)
        #expect(Set(rows.map { "\($0.first) \($0.second)" }).count == 14 * 14)
    }

    @Test func twoLossesBothStand() throws {
        for row in try both(.temporaryLoss, .formalLoss) {
            #expect(row.card.state == .loss)
            #expect([row.rulingOnFirst, row.rulingOnSecond] == [.applied, .applied])
        }
    }

    @Test func lossStandsAgainstReleaseAndEnabling() throws {
        for row in try both(.release, .formalLoss) + both(.enable, .formalLoss) { #expect(row.card.state == .loss) }
        for row in try both(.release, .seeBlocked) { #expect(row.card.state == .normal) }
    }

    @Test func aReplacementWinsAndALossOfThePersonHoldsItsCard() throws {
        for row in try both(.replaceLost, .formalLoss) {
            #expect(row.card.end == .replaced)
            #expect(row.successors.map(\.state) == [.sealed], "the report named the old card")
        }
        for row in try both(.replaceLost, .formalLossOfPerson) {
            #expect(row.card.end == .replaced)
            #expect(row.successors.map(\.state) == [.hold])
            #expect([row.rulingOnFirst, row.rulingOnSecond].contains(.needsPerson(.successorOnHold)))
        }
    }

    @Test func ofTwoReplacementsTheFirstWins() throws {
        for row in try [ConflictTable.row(.replaceLost, .replaceLost)] + both(.replaceLost, .renew) {
            #expect(row.card.end == .replaced)
            #expect(row.successors.map(\.end) == [nil, .duplicate])
            #expect(row.rulingOnSecond == .needsPerson(.duplicateReplacement))
        }
    }

    @Test func aCancellationHoldsBothCards() throws {
        for row in try both(.cancel, .replaceLost) { #expect(row.successors.map(\.state) == [.hold]) }
        for row in try both(.cancel, .temporaryLoss) { #expect(row.card.state == .hold) }
    }

    @Test func aPINThatWasSetAnewDuringALossIsLookedAt() throws {
        for row in try both(.resetPIN, .temporaryLoss) {
            #expect([row.rulingOnFirst, row.rulingOnSecond].contains(.needsPerson(.pinResetDuringLoss)))
        }
        for row in try both(.changePIN, .temporaryLoss) {
            #expect([row.rulingOnFirst, row.rulingOnSecond] == [.applied, .applied])
        }
    }
}
