import CardCryptography
import CardData
import Foundation
import HTTPTypes
import Hummingbird
import Lifecycle

/// One request of somebody who is logged in.
struct Visitor: Sendable {
    /// No form of ours is larger, in bytes: a thousand chip serials.
    static let bodyLimit = 64 * 1024

    let request: Request
    /// The route that it came by, its parameters by their names.
    let route: String
    let parameters: Parameters
    let session: Session
    let person: Operator
    /// What was sent; nothing for a GET.
    let fields: Fields
    let language: MessageLanguage
    /// Where the log stood when the request came; nil where nobody asked.
    var head: UInt64?

    /// Whether the visitor handles acts at all: an administrator alone does not.
    var isOffice: Bool { person.role(among: []) != nil }

    /// Cards, and what was done with them, are for the offices: throws `counter.no-role` for somebody who handles no act.
    func demandOffice() throws(Faults) {
        guard isOffice else { throw Faults("counter.no-role") }
    }

    /// Whether reports, and whom others have looked at, are for this visitor's eyes.
    var seesReports: Bool { !person.roles.isDisjoint(with: [.supervisor, .administrator]) }

    /// The language of a browser's pages: Chinese unless the other was chosen.
    static func language(of request: Request) -> MessageLanguage {
        request.cookies["language"].flatMap { MessageLanguage(rawValue: $0.value) } ?? .chinese
    }

    /// The same request with other fields and what its session has learnt meanwhile, for a form that is shown again.
    func with(_ fields: Fields, _ session: Session) -> Visitor {
        Visitor(
            request: request, route: route, parameters: parameters, session: session, person: person, fields: fields,
            language: language, head: head)
    }

    /// The same request, of which it is known where the log stood when it came.
    func knowing(head: UInt64?) -> Visitor {
        var knowing = self
        knowing.head = head
        return knowing
    }

    /// A part of the address, its percent signs resolved.
    func parameter(_ name: String) -> String {
        parameters.get(name).map { $0.removingPercentEncoding ?? $0 } ?? ""
    }

    /// The key under which the form's act is done once; throws `counter.no-key` for a form without one.
    ///
    /// It is the operator's and no session's: who logs in again after a restart and sends the same once more is known by it.
    func key() throws(Faults) -> String {
        let header = HTTPField.Name("Idempotency-Key").flatMap { request.headers[$0] }
        let key = header ?? fields["key"]
        guard (16...64).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Faults("counter.no-key")
        }
        return "\(person.number) \(request.uri.path) \(key)"
    }
}
