import ByteText
import CardData
import Issuing
import Lifecycle
import Registry

/// An issue, as far as it is: nothing of the person but the reference.
struct IssueReport: Encodable {
    /// What a step failed of last.
    struct Failure: Encodable {
        let step: String
        let code: String
        let milliseconds: UInt64
    }

    /// A card that is being made, or was a moment ago.
    struct Run: Encodable {
        let isRunning: Bool
        let done: Int
        let total: Int?
        let faults: [String]
    }

    let issue: String
    let layout: String
    let officer: UInt64
    let begunAt: UInt64
    let steps: [String]
    let done: String?
    let next: String?
    let end: String?
    let failure: Failure?
    let person: String?
    let card: String?
    let replaces: String?
    let owesFee: Bool
    let events: [String]
    /// The newest event of the card that the next step is about.
    let seen: UInt64?
    let run: Run?

    init(_ progress: IssueProgress, run: IssueRuns.Run?, seen: UInt64?, holder: PersonReference? = nil) {
        issue = progress.identifier
        layout = progress.layoutName
        officer = progress.officer
        begunAt = progress.begunAt
        steps = progress.steps.map(\.rawValue)
        done = progress.done?.rawValue
        next = progress.next?.rawValue
        end = progress.end?.rawValue
        failure = progress.failure.map { Failure(step: $0.step.rawValue, code: $0.code, milliseconds: $0.at) }
        person = (progress.person ?? holder)?.bytes.hexadecimal
        card = progress.card?.text
        replaces = progress.replacement?.number.text
        owesFee = progress.owesFee
        events = progress.events.map(\.description)
        self.seen = seen
        self.run = run.map {
            Run(
                isRunning: $0.outcome == nil, done: $0.done, total: $0.total,
                faults: $0.outcome?.map(\.code.rawValue) ?? [])
        }
    }
}

/// The issues that are open, and the names of those whose files are damaged.
struct IssuesReport: Encodable {
    let issues: [IssueReport]
    let damaged: [String]
}

/// Persons whose name begins so, masked.
struct NamesReport: Encodable {
    /// One of them.
    struct Match: Encodable {
        let person: String
        let name: String
        let number: String
        let year: String
        let sex: String
    }

    let matches: [Match]
    let hasMore: Bool

    init(_ found: NameSearch) {
        matches = found.matches.map { match in
            Match(
                person: match.reference.bytes.hexadecimal, name: match.person.name.masked,
                number: match.person.number.masked, year: String(match.person.birthDate.text.prefix(4)),
                sex: String(match.person.sex.rawValue))
        }
        hasMore = found.hasMore
    }
}

/// A slip that a program prints: the event, what its code says, whether one was printed before.
struct SlipReport: Encodable {
    let slip: UInt64
    let isCopy: Bool
    let code: String
    let holderName: String?
    let holderNumber: String?
    let event: EventReport

    init(_ logged: LoggedEvent, _ print: SlipPrint, isTraining: Bool) {
        slip = logged.event.slip
        isCopy = print.isCopy
        event = EventReport(logged)
        code = SlipCode(event: logged.event.identifier, hash: event.hash, isTraining: isTraining).text
        holderName = print.holder?.name
        holderNumber = print.holder?.number
    }
}
