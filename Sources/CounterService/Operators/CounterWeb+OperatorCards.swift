import CardData
import Hummingbird
import Logging

/// Cards of operators: an administrator gives them and takes them away, and a log-in wants them.
extension CounterWeb {
    func addOperatorCards(to router: Router<CounterContext>) {
        form(router, "/operations/cards") { visitor in
            let number = try numberOfOperator(visitor)
            let card = try await room.provenCard(in: visitor.fields["reader"], for: visitor.person)
            try await setCard(of: number, card, visitor)
            return goOn(to: "/operations")
        }
        form(router, "/operations/cards/remove") { visitor in
            try await setCard(of: try numberOfOperator(visitor), nil, visitor)
            return goOn(to: "/operations")
        }
    }

    private func setCard(of number: UInt64, _ card: OperatorCard?, _ visitor: Visitor) async throws {
        let operators = desk.operators
        let administrator = visitor.person.number
        // The file is brought to the disk.
        try await desk.threads.run { try operators.setCard(of: number, card, by: administrator) }
        logger.notice(
            "operator card",
            metadata: [
                "change": card == nil ? "removed" : "given", "operator": "\(number)", "by": "\(administrator)",
            ])
    }

    private func numberOfOperator(_ visitor: Visitor) throws(Faults) -> UInt64 {
        guard visitor.person.roles.contains(.administrator) else { throw Faults("counter.no-role") }
        guard let number = UInt64(visitor.fields["number"]) else {
            throw Faults("counter.not-found")
        }
        return number
    }

    /// Lets in who has a card only with this card in a reader; who has none needs none.
    ///
    /// - Parameter reader: the reader that was chosen; empty for the only one with a card.
    func demandCard(of person: Operator, in reader: String) async throws {
        guard let card = person.card else { return }
        do {
            guard try await room.provenCard(in: reader, for: person) == card else {
                throw Faults("operator.another-card")
            }
        } catch {
            desk.metrics.count(.loginRefused)
            let code = FaultStatus.faults(of: error).first?.code.rawValue ?? "counter.unexpected"
            logger.notice(
                "refused", metadata: ["purpose": "login-card", "operator": "\(person.number)", "code": "\(code)"])
            throw error
        }
    }

    /// What the log-in page says of cards; nil while no operator has one.
    func loginCardView(_ reader: String, _ language: MessageLanguage) -> View? {
        guard let people = try? desk.operators.all(), people.contains(where: { $0.card != nil }) else { return nil }
        let readers = readerViews(language).filter { $0["isSecurityModule"] as? Bool == false }
        return [
            "hasSeveralReaders": readers.count > 1,
            "readerOptions": readers.map { view in
                ["name": view["name"] ?? "", "isChosen": view["name"] as? String == reader] as View
            },
        ]
    }
}
