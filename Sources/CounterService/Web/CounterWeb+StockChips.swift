import ByteText
import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// Stock whose chips are read: what lies in the readers goes into the form, and the session remembers that it was read.
extension CounterWeb {
    func addStockChips(to router: Router<CounterContext>) {
        form(router, "/stock/:move/chips", upTo: Self.countLimit) { visitor in
            let form = try stockForm(visitor)
            do {
                let (filled, cards, faults) = try await reading(form, visitor)
                return try await stockPage(form, filled, cards: cards, faults)
            } catch let error as any FaultReporting {
                return try await stockPage(form, visitor, error.faults)
            }
        }
    }

    /// The request with the serials of the chips in the readers, the cards among them that are no pieces of stock, and why some chips
    /// could not be read.
    private func reading(_ form: StockForm, _ visitor: Visitor) async throws -> (Visitor, [RegisteredCard], [Fault]) {
        let (found, faults) = try await room.pieces()
        var values = visitor.fields.values
        let known = try await desk.registry { registry in
            try found.map { ($0, try $0.kind(in: registry), try $0.issuedCard(in: registry)) }
        }
        let cards = known.compactMap(\.2)
        let pieces = known.filter { $0.2 == nil }
        let wanted = visitor.fields["kind"]
        for (piece, kind, _) in pieces {
            // A slot for security modules is never empty: its card is no blank that comes in.
            if form != .closeDay, piece.isInModuleSlot != (wanted == StockKind.securityModule.name) { continue }
            let name = form == .closeDay ? "serials-\(kind.name)" : "serials"
            let serial = piece.serial.hexadecimal
            let there = (values[name] ?? "").split(whereSeparator: \.isWhitespace).map { $0.uppercased() }
            if !there.contains(serial) { values[name] = (there + [serial]).joined(separator: "\n") }
        }
        var session = visitor.session
        session.chips.formUnion(pieces.map(\.0.serial))
        sessions.note(chips: session.chips, in: session.identifier)
        return (visitor.with(visitor.fields.saying(values), session), cards, faults)
    }
}
