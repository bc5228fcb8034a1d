import CardData
import Issuing
import Lifecycle
import Registry

/// Open issues in their list: whose each is, and which card it replaces.
extension CounterWeb {
    /// An issue as the list tells it.
    ///
    /// Whoever began it is shown its person, masked, which is a look-up once a session; others see whom they have looked up themselves.
    func listedIssue(_ progress: IssueProgress, _ visitor: Visitor) async throws -> View {
        let language = visitor.language
        var row = issueRow(progress, language)
        var person = progress.person
        if let replacement = progress.replacement {
            let number = replacement.number
            row["old"] = ["number": number.printed, "path": "/cards/\(number.text)"] as View
            if person == nil { person = try await desk.registry { try $0.card(number: number) }?.facts?.person }
        }
        guard let person else {
            row["holderNote"] = pages.words.text("issueNobodyYet", language)
            return row
        }
        let isOwn = progress.officer == visitor.person.number
        let visitor = try await looking(at: isOwn ? person : nil, for: .issuing, visitor)
        if let seen = visitor.session.seen[person] {
            row["holder"] = ["name": seen.name, "number": seen.number] as View
        } else {
            row["holderNote"] = pages.words.text("issueHolderUnseen", language)
        }
        return row
    }
}
