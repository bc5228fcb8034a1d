import CardData
import Lifecycle

/// The pages of what a fault names, so that nobody has to look for them: an open issue, a card, an application, an event.
struct FaultLink: Hashable, Sendable {
    /// What a parameter of a fault names.
    private enum Kind {
        case issue
        case card
        case application
        case event
        case waiting
    }

    /// What is named, as the fault names it.
    let name: String
    /// The address of its page.
    let path: String

    private static let known: [FaultCode: [(parameter: String, kind: Kind)]] = [
        "issue.replacement-open": [("issue", .issue), ("card", .card)],
        "issue.chip-in-use": [("issue", .issue), ("card", .card)], "issue.card-open": [("issue", .issue)],
        "issue.application-stands": [("application", .application)],
        "lifecycle.application-open": [("application", .application)], "counter.loss-known": [("event", .event)],
        "counter.act-done": [("event", .event)], "counter.chip-blocked-already": [("event", .event)],
        "lifecycle.already-cancelled": [("event", .event)], "lifecycle.confirms-own": [("event", .event)],
        "issuing.has-card": [("number", .card)], "waiting.asked-already": [("waiting", .waiting)],
    ]

    /// Where a fault leads; nothing for one that names nothing with a page.
    static func links(of fault: Fault) -> [FaultLink] {
        (known[fault.code] ?? []).compactMap { parameter, kind in
            guard let name = fault.parameters[parameter], let path = path(of: name, kind) else { return nil }
            return FaultLink(name: name, path: path)
        }
    }

    private static func path(of name: String, _ kind: Kind) -> String? {
        switch kind {
        case .issue: name.allSatisfy(\.isHexDigit) ? "/issues/\(name)" : nil
        case .waiting: name.allSatisfy(\.isHexDigit) ? "/approvals/\(name)" : nil
        case .card: (try? CardNumber(name.filter { $0 != " " })).map { "/cards/\($0.text)" }
        case .application: EventIdentifier(word: name).map { "/applications/\($0.word)" }
        case .event: EventIdentifier(word: name).map { "/events/\($0.sequence)" }
        }
    }
}
