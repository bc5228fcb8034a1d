import ArgumentParser
import CardData
import Foundation
import Lifecycle

/// What a report of a loss says.
struct LossOptions: ParsableArguments {
    @Option(
        help: "报失人 Who reports: holder, agent; an agent shows a document for a formal loss (--proof agent-document).")
    var reporter = "holder"
    @Option(help: "挂失对象 What is lost: card (this one), person (the person's card, whichever it is).")
    var subject = "card"
    @Option(help: "何时遗失 Since when, for example 2026-11-28T17:29:00+08:00; for liability alone.")
    var lostSince: String?

    /// The report; throws every fault of the options at once.
    func report(_ channel: LossReport.Channel, now: UInt64) throws(Faults) -> LossReport {
        var faults = FaultCollector()
        let reporter = faults.attempt { () throws(Faults) in
            try word(self.reporter, LossReport.Reporter.allCases) { "\($0)" }
        }
        let subject = faults.attempt { () throws(Faults) in
            try word(self.subject, LossReport.Subject.allCases) { "\($0)" }
        }
        let since = faults.attempt { () throws(Faults) in
            try lostSince.map { text throws(Faults) in
                let moment = (try? Date(text, strategy: .iso8601)).map { $0.timeIntervalSince1970 * 1000 }
                guard let moment, moment >= 0, moment <= Double(now) else {
                    throw Faults("counter.lost-since", ["value": text])
                }
                return UInt64(moment)
            }
        }
        try faults.check()
        return LossReport(
            channel: channel, reporter: reporter ?? .holder, subject: subject ?? .card, lostSince: since ?? nil)
    }
}
