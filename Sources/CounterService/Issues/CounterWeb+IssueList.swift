import CardData
import Issuing
import Lifecycle
import Registry

/// Open issues in their list: whose each is, and which card it replaces.
extension CounterWeb {
    /// An issue as the list tells it.
    ///
    /// Everybody sees, masked, whom they have looked up in this session: a list is no look-up.
    func listedIssue(_ progress: IssueProgress, _ visitor: Visitor) async throws -> View {
        let language = visitor.language
        var row = issueRow(progress, language)
        if let number = progress.replacement?.number {
            row["old"] = ["number": number.printed, "path": "/cards/\(number.text)"] as View
        }
        guard let person = try await person(of: progress) else {
            row["holderNote"] = pages.words.text("issueNobodyYet", language)
            return row
        }
        if let holder = holder(person, visitor) {
            row["holder"] = holder
        } else {
            row["holderNote"] = pages.words.text("issueHolderUnseen", language)
        }
        return row
    }

    /// For whom an issue makes a card, as far as that is known: whose card is replaced is known before the issue has found them.
    func person(of progress: IssueProgress) async throws -> PersonReference? {
        if let person = progress.person ?? progress.intended { return person }
        guard let number = progress.replacement?.number else { return nil }
        return try await desk.registry { try $0.card(number: number) }?.facts?.person
    }

    /// Whoever makes cards once they have looked up the person of an open issue, since documents are ticked against them: an event, once in a
    /// session; as they came where two have to look.
    func looking(at person: PersonReference?, of progress: IssueProgress, _ visitor: Visitor) async throws -> Visitor {
        guard progress.end == nil, (try? checkMaker(visitor)) != nil else { return visitor }
        return try await looking(at: person, for: Self.purpose(of: progress), visitor)
    }

    /// The holder before the window, masked; nil for whoever has not looked them up in this session.
    func holder(_ person: PersonReference, _ visitor: Visitor) -> View? {
        visitor.session.seen[person].map { ["name": $0.name, "number": $0.number] }
    }
}
