import ByteText
import CardData
import CardLayout
import Foundation
import Hummingbird
import IssuerKeys
import Issuing
import Lifecycle
import Logging
import Personalization
import Registry

/// 即时制卡: a card made in front of its holder, all steps on one page, each with one confirmation and noted before the next.
extension CounterWeb {
    func addIssues(to router: Router<CounterContext>) {
        addReplacing(to: router)
        addFees(to: router)
        page(router, "/issues") { visitor in try await issuesPage(visitor) }
        form(router, "/issues/:issue/put-aside") { visitor in
            do {
                try await putAside(visitor)
                return goOn(to: "/issues")
            } catch let error as any FaultReporting {
                return try await issuesPage(visitor, error.faults)
            }
        }
        form(router, "/people/:person/issue") { visitor in
            let (reference, _) = try seenPerson(visitor)
            try checkMaker(visitor)
            let issue = try await begin(visitor, for: reference)
            return goOn(to: "/issues/\(issue)?person=\(reference.bytes.hexadecimal)")
        }
        page(router, "/issues/:issue") { visitor in try await issuePage(visitor) }
        form(router, "/issues/:issue") { visitor in
            do {
                if visitor.fields["step"] == Self.showingStep { return try await issuePage(visitor) }
                try await onceForIssue(visitor) { try await take(visitor) }
                let person = visitor.fields["person"]
                return goOn(to: visitor.request.uri.path + (person.isEmpty ? "" : "?person=\(person)"))
            } catch let error as any FaultReporting {
                return try await issuePage(visitor, error.faults)
            }
        }
        form(router, "/issues/:issue/abandon") { visitor in
            do {
                try await onceForIssue(visitor) { try await abandon(visitor) }
                return goOn(to: "/issues/\(visitor.parameter("issue"))")
            } catch let error as any FaultReporting {
                return try await issuePage(visitor, error.faults)
            }
        }
    }

    /// Does what a form of an issue asks for once, however often the form arrives.
    func onceForIssue(_ visitor: Visitor, _ work: @escaping @Sendable () async throws -> Void) async throws {
        let issue = visitor.parameter("issue")
        _ = try await desk.issues.once(visitor.key(), saying: visitor.fields) {
            try await work()
            return issue
        }
    }

    /// Gives the issue of the address up.
    func abandon(_ visitor: Visitor) async throws {
        try checkMaker(visitor)
        guard visitor.fields.isOn("abandon") else { throw Faults("issue.abandon-unsure") }
        let handling = try await desk.handling(for: [.spoil], by: visitor.person, visitor.fields)
        let word = visitor.fields["chipEnd"]
        let end = ChipEnd.allCases.first { "\($0)" == word }
        guard word.isEmpty || end != nil else {
            let known = ChipEnd.allCases.map { "\($0)" }.joined(separator: " ")
            throw Faults("counter.choice", ["field": "chipEnd", "known": known])
        }
        var ending: Handling?
        if end != nil { ending = try await desk.handling(for: [.endChip], by: visitor.person, visitor.fields) }
        _ = try await room.abandon(
            visitor.parameter("issue"), handledBy: handling, chip: end, ending: ending, in: visitor.fields["reader"])
    }

    /// Takes the damaged file of an issue out of the way.
    private func putAside(_ visitor: Visitor) async throws {
        try checkMaker(visitor)
        guard visitor.fields.isOn("looked-into") else { throw Faults("issue.put-aside-unsure") }
        let issue = visitor.parameter("issue")
        _ = try await room.putAside(issue, by: visitor.person.number)
        logger.notice("issue put aside", metadata: ["issue": "\(issue)", "operator": "\(visitor.person.number)"])
    }

    /// Begins an issue, once for each form, and gives its name.
    func begin(
        _ visitor: Visitor, replacing replacement: IssuingRequest.Replacement? = nil, for person: PersonReference
    ) async throws -> String {
        let room = room
        return try await desk.issues.once(visitor.key(), saying: visitor.fields) {
            try await room.beginIssue(
                layoutName: visitor.fields["layout"], officer: visitor.person.number, replacing: replacement,
                for: person
            ).identifier
        }
    }

    /// Cards are made by whoever has that role too.
    func checkMaker(_ visitor: Visitor) throws {
        guard room.keys != nil else { throw CardKeyError.notConfigured }
        guard visitor.person.roles.contains(.personalizer) else { throw Faults("counter.no-role") }
    }

    /// The layouts that this operator can make cards by; none without keys or the role.
    func issueLayouts(_ visitor: Visitor) throws(Faults) -> [View] {
        guard room.keys != nil, visitor.person.roles.contains(.personalizer) else { return [] }
        return try room.library.files.layoutNames.sorted(by: >).map { name throws(Faults) in
            let title = try title(ofLayout: name, visitor.language)
            return ["name": name, "title": title, "isChosen": name == "national-2.0"] as View
        }
    }

    /// Why no card can be made at this window now, for whoever looks for the button; nil where one can.
    func issueNote(_ visitor: Visitor) -> String? {
        let word: String? =
            if room.keys == nil {
                "issueNoKeys"
            } else if !visitor.person.roles.contains(.personalizer) {
                "issueNoRole"
            } else {
                hasReader ? nil : "issueNoReader"
            }
        return word.map { pages.words.text($0, visitor.language) }
    }

    /// What people call a layout.
    func title(ofLayout name: String, _ language: MessageLanguage) throws(Faults) -> String {
        try room.library.entry(name).compiled.layout.title(in: language)
    }

    /// A layout by the title that people know; by its name where no layout of that name is here any more.
    func shown(layout name: String, _ language: MessageLanguage) -> String {
        (try? title(ofLayout: name, language)) ?? name
    }

    // MARK: - Steps

    /// Does the step that the form confirms; making the card goes on by itself and is looked at meanwhile.
    func take(_ visitor: Visitor) async throws {
        try checkMaker(visitor)
        let issue = visitor.parameter("issue")
        let room = room
        let progress = try await room.blocking { try room.shelf.progress(issue) }
        guard let step = IssueStep(rawValue: visitor.fields["step"]) else { throw Faults("counter.form") }
        let reader = visitor.fields["reader"]
        if !reader.isEmpty { sessions.note(reader: reader, of: issue, in: visitor.session.identifier) }
        let input = try await input(for: step, of: progress, visitor)
        switch step {
        case .personalize:
            guard room.runs.begin(issue) else {
                if room.runs.isClosed { throw Faults("issue.stopping") }
                throw IssueFlowError.inHand
            }
            // A task of its own: a browser that goes away does not stop a card in the midst, and the service waits for it.
            Task {
                defer { desk.changes.ring() }
                do {
                    _ = try await room.perform(.personalize, of: issue, with: input, in: reader)
                    room.shelf.dropPhoto(of: issue)
                    _ = try await room.perform(.readBack, of: issue, with: input, in: reader)
                    room.runs.end(issue, [])
                } catch {
                    let faults = FaultStatus.faults(of: error)
                    tell(error, faults, of: visitor)
                    room.runs.end(issue, faults)
                }
            }
        case .findPerson:
            _ = try await room.perform(step, of: issue, with: input, in: reader)
            _ = try await room.perform(.checkDuplicates, of: issue, with: input, in: reader)
        case .photo:
            do {
                _ = try await room.perform(step, of: issue, with: input, in: reader)
            } catch {
                // A picture that does not do is chosen anew; one that was confirmed stays.
                if progress.next == .photo { room.shelf.dropPhoto(of: issue) }
                throw error
            }
        default:
            let now = try await room.perform(step, of: issue, with: input, in: reader)
            if now.end != nil { room.shelf.dropPhoto(of: issue) }
        }
    }

    private func input(
        for step: IssueStep, of progress: IssueProgress, _ visitor: Visitor
    ) async throws -> IssueInput {
        let fields = visitor.fields
        var reset: IssueInput.PINReset?
        if step == .setPIN, !fields["ticket"].isEmpty {
            let room = room
            reset = IssueInput.PINReset(
                ticket: fields["ticket"], approval: try await room.blocking { try room.approval(fields["approval"]) })
        }
        let handling = try await desk.handling(
            for: step.transitions(resets: reset != nil), by: visitor.person, fields)
        let pin = step == .setPIN ? try PINForm.newPIN(fields) : nil
        var person: PersonRecord?
        if [.findPerson, .checkDuplicates, .photo, .confirm, .personalize].contains(step) {
            // Until the holder has said yes to it, another photo may take its place.
            if step == .photo, [.photo, .confirm].contains(progress.next) {
                try await keepPhoto(of: progress, visitor)
            }
            person = try await record(of: progress, visitor)
        }
        return IssueInput(
            person: person, isOnRecord: true, handling: handling, isConfirmed: fields.isOn("confirmed"), pin: pin,
            oldCardHindrance: step == .blockOld ? try hindrance(fields) : nil, pinReset: reset,
            expecting: try await shown(at: step, of: progress, visitor))
    }

    /// The card that a step's act is about: the old one while it is ended and blocked, the new one afterwards; nil where there is none.
    func subject(of step: IssueStep, _ progress: IssueProgress) async throws -> RegisteredCard? {
        let (old, new) = (progress.replacement?.number, progress.card)
        return try await desk.registry { registry in
            switch step {
            case .personalize, .blockOld: try old.flatMap { try registry.card(number: $0) }
            case .setPIN, .handOver, .enable: try new.flatMap { try registry.card($0) }
            case .checkBlank, .findPerson, .checkDuplicates, .photo, .confirm, .readBack, .slip: nil
            }
        }
    }

    /// The newest event that the form had shown of the card which the step is about.
    ///
    /// A step that is done already asks nothing of it: it is not done again.
    private func shown(at step: IssueStep, of progress: IssueProgress, _ visitor: Visitor) async throws -> UInt64? {
        guard step == progress.next else { return nil }
        return try await subject(of: step, progress).flatMap { card throws(RegistryError) in try seen(of: card, visitor)
        }
    }

    /// Why the old card is not blocked; nil where it lies in the reader and is.
    private func hindrance(_ fields: Fields) throws(Faults) -> ChipEnd? {
        guard let chosen = ChipEnd.allCases.first(where: { "\($0)" == fields["oldCard"] }) else {
            let known = ChipEnd.allCases.map { "\($0)" }.joined(separator: " ")
            throw Faults("counter.choice", ["field": "oldCard", "known": known])
        }
        return chosen == .blocked ? nil : chosen
    }

    /// The person's row from the registry, which is a look-up: of whom the issue has found, whom the session saw, or whose number
    /// was typed.
    private func record(of progress: IssueProgress, _ visitor: Visitor) async throws -> PersonRecord {
        let reference: PersonReference
        let purpose = Self.purpose(of: progress)
        let named = [UInt8](hexadecimal: visitor.fields["person"]).flatMap { PersonReference(bytes: $0) }
        if let found = progress.person ?? progress.intended {
            reference = found
        } else if let named, visitor.session.seen[named] != nil {
            reference = named
        } else {
            let number = try SocialSecurityNumber(visitor.fields.number("citizenNumber"))
            reference = try await lookUp(number, for: purpose, by: visitor)
        }
        guard let person = try await personInHand(reference, for: purpose, by: visitor) else {
            throw Faults("counter.not-found")
        }
        let room = room
        let photo = try await room.blocking { try room.shelf.photo(of: progress.identifier) }
        return PersonRecord(of: person, photo: photo)
    }

    /// Why somebody who makes a card looks its holder up.
    static func purpose(of progress: IssueProgress) -> LookUpPurpose {
        progress.replacement == nil ? .issuing : .replacement
    }

    private func keepPhoto(of progress: IssueProgress, _ visitor: Visitor) async throws {
        let text = visitor.fields["photo"]
        guard !text.isEmpty else { return }
        guard let data = Data(base64Encoded: text), !data.isEmpty else { throw Faults("issue.photo-unreadable") }
        // One that does not do puts no good one out of its place.
        if progress.next == .confirm { try Picture(padded: Array(data)).checkStructure() }
        let room = room
        try await room.blocking { try room.shelf.keep(photo: Array(data), for: progress.identifier) }
    }
}
