import CardApplication
import ISO7816
import Personalization
import Testing
import VirtualCard

/// Cards of every kind and maker torn at each command of their plans.
///
/// In both families: before the command, and after the card did it but before it answered. Put in again, each ends in its class, and a
/// finished one in the image of a card that was never torn.
@Suite struct EveryCutTests {
    /// A layout on a profile, and which share of its cuts is tried where not all are asked for; 1 for all.
    struct Kind: Hashable, Sendable, CustomTestStringConvertible {
        let layout: String
        let each: Int

        var testDescription: String { layout }
    }

    static let kinds = [
        Kind(layout: "national-2.0", each: 1), Kind(layout: "national-1.0", each: 9),
        Kind(layout: "national-3.0", each: 9),
        Kind(layout: "example-region", each: 9), Kind(layout: "national-2.0@fmcos-ssse-sm4", each: 9),
        Kind(layout: "national-2.0@fmcos", each: 9), Kind(layout: "national-2.0@timecos", each: 9),
        Kind(layout: "national-2.0@t514", each: 9), Kind(layout: "national-2.0@mcos", each: 9),
    ]

    /// Written here, not asked of the code: the master file's key file stands and its first key, the command behind it, does not, so nobody
    /// has a right in the card any more.
    private func spoilingCut(_ plan: CardPlan, _ moment: FaultChannel.Moment) throws -> Int {
        let keyFile = try #require(plan.steps.firstIndex { $0.purpose == Purpose(.createKeyFile, "MF") })
        return moment == .beforeAnswer ? keyFile : keyFile + 1
    }

    @Test(arguments: kinds, FaultChannel.Moment.allCases)
    func everyCutEndsInItsClassAndAnIdenticalImage(kind: Kind, moment: FaultChannel.Moment) throws {
        let factory = try CardFactory(layout: kind.layout)
        let values = factory.person(of: kind.layout)
        let plan = try factory.plan(values)
        let whole = try factory.blank()
        let first = try factory.workshop()
        defer { first.close() }
        try first.begin(plan, on: VirtualCardChannel(whole), values: values)
        let finished = whole.image
        let spoiling = try spoilingCut(plan, moment)
        for cut in CutPoints.of(plan, each: kind.each) {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: cut, moment) { card.powerOff() }
            do {
                try workshop.begin(plan, on: torn, values: values)
                #expect(cut == plan.commandCount, "cut \(cut) did not tear the card")
            } catch PersonalizationError.interrupted {}
            do {
                try workshop.resume(plan, on: VirtualCardChannel(card))
                #expect(cut != spoiling, "cut \(cut)")
                #expect(card.image.elementsEqual(finished), "cut \(cut)")
            } catch PersonalizationError.spoiled {
                #expect(cut == spoiling, "cut \(cut)")
            }
        }
    }
}
