import ByteText
import CardData
import Hummingbird
import Registry
import SmartCardReader

/// The card box of a counter for practice.
extension CounterWeb {
    func addCardBox(_ box: CardBox, to router: Router<CounterContext>) {
        page(router, "/card-box") { visitor in try await boxPage(box, visitor) }
        form(router, "/card-box/insert") { visitor in
            try await moving(box, visitor) { fields in
                try box.insert(fields["serial"], into: Int(fields["slot"]) ?? 0)
            }
        }
        form(router, "/card-box/remove") { visitor in
            try await moving(box, visitor) { fields in try box.remove(from: Int(fields["slot"]) ?? 0) }
        }
        form(router, "/card-box/new") { visitor in
            let registry = desk.registry
            let maker = visitor.person.roles.contains(.personalizer) ? visitor.person.number : nil
            return try await moving(box, visitor) { _ in
                let serial = try box.addBlank()
                // Whoever makes cards has it at once, in the book too.
                try TrainingStock.supply(registry, [box.chip(of: serial)].compactMap(\.self), to: maker)
            }
        }
    }

    /// The operators that a stranger may log in as.
    func trainingView(_ language: MessageLanguage) -> View {
        [
            "trainingPassword": TrainingOperators.password,
            "trainingOperators": TrainingOperators.all.map { person in
                [
                    "number": String(person.number), "name": person.name,
                    "roles": OperatorRole.allCases.filter(person.roles.contains).map(language.word)
                        .joined(separator: language == .chinese ? "、" : ", "),
                ] as View
            },
        ]
    }

    private func moving(
        _ box: CardBox, _ visitor: Visitor, _ body: @escaping @Sendable (Fields) throws -> Void
    ) async throws -> Response {
        let fields = visitor.fields
        do {
            try await desk.threads.run { try body(fields) }
            return goOn(to: "/card-box")
        } catch let error as any FaultReporting {
            return try await boxPage(box, visitor, error.faults)
        }
    }

    private func boxPage(_ box: CardBox, _ visitor: Visitor, _ faults: [Fault] = []) async throws -> Response {
        let cards = try await desk.threads.run { try box.cards() }
        var chips: [String: [UInt8]] = [:]
        for card in cards { chips[card.serial] = try box.chip(of: card.serial) }
        let serials = cards.compactMap { [UInt8](hexadecimal: $0.serial) }
        let known = try await desk.registry { try $0.cards(ofChips: serials) }
        func chip(_ serial: String) -> View? { chips[serial].map(Self.serialView) }
        func number(_ serial: String) -> CardNumber? { [UInt8](hexadecimal: serial).flatMap { known[$0] } }
        // The driver's slots in their order are the virtual readers in the order of their names.
        let readers = board.picture.slots.map(\.name).filter(\.isVirtual).map(\.rawValue).sorted()
        func reader(_ slot: Int) -> String? { readers.count >= box.slotCount ? readers[slot - 1] : nil }
        return show(
            "card-box", visitor, title: pages.words.text("cardBox", visitor.language), faults: faults,
            [
                "slots": (1...box.slotCount).map { slot in
                    let serial = cards.first { $0.slot == slot }?.serial
                    var view: View = ["slot": String(slot)]
                    view["reader"] = reader(slot)
                    view["serial"] = serial
                    view["chip"] = serial.flatMap(chip)
                    view["cardNumber"] = serial.flatMap(number)?.printed ?? ""
                    return view
                },
                "cards": cards.map { card in
                    let free = (1...box.slotCount).filter { slot in !cards.contains { $0.slot == slot } }
                    var view: View = [
                        "serial": card.serial, "cardNumber": number(card.serial)?.printed ?? "",
                        "targets": card.slot == nil
                            ? free.map { ["slot": String($0), "serial": card.serial] as View } : [],
                    ]
                    view["chip"] = chip(card.serial)
                    view["place"] = card.slot.map(String.init)
                    view["cardPath"] = number(card.serial).map { "/cards/\($0.text)" }
                    return view
                },
            ])
    }
}
