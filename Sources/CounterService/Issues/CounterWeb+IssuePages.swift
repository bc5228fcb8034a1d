import ByteText
import CardData
import CardLayout
import Hummingbird
import Issuing
import Lifecycle
import Personalization
import Registry

/// The pages of instant issue.
extension CounterWeb {
    func issueRow(_ progress: IssueProgress, _ language: MessageLanguage) -> View {
        var row: View = [
            "issue": progress.identifier, "path": "/issues/\(progress.identifier)",
            "layout": shown(layout: progress.layoutName, language),
            "begun": Moment.text(progress.begunAt), "officer": String(progress.officer),
        ]
        if let next = progress.next { row["next"] = pages.words.text("flow-\(next.rawValue)", language) }
        return row
    }

    /// The issues that are open, and the files of issues that are damaged.
    ///
    /// Throws as ``Visitor/demandOffice()``.
    func issuesPage(_ visitor: Visitor, _ faults: [Fault] = []) async throws -> Response {
        try visitor.demandOffice()
        let room = room
        let language = visitor.language
        let listing = try await room.blocking { try room.shelf.unfinished() }
        var rows: [View] = []
        for issue in listing.issues { rows.append(try await listedIssue(issue, visitor)) }
        let fees = try await owedFees(language)
        let damaged = listing.damaged.map { file in
            let text = PageRenderer.text(for: file.fault, language)
            return ["issue": file.identifier, "what": text.what, "next": text.next] as View
        }
        return show(
            "issues", visitor, title: pages.words.text("issues", language), faults: faults,
            [
                "issues": rows, "hasIssues": !listing.issues.isEmpty,
                "damaged": damaged, "hasDamaged": !damaged.isEmpty,
                "fees": fees, "hasFees": !fees.isEmpty,
            ])
    }

    /// The issue with all its steps, what went wrong last, and the one thing to do now; while a card is made, at which command it is.
    ///
    /// Throws as ``Visitor/demandOffice()``.
    func issuePage(_ visitor: Visitor, _ faults: [Fault] = []) async throws -> Response {
        try visitor.demandOffice()
        let issue = visitor.parameter("issue")
        let language = visitor.language
        let room = room
        // Before the issue's file: what a run that is over has done stands there.
        let run = room.runs[issue]
        let progress = try await room.blocking { try room.shelf.progress(issue) }
        var all = faults
        if all.isEmpty, let outcome = run?.outcome { all = outcome }
        room.runs.forget(issue)
        var view = issueRow(progress, language)
        view["steps"] = progress.steps.map { step in
            [
                "name": pages.words.text("flow-\(step.rawValue)", language),
                "isDone": progress.done.map { step <= $0 } ?? false, "isNow": step == progress.next,
            ] as View
        }
        let named = try await self.person(of: progress)
        let visitor = try await looking(at: named, of: progress, visitor)
        if let number = progress.replacement?.number {
            let old = try await desk.registry { try $0.card(number: number) }
            view["old"] =
                old.map { cardRow($0, language) }
                ?? ["number": number.printed, "path": "/cards/\(number.text)"]
        }
        let person = visitor.person(named: named)
        view["person"] = person
        view["hasPerson"] = !person.isEmpty
        if let named { view["holder"] = holder(named, visitor) }
        if let card = progress.card, let found = try await desk.registry({ try $0.card(card) }) {
            view["card"] = cardRow(found, language)
        }
        if let failure = progress.failure, all.isEmpty {
            view["failed"] =
                [
                    "step": pages.words.text("flow-\(failure.step.rawValue)", language), "code": failure.code,
                    "at": Moment.text(failure.at), "what": told(ofFailure: failure.code, language) ?? "",
                ] as View
        }
        view["owesFee"] = progress.owesFee
        if let end = progress.end { view["end"] = pages.words.text("issue-end-\(end.rawValue)", language) }
        if progress.end == .spoiled {
            let isBlocked = try await isChipBlocked(of: progress)
            view["isChipBlocked"] = isBlocked
            view["isChipOpen"] = !isBlocked
        }
        view["slips"] = try await slipViews(of: progress, language)
        view["isRunning"] = run != nil && run?.outcome == nil
        if let run, run.outcome == nil {
            view["doneCommands"] = String(run.done)
            view["totalCommands"] = run.total.map(String.init)
            view["maximum"] = String(run.total ?? 1)
        } else if let next = progress.next {
            let told = try await add(next, of: progress, to: &view, visitor)
            if all.isEmpty { all = told }
        }
        return show(
            "issue", visitor, title: pages.words.text("issue", language), faults: all, view)
    }

    /// What a step failed of, in words; nil where the code alone, which is what is kept, makes no sentence: one with gaps to fill is not
    /// shown with them.
    func told(ofFailure code: String, _ language: MessageLanguage) -> String? {
        let what = PageRenderer.text(for: Fault(FaultCode(rawValue: code)), language).what
        return what.contains("{") || what == code ? nil : what
    }

    /// The slips of an issue's events, each by its kind.
    private func slipViews(of progress: IssueProgress, _ language: MessageLanguage) async throws -> [View] {
        let names = progress.events
        let events = try await desk.registry { registry in try names.compactMap { try registry.event(at: $0.sequence) }
        }
        return events.filter { $0.event.slip > 0 }.map { logged in
            [
                "name": title(of: logged, language), "event": logged.event.identifier.description,
                "sequence": String(logged.event.identifier.sequence),
            ]
        }
    }

    /// The form of the step whose turn it is; gives back why it cannot show what it should.
    private func add(
        _ step: IssueStep, of progress: IssueProgress, to view: inout View, _ visitor: Visitor
    ) async throws -> [Fault] {
        let language = visitor.language
        var told: [Fault] = []
        view["step"] = step.rawValue
        view["stepName"] = pages.words.text("flow-\(step.rawValue)", language)
        view["confirmName"] = confirming(pages.words.text("flow-\(step.rawValue)", language), language)
        view["stepAbout"] = pages.words.text("about-flow-\(step.rawValue)", language)
        view["is\(Self.flag(of: step))"] = true
        if let subject = try await subject(of: step, progress) {
            view["subject"] = ["seen": String(subject.lastSequence)] as View
        }
        if step.needsCard() {
            view["chip"] = chipView(.always, visitor, usual: visitor.session.readers[progress.identifier] ?? "")
        }
        let rows = step.rows(resets: progress.isPINUnknown)
        switch step {
        case .findPerson: view["citizenNumber"] = visitor.fields["citizenNumber"]
        case .photo: try await showPhoto(of: progress, in: &view)
        case .confirm:
            // Whole data are for who makes the card, and for nobody who only looks how far it is.
            if (try? checkMaker(visitor)) != nil, let reference = progress.person {
                told = try await showData(of: reference, for: Self.purpose(of: progress), in: &view, visitor)
                if view["data"] != nil { try await showPhoto(of: progress, in: &view) }
            }
        case .setPIN:
            let isUnknown = progress.isPINUnknown
            view["wantsTicket"] = isUnknown
            view["ticket"] = visitor.fields["ticket"]
            view["wantsApproval"] = isUnknown && desk.policy.mode == .production
            view["approval"] = visitor.fields["approval"]
        case .handOver:
            view["agent"] = agentView(visitor)
            if let made = try await subject(of: step, progress) { view["collection"] = collectionView(made) }
        case .blockOld:
            let canBlock = try await isOldChipBlockable(progress)
            let ends = ChipEnd.allCases.filter { canBlock || $0 != .blocked }
            view["choice"] = choiceView("oldCard", ends.map { "\($0)" }, visitor)
            if !canBlock {
                view["chip"] = nil
                view["stepAbout"] = pages.words.text("about-flow-block-old-not", language)
            }
        default: break
        }
        var proofs = proofGroups(rows, visitor)
        // Others may collect the card for its holder, by a document of their own.
        if step == .handOver { proofs.append(proofGroup(.agentDocument, visitor)) }
        view["proofs"] = proofs
        view["hasProofs"] = !proofs.isEmpty
        // What loosens is signed by two where the keys are used for it, whatever the rules of the card want.
        let isReset = step == .setPIN && progress.isPINUnknown
        // Where the policy makes first cards by two, the second person is asked for; an approved application stands in for them.
        let isFirst = step == .confirm && progress.replacement == nil && desk.policy.firstCard == .twoPersons
        let isWanted = isReset || wantsSecond(rows.map(\.transition))
        view["second"] = secondView(rows, isWanted || isFirst, visitor, isDemanded: isWanted)
        // Nothing is to be filled in: the button has the keyboard.
        let fills: [IssueStep] = [.photo, .confirm, .setPIN]
        view["isPlain"] =
            proofs.isEmpty && view["choice"] == nil && view["second"] == nil && !fills.contains(step)
            && (step != .findPerson || view["hasPerson"] as? Bool == true)
            && (view["chip"] as? View)?["hasSeveralReaders"] as? Bool != true
        if (progress.done ?? .checkBlank) >= .confirm {
            view["abandonChip"] = chipView(.always, visitor)
            view["chipEnds"] = choiceView("chipEnd", ChipEnd.allCases.map { "\($0)" }, visitor)
            // A card that may have been begun is booked as spoiled when the issue is given up.
            view["abandonSecond"] = secondView(
                [TransitionTable.row(.spoil)], wantsSecond([.spoil]), visitor, prefix: "abandon-", isDemanded: false)
        }
        return told
    }

    /// Whether the log tells that the chip of a card that was given up is blocked: any other is cut by hand.
    private func isChipBlocked(of progress: IssueProgress) async throws -> Bool {
        guard let chip = progress.chip else { return false }
        return try await desk.registry { registry in
            guard let card = try registry.reference(onChip: chip.bytes) else { return false }
            return try registry.events(of: card).contains { $0.body.act == .chipEnded(.blocked) }
        }
    }

    /// Shows the person's data whole, which is a look-up; where the policy wants two persons for it, the second signs first.
    ///
    /// - Returns: why they are not shown.
    private func showData(
        of reference: PersonReference, for purpose: LookUpPurpose, in view: inout View, _ visitor: Visitor
    ) async throws -> [Fault] {
        var told: [Fault] = []
        if !isUnsigned(visitor, at: reference) {
            do {
                if let person = try await personInHand(reference, for: purpose, by: visitor) {
                    view["data"] = dataView(of: person, visitor.language)
                }
                return []
            } catch let error as any FaultReporting where looksByTwo(visitor, at: reference) {
                told = error.faults
            }
        }
        view["isConfirm"] = false
        view["isLocked"] = true
        view["step"] = Self.showingStep
        return told
    }

    /// Shows the photo that was chosen, which the holder confirms with their data.
    private func showPhoto(of progress: IssueProgress, in view: inout View) async throws {
        let room = room
        if try await room.blocking({ try room.shelf.photo(of: progress.identifier) }) != nil {
            view["photo"] = ["source": "/issues/\(progress.identifier)/photo"] as View
        }
    }

    /// Whether the profile of the old card has a card block.
    private func isOldChipBlockable(_ progress: IssueProgress) async throws -> Bool {
        guard let number = progress.replacement?.number,
            let facts = try await desk.registry({ try $0.card(number: number) })?.facts
        else { return true }
        return try room.library.entry(room.library.name(ofLayoutOf: facts)).compiled.cardBlockKey != nil
    }

    /// What the form of ``IssueStep/confirm`` says when it asks for the data to be shown.
    static let showingStep = "show-data"

    /// What the holder looks at before anything is written: their own data, whole.
    private func dataView(of person: Person, _ language: MessageLanguage) -> [View] {
        [
            ("citizenNumber", person.number.text), ("name", person.name.text),
            ("sex", pages.words.text(Self.word(for: person.sex), language)),
            ("ethnicGroup", shown(ethnicGroup: person.ethnicGroup.code, language)),
            ("birthDate", dashed(person.birthDate)), ("birthPlace", shown(area: person.birthPlace)),
        ].map { ["item": pages.words.text("item-\($0)", language), "value": $1] }
    }

    /// The word of the pages for a sex.
    static func word(for sex: Sex) -> String {
        switch sex {
        case .male: "male"
        case .female: "female"
        case .unspecified: "sexUnspecified"
        }
    }

    private static func flag(of step: IssueStep) -> String {
        step.rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

extension Visitor {
    /// The person that the flow is about, for the form: the one found, else the one that the address names and the session saw.
    fileprivate func person(named found: PersonReference?) -> String {
        if let found { return found.bytes.hexadecimal }
        let named = fields["person"].isEmpty ? request.uri.queryParameters["person"].map(String.init) : fields["person"]
        guard let named, let reference = [UInt8](hexadecimal: named).flatMap({ PersonReference(bytes: $0) }),
            session.seen[reference] != nil
        else { return "" }
        return named
    }
}
