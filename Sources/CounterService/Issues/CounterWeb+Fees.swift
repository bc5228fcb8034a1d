import CardData
import Hummingbird
import Issuing
import Lifecycle
import Logging
import Registry

/// 费用: a fee that was settled for a card which its holder never got leaves a paper, and waits until somebody says what became of it.
extension CounterWeb {
    func addFees(to router: Router<CounterContext>) {
        page(router, "/issues/:issue/fee") { visitor in
            try visitor.demandOffice()
            let (room, issue) = (room, visitor.parameter("issue"))
            let progress = try await room.blocking { try room.shelf.progress(issue) }
            guard progress.owesFee || progress.feeSettlement != nil else { throw IssueFlowError.owesNothing(issue) }
            var view = feeView(progress, visitor.language)
            view["isReceipt"] = configuration.slipPaper == .receipt
            return show("fee", visitor, title: pages.words.text("feePaper", visitor.language), view)
        }
        form(router, "/issues/:issue/fee") { visitor in
            do {
                try await onceForIssue(visitor) { try await settleFee(visitor) }
                return goOn(to: "/issues")
            } catch let error as any FaultReporting {
                return try await issuesPage(visitor, error.faults)
            }
        }
    }

    private func settleFee(_ visitor: Visitor) async throws {
        try checkMaker(visitor)
        guard let way = FeeAnswer.Way.allCases.first(where: { $0.name == visitor.fields["fee"] }) else {
            let known = FeeAnswer.Way.allCases.map(\.name).joined(separator: " ")
            throw Faults("counter.choice", ["field": "fee", "known": known])
        }
        let issue = visitor.parameter("issue")
        let handling = try await desk.handling(for: [.answerFee], by: visitor.person, visitor.fields)
        try await room.settleFee(of: issue, way, handledBy: handling)
        desk.metrics.count(act: .feeAnswered)
        logger.notice(
            "fee settled",
            metadata: ["issue": "\(issue)", "way": "\(way.name)", "operator": "\(visitor.person.number)"])
    }

    /// The issues whose fee is owed.
    func owedFees(_ language: MessageLanguage) async throws -> [View] {
        let room = room
        return try await room.blocking { try room.shelf.owingFees() }.map { feeView($0, language) }
    }

    /// An issue as its fee's paper and the list tell it.
    private func feeView(_ progress: IssueProgress, _ language: MessageLanguage) -> View {
        var view = issueRow(progress, language)
        if let replacement = progress.replacement {
            view["old"] =
                ["number": replacement.number.printed, "path": "/cards/\(replacement.number.text)"] as View
            view["reason"] = pages.words.text("replacement-\(replacement.reason)", language)
            view["officer"] = String(replacement.handling.officer.number)
            view["second"] = replacement.handling.second.map { String($0.number) }
        }
        if let end = progress.end { view["end"] = pages.words.text("issue-end-\(end.rawValue)", language) }
        if let failure = progress.failure {
            view["failed"] = told(ofFailure: failure.code, language) ?? pages.words.text("failedUntold", language)
        }
        if let settlement = progress.feeSettlement {
            view["settled"] =
                [
                    "way": pages.words.text("fee-\(settlement.way.name)", language),
                    "officer": String(settlement.officer), "at": Moment.text(settlement.at),
                ] as View
        }
        view["ways"] = FeeAnswer.Way.allCases.map { way in
            ["value": way.name, "name": pages.words.text("fee-\(way.name)", language)] as View
        }
        return view
    }
}
