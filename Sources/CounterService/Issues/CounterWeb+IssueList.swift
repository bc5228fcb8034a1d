import CardData
import Issuing
import Lifecycle
import Registry

/// Open issues in their list: whose each is, and which card it replaces.
extension CounterWeb {
    /// An issue as the list tells it.
    ///
    /// Whoever began it is shown its person, masked; others see whom they have looked up themselves.
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
        if let holder = try await holder(person, of: progress, visitor) {
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

    /// The holder before the window, masked: for whoever makes cards, also after a restart and a new log-in, since documents are ticked
    /// against it; for others whom they have looked up in this session.
    ///
    /// It is the person of work in hand and no look-up.
    func holder(_ person: PersonReference, of progress: IssueProgress, _ visitor: Visitor) async throws -> View? {
        if let seen = visitor.session.seen[person] { return ["name": seen.name, "number": seen.number] }
        guard (try? checkMaker(visitor)) != nil,
            let masked = try await desk.registry({ try $0.masked([person])[person] })
        else { return nil }
        return ["name": masked.name, "number": masked.number]
    }
}
