import CardData
import Hummingbird
import Lifecycle
import Registry

/// 待认领: cards that were found or handed in, in use still, and lie here until their holders come.
extension CounterWeb {
    /// No list is longer; what is more is counted.
    private static let mostFound = 200

    func addFoundCards(to router: Router<CounterContext>) {
        page(router, "/found-cards") { visitor in
            try visitor.demandOffice()
            let language = visitor.language
            let (count, cards) = try await desk.registry {
                (try $0.foundCardCount(), try $0.foundCards(Self.mostFound))
            }
            let events = try await desk.registry { registry in
                try cards.map { try registry.event(at: $0.card.lastSequence) }
            }
            return show(
                "found-cards", visitor, title: pages.words.text("foundCards", language),
                [
                    "count": String(count), "hasCards": !cards.isEmpty,
                    "cards": zip(cards, events).map { found, event in
                        var row = cardRow(found.card, language)
                        row["keeper"] = keeper(found.keeper)
                        // Whom to tell, the card's page says: that somebody looks there is an event.
                        if let seen = found.card.facts.flatMap({ visitor.session.seen[$0.person] }) {
                            row["holder"] = ["name": seen.name, "number": seen.number] as View
                        } else {
                            row["holderNote"] = pages.words.text("issueHolderUnseen", language)
                        }
                        if let event { row["since"] = Moment.text(event.event.wallMilliseconds) }
                        return row
                    } as [View],
                ])
        }
    }

    /// What a card's page says of a card that lies in the office, not ended, with whom; nil for any other.
    func keptView(_ card: RegisteredCard) async throws -> View? {
        guard card.state.physical == .recovered, !card.state.social.isEnded else { return nil }
        let chip = card.facts?.blankSerial ?? []
        let owner = try await desk.registry { try $0.stock(chip)?.owner }
        return ["keeper": owner.map(keeper) ?? "–"]
    }

    /// The card that took this one's place, and those whose place it took.
    func relatives(of card: RegisteredCard) async throws -> View {
        let (next, before) = try await desk.registry { registry in
            (
                try card.successor.flatMap { try registry.card($0) },
                try card.facts.map { try registry.cards(of: $0.person) }?.filter { $0.successor == card.reference }
                    ?? []
            )
        }
        func link(_ other: RegisteredCard) -> View? {
            other.facts.map { ["path": path(other), "number": $0.number.printed] }
        }
        var view: View = ["predecessors": before.compactMap(link)]
        if let next { view["successorCard"] = link(next) }
        return view
    }

    private func keeper(_ number: UInt64) -> String {
        [String(number), (try? desk.operators.operation(number))?.name].compactMap(\.self).joined(separator: " ")
    }
}
