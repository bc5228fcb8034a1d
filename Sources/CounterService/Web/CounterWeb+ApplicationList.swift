import CardData
import HTTPTypes
import Hummingbird
import Lifecycle
import Registry

/// The list of applications: by state, everybody's or one's own, page by page.
extension CounterWeb {
    /// How many rows a page has.
    private static let rows = 100

    /// For programs: a piece of the list, how long it is, and where it goes on; nothing is cut without a word.
    func applicationsAnswer(in state: ApplicationState, _ visitor: Visitor) async throws -> Response {
        let (pieceRows, parameters) = (1000, visitor.request.uri.queryParameters)
        let skipped = min(max(parameters["from"].flatMap { Int($0) } ?? 0, 0), 1_000_000_000)
        let (found, total) = try await desk.registry { registry in
            let (page, total) = try registry.applications(
                in: [state], enteredBy: nil, skipping: skipped, limit: pieceRows)
            let reports = try page.map { application in
                ApplicationReport(
                    application, seen: try registry.newestEvent(ofApplication: application.identifier))
            }
            return (reports, total)
        }
        var response = JSONAnswer.response(found)
        if let name = HTTPField.Name("X-Total-Count") { response.headers[name] = String(total) }
        let next = skipped + found.count
        if next < total, !found.isEmpty, let name = HTTPField.Name("Link") {
            response.headers[name] = "</api/applications?state=\(state.rawValue)&from=\(next)>; rel=\"next\""
        }
        return response
    }

    func applicationsPage(_ visitor: Visitor) async throws -> Response {
        let parameters = visitor.request.uri.queryParameters
        let chosen = parameters["state"].map(String.init)
        let states = ApplicationState.allCases
        let wanted = states.filter { $0.rawValue == chosen }
        let isMine = parameters["mine"] == "1"
        let skipped = min(max(parameters["from"].flatMap { Int($0) } ?? 0, 0), 1_000_000_000)
        let officer = isMine ? visitor.person.number : nil
        let (listed, total) = try await desk.registry { registry in
            try registry.applications(
                in: wanted.isEmpty ? states.filter { !$0.isFinal } : wanted, enteredBy: officer, skipping: skipped,
                limit: Self.rows)
        }
        let rows = try await self.listed(
            listed, listed.map { applicationRow($0, visitor.language) }, for: visitor)
        func path(_ state: String?, mine: Bool, from skipped: Int = 0) -> String {
            let parts = [state.map { "state=\($0)" }, mine ? "mine=1" : nil, skipped > 0 ? "from=\(skipped)" : nil]
            let query = parts.compactMap(\.self).joined(separator: "&")
            return "/applications" + (query.isEmpty ? "" : "?" + query)
        }
        let state = wanted.first?.rawValue
        var view: View = [
            "applications": rows, "hasApplications": !rows.isEmpty, "count": String(total),
            "states": states.map { state in
                [
                    "name": visitor.language.word(state), "path": path(state.rawValue, mine: isMine),
                    "isChosen": wanted.contains(state),
                ] as View
            }, "isAll": wanted.isEmpty, "allPath": path(nil, mine: isMine), "isMine": isMine,
            "everybodyPath": path(state, mine: false), "minePath": path(state, mine: true),
        ]
        if rows.count < total, !rows.isEmpty { view["span"] = "\(skipped + 1)–\(skipped + rows.count)" }
        if skipped > 0 { view["before"] = path(state, mine: isMine, from: max(0, skipped - Self.rows)) }
        if skipped + rows.count < total, !rows.isEmpty {
            view["after"] = path(state, mine: isMine, from: skipped + rows.count)
        }
        return show("applications", visitor, title: pages.words.text("applications", visitor.language), view)
    }
}
