import CardData
import Hummingbird
import Lifecycle
import Registry

/// 领卡签收单: the paper that the holder signs before the clerk ticks that they did; the slip with the event comes after the act.
extension CounterWeb {
    func addCollectionPaper(to router: Router<CounterContext>) {
        // Whose card it is stands on the paper, masked, and that somebody looked is an event: a form and no address.
        form(router, "/cards/:card/collection-paper", isPrint: true) { visitor in
            let (card, _) = try await card(visitor)
            let (act, faults) = Self.signedAct(on: card, by: visitor.person, under: desk.policy)
            guard faults.isEmpty else { throw Faults(faults) ?? Faults("counter.no-role") }
            let looking = try await looking(at: card.facts?.person, for: .handingOver, visitor)
            let language = visitor.language
            var view: View = [
                "title": pages.words.text("collectionPaper", language), "act": language.word(act.kind),
                "cardNumber": card.facts?.number.printed ?? "–",
                "officer": "\(visitor.person.number) \(visitor.person.name)",
                "time": Moment.text(desk.clocks.wall()), "isReceipt": configuration.slipPaper == .receipt,
            ]
            if let seen = card.facts.flatMap({ looking.session.seen[$0.person] }) {
                view["holder"] = ["name": seen.name, "number": seen.number] as View
            }
            return pages.page("collection", view, language)
        }
    }

    /// By which act the card comes to its holder now, and what the rules have against it.
    private static func signedAct(
        on card: RegisteredCard, by person: Operator, under policy: LifecyclePolicy
    ) -> (act: Act, faults: [Fault]) {
        let handingOver = RuleAnswer(.handedOver, on: card, by: person, under: policy)
        let givingBack = RuleAnswer(.givenBack, on: card, by: person, under: policy)
        if !handingOver.faults.isEmpty, givingBack.faults.isEmpty { return (.givenBack, []) }
        return (.handedOver, handingOver.faults)
    }

    /// The way to the paper, for the pages of the acts that it is signed for.
    func collectionView(_ card: RegisteredCard) -> View? {
        card.facts.map { ["path": "/cards/\($0.number.text)/collection-paper"] }
    }
}
