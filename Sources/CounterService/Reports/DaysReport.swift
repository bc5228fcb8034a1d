import CardData
import Lifecycle
import Registry

/// A report for programs.
struct DaysReport: Encodable {
    /// Acts of a kind by an officer.
    struct Acts: Encodable {
        let act: String
        let officer: UInt64
        let count: Int
    }

    /// What became of blanks: the used ones are the good and the spoiled.
    struct Blanks: Encodable {
        struct Row: Encodable {
            let officer: UInt64?
            let delivery: String?
            let used: Int
            let good: Int
            let spoiled: Int

            init(_ count: BlankUse.Count, officer: UInt64? = nil, delivery: String? = nil) {
                (self.officer, self.delivery) = (officer, delivery)
                (used, good, spoiled) = (count.used, count.good, count.spoiled)
            }
        }

        let all: Row
        let byOfficer: [Row]
        /// Blanks that came in with no delivery stand in a row without one.
        let byDelivery: [Row]

        init(_ blanks: BlankUse) {
            all = Row(blanks.all)
            byOfficer = blanks.byOfficer.map { Row($0.count, officer: $0.officer) }
            byDelivery = blanks.byDelivery.map { Row($0.count, delivery: $0.delivery?.description) }
        }
    }

    /// A card that waits.
    struct Waiting: Encodable {
        let cardNumber: String?
        let issueDate: String?
        let physical: String
    }

    let from: UInt32
    let to: UInt32
    let acts: [Acts]
    let losses: [EventReport]
    let spoiled: [EventReport]
    let lookUpsWithoutAct: [EventReport]
    let outsideHours: [EventReport]
    let fees: [EventReport]
    /// Cards that were made for somebody for whom another had been made shortly before.
    let repeats: [EventReport]
    let blanks: Blanks
    /// How many events each list has; the lists themselves end with the newest five hundred, or as many as were asked for.
    let totals: [String: Int]
    let uncollected: [String: Int]
    let oldestUncollected: [Waiting]
    /// Issues that are open now and whose fee was ticked as settled.
    let feesTicked: Int
    /// Fees of cards that their holders never got, for which nobody has answered yet.
    let feesOwed: Int
    /// Acts of these days that the upper tier has not acknowledged.
    let unsent: Int

    init(
        _ days: ClosedRange<UInt32>, _ report: OfficeReport, _ waiting: UncollectedCards, ages: [WaitingAge: Int],
        persons: [PersonReference: MaskedPerson], outstanding: Outstanding
    ) {
        func reports(_ listing: OfficeReport.Listing) -> [EventReport] {
            listing.newest.reversed().map { EventReport($0, persons: persons) }
        }
        (feesTicked, feesOwed, unsent) = (outstanding.feesTicked, outstanding.feesOwed, outstanding.unsent)
        from = days.lowerBound
        to = days.upperBound
        acts = report.acts.rows.map { Acts(act: $0.kind.name, officer: $0.officer, count: $0.count) }
        losses = reports(report.losses)
        spoiled = reports(report.spoiled)
        lookUpsWithoutAct = reports(report.lookUpsWithoutAct)
        outsideHours = reports(report.outsideHours)
        fees = reports(report.fees)
        repeats = reports(report.repeats)
        blanks = Blanks(report.blanks)
        totals = [
            "fees": report.fees.count, "repeats": report.repeats.count,
            "losses": report.losses.count, "spoiled": report.spoiled.count,
            "lookUpsWithoutAct": report.lookUpsWithoutAct.count, "outsideHours": report.outsideHours.count,
        ]
        uncollected = Dictionary(uniqueKeysWithValues: WaitingAge.allCases.map { ($0.rawValue, ages[$0] ?? 0) })
        oldestUncollected = waiting.oldest.map {
            Waiting(
                cardNumber: $0.facts?.number.text, issueDate: $0.facts?.issued.text,
                physical: $0.state.physical.rawValue)
        }
    }
}
