import CardData
import Lifecycle
import Registry

/// What was ordered, and what a row of the return makes of it.
extension FactoryReturn {
    func openOrders() throws -> [Application] {
        guard let batch else { return [] }
        return try [ApplicationState.approved, .inProduction].flatMap { state in
            try registry.applications(of: batch, in: state, limit: .max)
        }.filter { $0.facts.way == .factory }
    }

    func order(for row: Row) throws -> Application? {
        let order = try openOrder(of: row)
        if order == nil, let batch { throw Faults("factory-return.not-ordered", ["batch": batch]) }
        // A failure that sends nothing back would be swallowed.
        if order == nil, row.card == nil { throw Faults("factory-return.no-open-order") }
        return order
    }

    private func openOrder(of row: Row) throws -> Application? {
        try registry.applications(of: row.person).first {
            $0.facts.way == .factory && (batch == nil || $0.facts.batch == batch)
                && [.approved, .inProduction].contains($0.state)
        }
    }

    /// The names of every application of a row's person, open or not.
    func orders(of row: Row) throws -> Set<EventIdentifier> {
        Set(try registry.applications(of: row.person).map(\.identifier))
    }

    /// - Parameter sentBack: the applications that this file has sent back.
    func isBooked(_ row: Row, _ sentBack: Set<EventIdentifier>) throws -> Bool {
        if let card = row.card { return try registry.card(card.reference)?.facts == card.facts }
        return try !sentBack.isDisjoint(with: orders(of: row))
    }

    /// The acts of a row, which stand or fall together: the card that the new one takes the place of ends with them, as it was ordered.
    func entries(for row: Row, _ order: Application?) throws(RegistryError) -> [ActEntry] {
        let begun = order.flatMap { order in
            order.state == .approved
                ? ActEntry(.application(order.identifier, .productionBegun), handledBy: officers.maker) : nil
        }
        guard let card = row.card else {
            guard let order else { return [] }
            let failed = ActEntry(
                .application(order.identifier, .productionFailed(mark, why: row.failure)), handledBy: officers.maker)
            return [begun, failed].compactMap(\.self)
        }
        let ready = order.map {
            ActEntry(.application($0.identifier, .ready(card.reference)), handledBy: officers.maker)
        }
        let end = try order.flatMap { order throws(RegistryError) in try registry.orderedEnd(of: order) }
        return [
            ActEntry(.stock(.received(.blank, card.serial)), handledBy: officers.keeper), begun,
            end?.entry(by: card.reference), ready,
            ActEntry(.personalized(card.facts), on: card.reference, handledBy: officers.maker),
        ].compactMap(\.self)
    }
}
