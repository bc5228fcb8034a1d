import CardData
import Foundation
import Hummingbird
import Lifecycle
import Registry

/// Applications that wait for a decision: page by page, and an employer's batch on one screen, approved as a whole.
extension CounterWeb {
    /// How many rows a page has.
    private static let rows = 100
    /// How many of a batch are shown.
    private static let sample = 10

    func addBatches(to router: Router<CounterContext>) {
        page(router, "/approvals/batch") { visitor in try await batchPage(visitor) }
        form(router, "/approvals/batch") { visitor in
            do {
                let approved = try await onceLeading(visitor) { try await approveBatch(visitor) }
                let left = try await batch(visitor)?.batch.count ?? 0
                return goOn(to: Self.path(ofBatch: visitor.fields["batch"], "&approved=\(approved)&left=\(left)"))
            } catch let error as any FaultReporting {
                return try await batchPage(visitor, error.faults)
            }
        }
        reading(router, "/api/approvals/batches") { visitor in
            try visitor.demandOffice()
            let found = try await desk.registry { try $0.batches(in: .submitted, limit: 10_000) }
            return JSONAnswer.response(found.map(BatchReport.init))
        }
        acting(router, "/api/approvals/batch") { visitor in
            let approved = try await onceLeading(visitor) { try await approveBatch(visitor) }
            let left = try await batch(visitor)?.batch.count ?? 0
            return JSONAnswer.response(["approved": Int(approved) ?? 0, "left": left], status: .created)
        }
    }

    /// A page of the applications that wait, and the batches that they came with.
    func applicationsToApprove(_ visitor: Visitor) async throws -> View {
        let parameters = visitor.request.uri.queryParameters
        let skipped = min(max(parameters["from"].flatMap { Int($0) } ?? 0, 0), 1_000_000_000)
        let (waiting, batches) = try await desk.registry { registry in
            (
                try registry.applications(in: [.submitted], enteredBy: nil, skipping: skipped, limit: Self.rows),
                try registry.batches(in: .submitted, limit: Self.rows)
            )
        }
        let (listed, total) = waiting
        let rows = try await self.listed(listed, listed.map { approvalRow($0, visitor) }, for: visitor)
        var view: View = [
            "applications": rows, "hasApplications": !listed.isEmpty,
            "count": String(total),
            "batches": batches.map { batch in
                ["number": batch.number, "count": String(batch.count), "path": Self.path(ofBatch: batch.number)]
                    as View
            }, "hasBatches": !batches.isEmpty,
        ]
        if listed.count < total, !listed.isEmpty { view["span"] = "\(skipped + 1)–\(skipped + listed.count)" }
        if skipped > 0 { view["before"] = "/approvals?from=\(max(0, skipped - Self.rows))" }
        if skipped + listed.count < total, !listed.isEmpty {
            view["after"] = "/approvals?from=\(skipped + listed.count)"
        }
        return view
    }

    private func approvalRow(_ application: Lifecycle.Application, _ visitor: Visitor) -> View {
        var row = applicationRow(application, visitor.language)
        row["path"] = "/approvals/applications/\(application.identifier.word)"
        row["isMine"] = application.enteredBy == visitor.person.number
        row["mayConfirm"] = ApplicationForm.approve.isPossible(application, by: visitor.person, under: desk.policy)
        return row
    }

    /// Approves the batch that the form names, if it is still as the form showed it; gives how many were approved.
    private func approveBatch(_ visitor: Visitor) async throws -> String {
        try visitor.demandOffice()
        let fields = visitor.fields
        let handling = try await desk.handling(for: [.approve], by: visitor.person, fields)
        let number = fields["batch"]
        var shown: ApplicationBatch?
        if !fields["seen"].isEmpty {
            guard let count = Int(fields["count"]), let newest = UInt64(fields["seen"]) else {
                throw Faults("counter.form")
            }
            shown = ApplicationBatch(number: number, count: count, newest: newest)
        }
        let events = try await desk.registry { [shown] registry in
            try registry.approve(batch: number, expecting: shown, handledBy: handling)
        }
        for _ in events { desk.metrics.count(act: .approved) }
        return String(events.count)
    }

    /// The batch that the form or the address names, as it waits now; nil when nothing of it waits.
    private func batch(
        _ visitor: Visitor
    ) async throws -> (batch: ApplicationBatch, first: [Lifecycle.Application])? {
        let number = number(ofBatch: visitor)
        return try await desk.registry { try $0.batch(number, in: .submitted, showing: Self.sample) }
    }

    private func number(ofBatch visitor: Visitor) -> String {
        let named = visitor.request.uri.queryParameters["number"].map { String($0) }
        return visitor.fields["batch"].isEmpty ? named ?? "" : visitor.fields["batch"]
    }

    private func batchPage(_ visitor: Visitor, _ faults: [Fault] = []) async throws -> Response {
        try visitor.demandOffice()
        let parameters = visitor.request.uri.queryParameters
        var view: View = ["number": number(ofBatch: visitor)]
        if let approved = parameters["approved"].flatMap({ Int($0) }) {
            let left = parameters["left"].flatMap { Int($0) } ?? 0
            view["done"] = ["approved": String(approved), "left": String(left)] as View
        }
        if let (batch, first) = try await batch(visitor) {
            view["batch"] =
                [
                    "count": String(batch.count), "seen": String(batch.newest),
                    "now": String(min(batch.count, Registry.batchStep)), "isMore": batch.count > Registry.batchStep,
                    "isSample": batch.count > first.count, "sample": String(first.count),
                ] as View
            view["applications"] = try await listed(first, first.map { approvalRow($0, visitor) }, for: visitor)
            let row = TransitionTable.row(.approve)
            view["mayApprove"] = visitor.person.role(among: row.officers).map(row.officers.contains) ?? false
            view["second"] = secondView([row], desk.policy.twoPersonActs.contains(.approve), visitor)
        }
        return show("batch", visitor, title: pages.words.text("batchApproval", visitor.language), faults: faults, view)
    }

    /// The address of a batch's screen, whatever its number is made of.
    private static func path(ofBatch number: String, _ more: String = "") -> String {
        "/approvals/batch?number=\(number.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")\(more)"
    }
}

/// A batch of which applications wait.
struct BatchReport: Encodable {
    let batch: String
    let count: Int
    let seen: UInt64

    init(_ batch: ApplicationBatch) {
        self.batch = batch.number
        count = batch.count
        seen = batch.newest
    }
}
