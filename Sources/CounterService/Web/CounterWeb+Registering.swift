import CardData
import Hummingbird
import Lifecycle
import Registry

/// 人员登记: a person is taken in; what is on record of one already is not written over unseen.
extension CounterWeb {
    static let personFields = ["citizenNumber", "name", "sex", "ethnicGroup", "birthDate", "birthPlace"]

    /// The form; where a person is on record with other data, what differs, masked, and what a change of it wants.
    func registerPage(_ visitor: Visitor, _ faults: [Fault] = [], differs: [PersonDiffers.Item] = []) -> Response {
        let language = visitor.language
        var view = View(uniqueKeysWithValues: Self.personFields.map { ($0, visitor.fields[$0] as Any) })
        view["sexes"] = ["1", "2"].map { code in
            ["code": code, "name": self.shown(sex: code, language), "isChosen": visitor.fields["sex"] == code] as View
        }
        view["ethnicGroups"] = desk.ethnicGroups.entries.map { entry in
            [
                "code": entry.code, "name": language == .chinese ? entry.chinese : entry.english,
                "isChosen": visitor.fields["ethnicGroup"] == entry.code,
            ] as View
        }
        view["isAssigned"] = Self.isAssigned(visitor.fields)
        view["isSure"] = visitor.fields.isOn("assigned")
        let isDemanded = wantsSecond([.registerPerson])
        view["second"] = secondView(
            [TransitionTable.row(.registerPerson)], isDemanded || looksByTwo(visitor), visitor,
            isDemanded: isDemanded)
        // What was shown is confirmed, and nothing else: another window may have changed the record meanwhile.
        let shown = differs.isEmpty ? visitor.fields["differs"] : PersonDiffers.word(of: differs)
        if !shown.isEmpty {
            view["isKnown"] = true
            view["differs"] = shown
            view["differences"] = differs.map { item in
                [
                    "item": pages.words.text("item-\(item.name)", language),
                    "known": told(item.known, of: item.name, language),
                    "told": told(item.told, of: item.name, language),
                ] as View
            }
            view["hasProofs"] = true
            view["proofs"] = [proofGroup(.identityDocument, visitor)]
        }
        if desk.policy.registrationShowsDocument {
            view["hasProofs"] = true
            view["proofs"] = [proofGroup(.identityDocument, visitor)]
        }
        return show("register", visitor, title: pages.words.text("register", language), faults: faults, view)
    }

    /// A value that differs, its code in words.
    private func told(_ value: String, of item: String, _ language: MessageLanguage) -> String {
        switch item {
        case "sex": shown(sex: value, language)
        case "ethnicGroup": shown(ethnicGroup: value, language)
        default: value
        }
    }

    private func note(_ registered: Registered, of reference: PersonReference, _ visitor: Visitor) {
        sessions.note(registered, of: reference, in: visitor.session.identifier)
    }

    /// What became of the registration of somebody in this session, and the way to their card's data where it changed.
    func registeredView(
        _ reference: PersonReference, _ cards: [RegisteredCard], _ visitor: Visitor
    ) async throws -> View? {
        guard let registered = visitor.session.registered[reference] else { return nil }
        var view: View = [
            "told": pages.words.text("registered-\(registered.outcome.rawValue)", visitor.language),
            "event": registered.event.description, "sequence": String(registered.event.sequence),
        ]
        guard registered.outcome == .changed,
            let card = cards.first(where: { !dataChangeAct($0, visitor).isEmpty }), let number = card.facts?.number.text
        else { return view }
        let events = try await desk.registry { try $0.events(of: card.reference) }
        let isWritten = events.contains {
            $0.body.act.kind == .dataChanged && $0.event.identifier.sequence > registered.event.sequence
        }
        if !isWritten { view["changePath"] = "/cards/\(number)/change-data" }
        return view
    }

    /// Whether the number of a form is no citizen number: whoever types three digits by mistake is asked.
    private static func isAssigned(_ fields: Fields) -> Bool {
        guard let number = try? SocialSecurityNumber(fields.number("citizenNumber")) else { return false }
        return number.citizenNumber == nil
    }

    /// The person of a form; throws what is wrong with its columns.
    ///
    /// The sex that nobody chose comes with the number: where that is wrong, it alone is at fault.
    private func applicant(_ record: PersonRecord, _ today: CardDate, isSexTold: Bool) throws(Faults) -> Applicant {
        do throws(Faults) {
            return try Applicant(
                record, areas: desk.areas, today: today,
                mode: desk.policy.mode == .production ? .production : .training,
                validityYears: desk.policy.validityYears)
        } catch {
            let isNumberWrong = error.faults.contains { $0.parameters["column"] == "citizenNumber" }
            guard isNumberWrong, !isSexTold else { throw error }
            var faults = FaultCollector()
            for fault in error.faults where fault.parameters["column"] != "sex" { faults.add(fault) }
            try faults.check()
            throw error
        }
    }

    /// Registers a person from the same columns as a file of people, judged the same way.
    ///
    /// Somebody who is on record with the same data is found and not registered again; with other data, the change wants that its
    /// difference was shown, and an identity document.
    ///
    /// - Throws: ``PersonDiffers``, and what the columns and the rules have against it.
    func register(_ fields: Fields, by visitor: Visitor) async throws -> PersonReference {
        let today = try CardDate(String(Moment.day(desk.clocks.wall())))
        var values = Dictionary(
            uniqueKeysWithValues: Self.personFields.map { ($0, $0 == "name" ? fields[$0] : fields.number($0)) })
        // As documents and browsers write a day.
        if let day = Moment.day(written: fields.number("birthDate")) { values["birthDate"] = String(day) }
        // A citizen number tells the sex; what is chosen all the same is held against it.
        if fields["sex"].isEmpty, let number = try? CitizenNumber(fields.number("citizenNumber")) {
            values["sex"] = number.sex.code
        }
        let record = PersonRecord(
            values: values,
            place: SourcePlace(file: pages.words.text("register", visitor.language), line: 1))
        var faults = FaultCollector()
        if Self.isAssigned(fields), !fields.isOn("assigned") {
            faults.add("assigned-number.unconfirmed", ["column": "citizenNumber"])
        }
        let judged = faults.attempt { () throws(Faults) in
            try applicant(record, today, isSexTold: !fields["sex"].isEmpty)
        }
        try faults.check()
        guard let applicant = judged else { throw Faults("counter.form") }
        let person = Person(applicant)
        let signed = try await handling(.registerPerson, visitor)
        let handling = Handling(by: signed.officer, second: signed.second, proofs: fields.proofs)
        let reference = try await desk.registry { try $0.reference(of: person.number) }
        let before = try await desk.registry { try $0.registration(of: reference) }
        var expected = ExpectedRecord.nobody
        if let before {
            // Looking at what is on record is a look-up, for the same purpose as the registration.
            guard let known = try await lookUp(reference, for: .issuing, by: visitor) else {
                throw Faults("counter.not-found")
            }
            if known == person {
                note(Registered(outcome: .same, event: before), of: reference, visitor)
                return reference
            }
            let items = PersonDiffers.items(known, person)
            guard fields["differs"] == PersonDiffers.word(of: items), handling.proofs.contains(.identityDocument)
            else { throw PersonDiffers(items: items) }
            expected = .person(known)
        }
        // What was compared is what gives way: another window may have changed the record by now.
        _ = try await desk.registry { [expected] in
            try $0.register(person, expecting: expected, handledBy: handling)
        }
        desk.metrics.count(act: .personRegistered)
        note(person, reference, .issuing, visitor)
        if let event = try await desk.registry({ try $0.registration(of: reference) }) {
            note(Registered(outcome: before == nil ? .new : .changed, event: event), of: reference, visitor)
        }
        return reference
    }
}

/// The person is on record with other data than the form has.
struct PersonDiffers: FaultReporting {
    /// A value that differs: what is on record masked, what was typed whole, for the holder confirms it.
    struct Item: Sendable {
        /// As the files of people name it.
        let name: String
        let known: String
        let told: String
    }

    let items: [Item]

    var faults: [Fault] { [Fault("counter.person-differs", ["items": Self.word(of: items)])] }

    /// The names of what differs.
    static func word(of items: [Item]) -> String { items.map(\.name).joined(separator: " ") }

    /// What differs, in the order of the form; on record: of names the first character, of dates the year, of places the province.
    static func items(_ known: Person, _ told: Person) -> [Item] {
        var items: [Item] = []
        if known.name != told.name {
            items.append(Item(name: "name", known: known.name.masked, told: told.name.text))
        }
        if known.sex != told.sex {
            items.append(Item(name: "sex", known: known.sex.code, told: told.sex.code))
        }
        if known.ethnicGroup != told.ethnicGroup {
            items.append(Item(name: "ethnicGroup", known: known.ethnicGroup.code, told: told.ethnicGroup.code))
        }
        func masked(_ text: String, _ count: Int) -> String { text.prefix(count) + String(repeating: "*", count: 4) }
        if known.birthDate != told.birthDate {
            items.append(
                Item(name: "birthDate", known: masked(known.birthDate.text, 4), told: told.birthDate.text))
        }
        if known.birthPlace != told.birthPlace {
            items.append(
                Item(name: "birthPlace", known: masked(known.birthPlace, 2), told: told.birthPlace))
        }
        return items
    }
}
