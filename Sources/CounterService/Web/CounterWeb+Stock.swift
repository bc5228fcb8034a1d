import ByteText
import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// The stock book: who answers for how many, and one screen for each move and for the day's end.
extension CounterWeb {
    func addStock(to router: Router<CounterContext>) {
        page(router, "/stock") { visitor in
            try visitor.demandOffice()
            let officer = visitor.person.number
            // People know finished cards by their numbers, and chips by nothing.
            let (counts, own, numbers, installed) = try await desk.registry {
                (
                    try $0.stockCounts(), try $0.stock(of: officer), try $0.cardNumbers(inStockOf: officer),
                    try $0.installedModules()
                )
            }
            var view = stockView(counts, own, numbers, visitor)
            view["hasInstalled"] = !installed.isEmpty
            view["installed"] = installed.map { piece in
                [
                    "terminal": piece.terminal?.text ?? "–", "serial": Self.serialView(piece.serial),
                    "owner": officerName(piece.owner),
                ] as View
            }
            return show("stock", visitor, title: pages.words.text("stock", visitor.language), view)
        }
        page(router, "/stock/:move") { visitor in try await stockPage(try stockForm(visitor), visitor) }
        form(router, "/stock/:move", upTo: Self.countLimit) { visitor in
            let form = try stockForm(visitor)
            do {
                if isToWait(visitor) {
                    return goOn(
                        to: try await onceLeading(visitor) {
                            let path = try await putToWait(
                                try act(of: form, visitor), on: nil, visitor, expecting: nil)
                            sessions.forgetChips(in: visitor.session.identifier)
                            return path
                        })
                }
                let event = try await once(visitor) { try await perform(form, visitor) }
                return goOn(to: "/events/\(event.sequence)")
            } catch let error as any FaultReporting {
                return try await stockPage(form, visitor, error.faults)
            }
        }
    }

    /// No count is larger, in bytes: ten thousand serials of a kind.
    static let countLimit = 2 << 20

    /// Records a move, or the day's end.
    func perform(_ form: StockForm, _ visitor: Visitor) async throws -> EventIdentifier {
        let event = try await desk.record(try act(of: form, visitor), on: nil, by: visitor.person, visitor.fields)
        // What was read for this act says nothing of where the piece is at the next.
        sessions.forgetChips(in: visitor.session.identifier)
        return event
    }

    private func act(of form: StockForm, _ visitor: Visitor) throws(Faults) -> Act {
        let act = try form.act(
            by: visitor.person, today: Moment.day(desk.clocks.wall()), visitor.fields, read: visitor.session.chips)
        if case .stock(let move) = act { try room.library.chipNumbers().check(move) }
        return act
    }

    /// The move that the address names.
    ///
    /// Throws as ``Visitor/demandOffice()``, and `counter.not-found`.
    func stockForm(_ visitor: Visitor) throws(Faults) -> StockForm {
        try visitor.demandOffice()
        guard let form = StockForm(rawValue: visitor.parameter("move")) else { throw Faults("counter.not-found") }
        return form
    }

    /// A serial in two parts, the chip's own number the second.
    static func serialView(_ serial: [UInt8]) -> View {
        let start = ChipSerials.ownNumberStart(of: serial)
        return ["kindPart": Array(serial[..<start]).hexadecimal, "ownNumber": Array(serial[start...]).hexadecimal]
    }

    /// The same with the number of the card that the chip has become, where it is one.
    private static func serialView(_ serial: [UInt8], _ number: CardNumber?) -> View {
        var view = serialView(serial)
        if let number {
            view["cardNumber"] = number.printed
            view["cardPath"] = "/cards/\(number.text)"
        }
        return view
    }

    private func officerName(_ number: UInt64) -> String {
        [String(number), (try? desk.operators.operation(number))?.name].compactMap(\.self).joined(separator: " ")
    }

    private func stockView(
        _ counts: [StockCount], _ own: [StockKind: Set<[UInt8]>], _ numbers: [[UInt8]: CardNumber], _ visitor: Visitor
    ) -> View {
        let language = visitor.language
        return [
            "counts": counts.map { count in
                [
                    "owner": officerName(count.owner), "kind": language.word(count.kind), "count": String(count.count),
                    "isOwn": count.owner == visitor.person.number,
                ] as View
            }, "hasCounts": !counts.isEmpty,
            "own": own.keys.sorted().map { kind in
                [
                    "kind": language.word(kind), "count": String(own[kind]?.count ?? 0),
                    "serials": (own[kind] ?? []).sorted { $0.lexicographicallyPrecedes($1) }.map {
                        Self.serialView($0, numbers[$0])
                    },
                ] as View
            }, "hasOwn": !own.isEmpty, "isKept": desk.policy.stockIsKept,
            "moves": StockForm.allCases.filter { form in
                visitor.person.role(among: form.row.officers).map(form.row.officers.contains) ?? false
            }.map { form in
                [
                    "name": pages.words.text("stock-\(form.rawValue)", language), "path": "/stock/\(form.rawValue)",
                    "about": pages.words.text("about-stock-\(form.rawValue)", language),
                ] as View
            },
        ]
    }

    func stockPage(
        _ form: StockForm, _ visitor: Visitor, cards: [RegisteredCard] = [], _ faults: [Fault] = []
    ) async throws -> Response {
        let language = visitor.language
        let rows = [form.row]
        let proofs = proofGroups(rows, visitor, besides: form == .closeDay ? [.paper] : [])
        let officer = visitor.person.number
        let own = try await desk.registry { try $0.stock(of: officer) }
        let isClosed = try await isDayClosed(of: officer)
        let numbers: [[UInt8]: CardNumber] =
            form == .closeDay ? try await desk.registry { try $0.cardNumbers(inStockOf: officer) } : [:]
        func numbered(_ kind: StockKind) -> [View] {
            (own[kind] ?? []).filter { numbers[$0] != nil }.sorted { $0.lexicographicallyPrecedes($1) }.map {
                Self.serialView($0, numbers[$0])
            }
        }
        var view: View = [
            "moveName": pages.words.text("stock-\(form.rawValue)", language), "action": "/stock/\(form.rawValue)",
            "about": pages.words.text("about-stock-\(form.rawValue)", language),
            "isClosed": isClosed && desk.policy.afterDayEnd == .nextDay,
            "isShut": isClosed && desk.policy.afterDayEnd == .refused,
            "isMissing": form == .missing, "owner": visitor.fields["owner"],
            "isDayEnd": form == .closeDay, "isMove": form != .closeDay, "serials": visitor.fields["serials"],
            "wantsTerminal": form.wantsTerminal, "terminal": visitor.fields["terminal"],
            "kinds": (form == .closeDay ? StockKind.atHand : form.kinds).map { kind in
                [
                    "value": kind.name, "name": language.word(kind),
                    "isChosen": (visitor.fields["kind"].isEmpty ? form.usualKind.name : visitor.fields["kind"])
                        == kind.name,
                    "booked": String(own[kind]?.count ?? 0), "serials": visitor.fields["serials-\(kind.name)"],
                    "rows": own[kind] == nil ? "1" : "3", "numbers": numbered(kind),
                    "hasNumbers": !numbered(kind).isEmpty,
                ] as View
            }, "proofs": proofs, "hasProofs": !proofs.isEmpty,
        ]
        if form == .closeDay {
            let work = try await work(of: Moment.day(desk.clocks.wall()))
            view.merge(dayView(work, language)) { $1 }
            view["outstanding"] = try await outstanding(unsent: work.unsent).view
        }
        view["cardsRead"] = cards.map { card in
            var row = cardRow(card, language)
            row["serial"] = card.facts.map { Self.serialView($0.blankSerial) }
            return row
        }
        view["hasCardsRead"] = !cards.isEmpty
        let read = visitor.fields.values.keys.contains { $0.hasPrefix("serials") } ? visitor.session.chips.count : 0
        if read > 0 { view["chipsRead"] = String(read) }
        var second = secondView(
            rows, desk.policy.wantsTwo(form.row.transition) || form == .handOver, visitor)
        second?["isTaker"] = form == .handOver
        view["second"] = second
        return show(
            "stock-move", visitor, title: pages.words.text("stock-\(form.rawValue)", language), faults: faults, view)
    }
}
