import ByteText
import CardCryptography
import CardData
import Hummingbird
import IssuerKeys
import Issuing
import Lifecycle
import Registry

/// 资料变更: the chip beside the record, what differs, and one confirmation that writes it.
extension CounterWeb {
    func addDataChange(to router: Router<CounterContext>) {
        page(router, "/cards/:card/change-data") { visitor in
            let (card, _) = try await card(visitor)
            return changePage(card, nil, record: "", visitor)
        }
        form(router, "/cards/:card/change-data") { visitor in
            let (card, _) = try await card(visitor)
            do {
                guard visitor.fields["step"] == "write" else {
                    let (finding, record) = try await look(at: card, visitor)
                    let compared = ComparedCard(finding: finding, record: record, seen: card.lastSequence)
                    sessions.note(compared, of: card.reference, in: visitor.session.identifier)
                    return changePage(card, finding, record: record, visitor)
                }
                let event = try await once(visitor) { try await writeData(on: card, visitor) }
                sessions.note(nil, of: card.reference, in: visitor.session.identifier)
                return goOn(to: "/events/\(event.sequence)")
            } catch let error as any FaultReporting {
                let kept = compared(card, after: error.faults, visitor)
                return changePage(card, kept?.finding, record: kept?.record ?? "", visitor, error.faults)
            }
        }
    }

    /// What was shown before a change was refused, where the chip was not touched since; nil where it may be another by now.
    ///
    /// It is not read once more for a box that was not ticked.
    private func compared(_ card: RegisteredCard, after faults: [Fault], _ visitor: Visitor) -> ComparedCard? {
        let isUntouched = faults.allSatisfy { fault in
            ["lifecycle.", "counter."].contains(where: fault.code.rawValue.hasPrefix)
                || ["reader.no-card", "chip.several-cards"].contains(fault.code)
        }
        guard isUntouched, let kept = visitor.session.compared[card.reference], kept.seen == card.lastSequence,
            kept.record == visitor.fields["record"]
        else { return nil }
        return kept
    }

    /// The way to it from the card; nothing where the counter has no keys, or the rules are against it.
    func dataChangeAct(_ card: RegisteredCard, _ visitor: Visitor) -> [View] {
        let rule = dataChangeRule(card, visitor)
        guard room.keys != nil, rule.isPossible, let number = card.facts?.number.text else { return [] }
        return [
            [
                "name": pages.words.text("changeData", visitor.language), "path": "/cards/\(number)/change-data",
                "about": pages.words.text("about-changeData", visitor.language), "wantsSecond": rule.wantsSecond,
            ]
        ]
    }

    /// Why it is not offered; nil where it is.
    func dataChangeRefusal(_ card: RegisteredCard, _ visitor: Visitor) -> View? {
        let rule = dataChangeRule(card, visitor)
        guard room.keys != nil, !rule.isPossible else { return nil }
        return refusal("changeData", rule.faults, visitor.language)
    }

    private func dataChangeRule(_ card: RegisteredCard, _ visitor: Visitor) -> RuleAnswer {
        RuleAnswer(.dataChanged(["name"]), on: card, by: visitor.person, under: desk.policy)
    }

    /// The holder as the registry has them, which is a look-up.
    private func holder(of card: RegisteredCard, _ visitor: Visitor) async throws -> Person {
        guard let person = card.facts?.person,
            let holder = try await personInHand(
                person, for: visitor.session.seen[person]?.purpose ?? .inquiry, by: visitor)
        else { throw Faults("counter.not-found") }
        return holder
    }

    /// What a change would write, and the mark of the record that it was held against.
    private func look(
        at card: RegisteredCard, _ visitor: Visitor
    ) async throws -> (DataChangeDesk.Finding, record: String) {
        try check(card, visitor)
        let holder = try await holder(of: card, visitor)
        let finding = try await room.look(
            at: card, holder: holder, in: visitor.fields["reader"], by: visitor.person.number)
        return (finding, try Self.mark(of: holder))
    }

    /// Tells a person's record from any other one in this process, and tells nothing of it.
    private static func mark(of holder: Person) throws(CryptographyError) -> String {
        let values = [
            "number": holder.number.text, "name": holder.name.text, "sex": holder.sex.code,
            "ethnicGroup": holder.ethnicGroup.code, "birthDate": holder.birthDate.text,
            "birthPlace": holder.birthPlace,
        ]
        return try Fields(values: values).fingerprint.hexadecimal
    }

    /// Writes what is on record of the holder onto the card in the reader.
    func writeData(on card: RegisteredCard, _ visitor: Visitor) async throws -> EventIdentifier {
        let shown = try seen(of: card, visitor)
        try check(card, visitor)
        let handling = try await desk.handling(for: [.changeData], by: visitor.person, visitor.fields)
        let holder = try await holder(of: card, visitor)
        let record = visitor.fields["record"]
        guard try record.isEmpty || record == Self.mark(of: holder) else { throw Faults("data-change.record-changed") }
        let outcome = try await room.changeData(
            on: card, to: holder, handledBy: handling, expecting: shown, in: visitor.fields["reader"])
        desk.metrics.count(act: .dataChanged)
        sessions.forgetRead(of: card.reference)
        return outcome.event
    }

    private func check(_ card: RegisteredCard, _ visitor: Visitor) throws {
        guard room.keys != nil else { throw CardKeyError.notConfigured }
        let rule = dataChangeRule(card, visitor)
        guard rule.isPossible else { throw Faults(rule.faults) ?? Faults("counter.no-role") }
    }

    private func changePage(
        _ card: RegisteredCard, _ finding: DataChangeDesk.Finding?, record: String, _ visitor: Visitor,
        _ faults: [Fault] = []
    ) -> Response {
        let language = visitor.language
        let rule = dataChangeRule(card, visitor)
        var all = faults
        if all.isEmpty, room.keys == nil { all = CardKeyError.notConfigured.faults }
        if all.isEmpty, !rule.isPossible { all = rule.faults.isEmpty ? [Fault("counter.no-role")] : rule.faults }
        var view = cardHead(card, visitor)
        view["isPossible"] = rule.isPossible && room.keys != nil
        view["chip"] = chipView(.always, visitor)
        var isReady = false
        switch finding {
        case .compared(let comparison):
            // A name of which only the first character shows may look the same before and after.
            view.merge(comparisonView(comparison, visitor, inFull: [.name])) { $1 }
            isReady = !comparison.isSame
        case .begun(let done, let total):
            view["begun"] = ["done": String(done), "total": total.map(String.init) ?? "–"] as View
            isReady = true
        case nil: break
        }
        view["isReady"] = isReady
        if isReady { view["record"] = record }
        view["step"] = isReady ? "write" : "look"
        view["actName"] = pages.words.text(isReady ? "writeData" : "readAndCompare", language)
        if isReady {
            let proofs = proofGroups(rule.rows, visitor)
            view["proofs"] = proofs
            view["hasProofs"] = !proofs.isEmpty
        }
        // The holder is looked at beside the chip, and once more when it is written.
        let looking = TransitionTable.row(.lookUpPerson)
        let isLookedAtByTwo = looksByTwo(visitor, at: card.facts?.person)
        view["second"] =
            isReady
            ? secondView(rule.rows + [looking], rule.wantsSecond || isLookedAtByTwo, visitor)
            : secondView([looking], isLookedAtByTwo, visitor)
        return show(
            "datachange", visitor, title: pages.words.text("changeData", language), faults: all, view)
    }
}
