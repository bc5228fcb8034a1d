import Lifecycle
import Testing

@testable import CounterService

/// Which acts want the card itself, and that nobody's word stands for it.
@Suite struct ChipDemandTests {
    private func demand(_ form: CardActForm, _ transition: Transition) -> (ChipDemand, [TransitionRow]) {
        let rows = [TransitionTable.row(transition)]
        return (ChipDemand(of: form, rows), rows)
    }

    @Test func whatTheRulesWantReadIsReadWhateverWasTicked() {
        let (demand, rows) = demand(.enable, .enable)
        #expect(demand == .always)
        #expect(demand.isOpen(rows, proofs: [.pinChanged, .paper], hasReader: false))
    }

    @Test func aPaperStandsInWhereTheRulesSaySo() {
        let (demand, rows) = demand(.destroy, .destroy)
        #expect(demand == .orProof)
        #expect(demand.isOpen(rows, proofs: [], hasReader: false))
        #expect(demand.isOpen(rows, proofs: .identityDocument, hasReader: true))
        #expect(!demand.isOpen(rows, proofs: .paper, hasReader: true))
    }

    @Test func aCardThatLeavesIsReadWhereThereIsAReader() {
        let (demand, rows) = demand(.handOver, .handOver)
        #expect(demand == .atReader)
        #expect(demand.isOpen(rows, proofs: [], hasReader: true))
        #expect(!demand.isOpen(rows, proofs: [], hasReader: false))
    }

    @Test func otherActsWantNoCard() {
        let (demand, rows) = demand(.temporaryLoss, .temporaryLoss)
        #expect(demand == .none)
        #expect(!demand.isOpen(rows, proofs: [], hasReader: true))
    }

    @Test func noFormTicksThatACardWasRead() {
        let fields = Fields(values: ["proof-card-read": "on", "proof-paper": "on"])
        #expect(fields.proofs == .paper)
    }

    @Test func aCountTellsWhichSerialsWereNotReadHere() throws {
        let keeper = Operator(number: 3001, name: "王三", roles: [.stockKeeper])
        let fields = Fields(values: ["serials-blank": "9901000001 9901000002"])
        let read: Set<[UInt8]> = [[0x99, 0x01, 0x00, 0x00, 0x01], [0x77]]
        guard case .dayClosed(let count) = try StockForm.closeDay.act(by: keeper, today: 20_261_128, fields, read: read)
        else {
            Issue.record("no day's end")
            return
        }
        #expect(count.typed?.serials == [[0x99, 0x01, 0x00, 0x00, 0x02]])
    }
}
