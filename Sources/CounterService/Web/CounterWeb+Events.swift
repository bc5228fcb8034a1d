import ByteText
import CardData
import Hummingbird
import Lifecycle
import Logging
import Registry

/// What was done: the answer to every form, and its slip.
extension CounterWeb {
    func addEvents(to router: Router<CounterContext>) {
        page(router, "/events/:sequence") { visitor in
            let logged = try await event(visitor)
            let (card, events) = try await card(of: logged)
            var view = eventView(logged, card, events, visitor)
            let told =
                details(of: logged, among: events, visitor.language) + (try await agentDetail(of: logged, visitor))
            let audited = details(of: logged, audited: try await audited([logged], for: visitor), visitor.language)
            view["details"] = detailViews(told + audited)
            view["isNextDay"] = try await isAfterDayEnd(logged)
            if let seen = try await person(of: logged, card).flatMap({ visitor.session.seen[$0] }) {
                view["holder"] = ["name": seen.name, "number": seen.number] as View
            }
            // A print that waits for the disk at another window holds this one up, on a thread that may wait.
            let (slip, slips) = (logged.event.slip, desk.slips)
            let mayBePrinted = try await mayBePrinted(logged)
            view["isPrinted"] = try await desk.threads.run { slips.isPrinted(slip) } || mayBePrinted
            view["papers"] = SlipPaper.allCases.map { paper in
                [
                    "value": paper.rawValue, "name": pages.words.text("paper-\(paper.rawValue)", visitor.language),
                    "isChosen": paper == configuration.slipPaper,
                ] as View
            }
            if let card { view["card"] = cardRow(card, visitor.language) }
            view["nextWaiting"] = try await nextApplication(after: logged, visitor)
            return show("event", visitor, title: title(of: logged, visitor.language), view)
        }
        // Printing is a form and no address: looking at a slip again is a second print, and says so.
        form(router, "/events/:sequence/slip", isPrint: true) { visitor in
            let logged = try await event(visitor)
            let (card, events) = try await card(of: logged)
            let print = try await printed(logged, visitor)
            var view = eventView(logged, card, events, visitor)
            view["isNextDay"] = try await isAfterDayEnd(logged)
            if let seen = print.holder { view["holder"] = ["name": seen.name, "number": seen.number] as View }
            let told =
                details(of: logged, among: events, visitor.language) + (try await agentDetail(of: logged, visitor))
            view["details"] = detailViews(told)
            view["isCopy"] = print.isCopy
            if case .dayClosed(let count) = logged.body.act {
                let work = try await work(of: count.day, before: logged.event.identifier.sequence)
                view.merge(dayView(work, visitor.language)) { $1 }
            }
            view["code"] = code(of: logged)
            view["isReceipt"] =
                (SlipPaper(rawValue: visitor.fields["paper"]) ?? configuration.slipPaper) == .receipt
            view["holderSigns"] = Self.isSignedByHolder(logged.body.act, logged.body.proofs)
            return show("slip", visitor, title: title(of: logged, visitor.language), view)
        }
    }

    /// Who came in the holder's place, masked; nothing where nobody did.
    private func agentDetail(of logged: LoggedEvent, _ visitor: Visitor) async throws -> [Detail] {
        let agent = try await desk.registry { try $0.agent(of: logged) }
        return agent.map { [(pages.words.text("agent", visitor.language), "\($0.name) \($0.number)")] } ?? []
    }

    /// Notes that the slip of an event is printed now.
    ///
    /// - Throws: `counter.no-slip`, and `counter.slip-file` where it cannot be noted: then none is printed.
    func printed(_ logged: LoggedEvent, _ visitor: Visitor) async throws -> SlipPrint {
        let slip = logged.event.slip
        guard slip > 0 else { throw Faults("counter.no-slip") }
        let (card, _) = try await card(of: logged)
        // Whose it is stands on the paper, masked; that somebody looked is an event, unless this session has done so before.
        var holder: SeenPerson?
        if let reference = try await person(of: logged, card) {
            holder = visitor.session.seen[reference]
            // Where two have to look, they do so at the search, and the paper of who has not goes without.
            if holder == nil, !looksByTwo(visitor, at: reference) {
                let purpose = Self.purpose(of: logged.body.act)
                holder = try await lookUp(reference, for: purpose, by: visitor).map { SeenPerson($0, for: purpose) }
            }
        }
        let slips = desk.slips
        let mayBePrinted = try await mayBePrinted(logged)
        let isCopy = try await desk.threads.run { try slips.note(slip) } || mayBePrinted
        logger.info(
            "slip printed",
            metadata: [
                "slip": "\(slip)", "event": "\(logged.event.identifier)", "copy": "\(isCopy)",
                "operator": "\(visitor.person.number)",
            ])
        return SlipPrint(holder: holder, isCopy: isCopy)
    }

    /// The event of the address.
    func event(_ visitor: Visitor) async throws -> LoggedEvent {
        try visitor.demandOffice()
        guard let sequence = UInt64(visitor.parameter("sequence")),
            let logged = try await desk.registry({ try $0.event(at: sequence) })
        else { throw Faults("counter.not-found") }
        return logged
    }

    /// Whether the slip may have been printed in a stretch of the log that is lost: of what a restored backup held, nobody knows what was
    /// printed after it was made, and a copy too many does no harm.
    private func mayBePrinted(_ logged: LoggedEvent) async throws -> Bool {
        let restored = try await desk.registry { try $0.restorations() }
        return restored.last.map { logged.event.identifier.sequence < $0 } ?? false
    }

    /// The address of a scanned slip's event; throws when the log does not hold it, or holds another in its place.
    func address(of code: SlipCode) async throws -> String {
        let counter = configuration.counter
        guard code.event.counter == counter, code.isTraining == configuration.isTraining else {
            throw Faults("counter.slip-elsewhere", ["event": code.event.description, "counter": String(counter)])
        }
        let logged = try await desk.registry { try $0.event(at: code.event.sequence) }
        guard let logged, try EventHash(of: logged.bytes).text == code.hash else {
            // Where the log was restored, another event may have stood at this place before.
            let restored = try await desk.registry { try $0.restorations() }
            if let lost = restored.first(where: { $0 <= code.event.sequence }) {
                throw Faults(
                    "counter.slip-of-lost-stretch",
                    ["event": code.event.description, "restored": "\(counter)/\(lost)"])
            }
            throw Faults("counter.slip-false", ["event": code.event.description])
        }
        return "/events/\(code.event.sequence)"
    }

    /// The address of an event by what its slip prints for people: its name `1/155`, or its hash; nil for a text that is neither.
    ///
    /// - Throws: `counter.slip-elsewhere` for another counter's, `counter.slip-false` for what the log does not hold.
    func address(ofPrinted text: String) async throws -> String? {
        if let name = EventIdentifier(word: text) {
            let counter = configuration.counter
            guard name.counter == counter else {
                throw Faults("counter.slip-elsewhere", ["event": name.description, "counter": String(counter)])
            }
            guard try await desk.registry({ try $0.event(at: name.sequence) }) != nil else {
                throw Faults("counter.slip-false", ["event": name.description])
            }
            return "/events/\(name.sequence)"
        }
        guard text.utf8.count == 64, let hash = [UInt8](hexadecimal: text) else { return nil }
        guard let found = try await desk.registry({ try $0.event(hashed: hash) }) else {
            throw Faults("counter.slip-false", ["event": String(text.prefix(8))])
        }
        return "/events/\(found.sequence)"
    }

    /// The card that an event is about, with its events.
    private func card(of logged: LoggedEvent) async throws -> (RegisteredCard?, [LoggedEvent]) {
        guard let card = logged.event.card else { return (nil, []) }
        return try await desk.registry { (try $0.card(card), try $0.events(of: card)) }
    }

    /// What an event's slip is called, by its kind.
    func title(of logged: LoggedEvent, _ language: MessageLanguage) -> String {
        // 入库 has the row of the sheet by which pieces go from hand to hand, and is no hand-over.
        if case .stock(.received) = logged.body.act { return pages.words.text("slip-stock-receipt", language) }
        if let slip = TransitionTable.row(logged.body.act.mainTransition).slip {
            return pages.words.text("slip-\(slip.rawValue)", language)
        }
        return language.word(logged.body.act.kind)
    }

    /// Whether the holder, or who came for them, signs the slip: nobody does on sheets of the office's own, nor by telephone.
    private static func isSignedByHolder(_ act: Act, _ proofs: Proofs) -> Bool {
        switch act {
        case .temporaryLoss(let report), .formalLoss(let report): return report.channel != .telephone
        // Signed before the act, on the paper of the collection.
        case .handedOver, .givenBack: if proofs.contains(.signature) { return false }
        default: break
        }
        return switch TransitionTable.row(act.mainTransition).slip {
        case .spoiledList, .handOverSheet, .recovery, .destruction, .dayEnd, nil: false
        default: true
        }
    }

    private func eventView(
        _ logged: LoggedEvent, _ card: RegisteredCard?, _ events: [LoggedEvent], _ visitor: Visitor
    ) -> View {
        let language = visitor.language
        var view = eventRow(logged, language)
        view["details"] = detailViews(details(of: logged, among: events, language))
        let hash = (try? EventHash(of: logged.bytes))?.text ?? ""
        view["hash"] = stride(from: 0, to: hash.count, by: 8).map { start in
            String(hash.dropFirst(start).prefix(8))
        }.joined(separator: " ")
        if logged.event.clockErrorMilliseconds != Event.clockErrorUnknown {
            view["clockError"] = String(logged.event.clockErrorMilliseconds)
        }
        if logged.event.isClockBehind { view["timeBefore"] = Moment.text(logged.event.latestWallMilliseconds) }
        view["slip"] = String(logged.event.slip)
        view["hasSlip"] = logged.event.slip > 0
        view["counter"] = String(logged.event.identifier.counter)
        view["policy"] = logged.body.policyVersion
        if let number = card?.facts?.number { view["cardNumber"] = number.printed }
        if let proofs = told(logged.body.proofs, language) { view["seen"] = proofs }
        let kind = logged.body.act.kind
        view["isLoss"] = kind == .temporaryLoss || kind == .formalLoss
        view["awaitsConfirmation"] = kind == .cancelled
        if kind == .temporaryLoss {
            // What the policy of the event said, not what one says by now.
            let days = desk.terms.temporaryLossDays(
                version: logged.body.policyVersion, at: logged.event.identifier.sequence)
            view["days"] = days.map(String.init)
            // What is promised is what is done: of an earlier policy nobody here says more than the days.
            if logged.body.policyVersion == desk.policy.version {
                let end = desk.policy.upperTier == .centre ? "centre" : desk.policy.temporaryLossEnd.name
                view["lossEnd"] = pages.words.text("lossEnd-\(end)", language)
            }
            // A slip of before the terms were kept tells by which policy it was judged, and that nobody here knows its days any more.
            if days == nil { view["daysOf"] = logged.body.policyVersion }
        }
        if case .stock(let move) = logged.body.act {
            view["pieces"] =
                [
                    "kind": language.word(move.pieces.kind), "count": String(move.pieces.serials.serials.count),
                    "serials": move.pieces.serials.serials.map(Self.serialView),
                ] as View
        }
        if case .dayClosed(let count) = logged.body.act {
            view["day"] = Moment.written(count.day)
            view["typed"] = String(count.typed?.serials.count ?? 0)
            view["counts"] = StockKind.atHand.map { kind in
                ["kind": language.word(kind), "count": String(count.counted[kind]?.serials.count ?? 0)] as View
            }
        }
        return view
    }

    /// The QR code of a slip, for its template.
    private func code(of logged: LoggedEvent) -> View? {
        guard let hash = try? EventHash(of: logged.bytes).text,
            let drawing = SlipCode(
                event: logged.event.identifier, hash: hash, isTraining: configuration.isTraining
            ).drawing
        else { return nil }
        return ["side": String(drawing.side), "path": drawing.path]
    }

    /// An event as a row of a history.
    func eventRow(_ logged: LoggedEvent, _ language: MessageLanguage) -> View {
        let event = logged.event
        var row: View = [
            "event": event.identifier.description, "word": event.identifier.word,
            "sequence": String(event.identifier.sequence), "time": Moment.text(event.wallMilliseconds),
            "act": language.word(logged.body.act.kind), "officer": officer(event.officer, logged.body.role, language),
        ]
        if event.secondPerson > 0, let role = logged.body.secondRole {
            row["second"] = officer(event.secondPerson, role, language)
        }
        return row
    }

    private func officer(_ number: UInt64, _ role: Role, _ language: MessageLanguage) -> String {
        let name = (try? desk.operators.operation(number))?.name
        return [String(number), name, "(\(language.word(role)))"].compactMap(\.self).joined(separator: " ")
    }
}

/// One print of a slip.
struct SlipPrint {
    /// Whose act it tells of, masked; nil where nobody's, or where nobody may look.
    let holder: SeenPerson?
    /// Whether it was printed before.
    let isCopy: Bool
}
