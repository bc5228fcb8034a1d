public import CardData
public import Lifecycle
public import Registry

/// Carries the upper tier's orders out, beside the running service and without one alike.
public struct TierDesk: Sendable {
    private let registry: Registry

    /// A desk over an open registry.
    public init(registry: Registry) { self.registry = registry }

    /// Records what an order says.
    ///
    /// - Throws: as ``lease(for:first:last:)`` and ``reference(_:)``; what the rules have against the act.
    public func perform(_ order: TierOrder, handledBy handling: Handling) throws -> TierAnswer {
        let recorded: RecordedEvent
        switch order {
        case .grantLease(let counter, let first, let last):
            let lease = try lease(for: counter, first: first, last: last)
            recorded = try registry.record(.leaseGranted(lease), handledBy: handling)
        case .returnLease(let counter, let sequence):
            let lease = EventIdentifier(counter: counter, sequence: sequence)
            recorded = try registry.record(.leaseReturned(lease), handledBy: handling)
        case .endDuplicate(let card, let first):
            let second = try self.card(numbered: card)
            recorded = try registry.record(
                .duplicate(of: try reference(first, before: second)), on: second, handledBy: handling)
        case .noteBlocked(let card):
            recorded = try registry.record(.seenBlocked, on: try self.card(numbered: card), handledBy: handling)
        }
        return TierAnswer(
            event: recorded.identifier.description, slip: recorded.slip, act: recorded.act.kind.name,
            state: recorded.state?.shown.rawValue, leases: try leases())
    }

    /// The leases that are open.
    public func leases() throws(RegistryError) -> [LeaseReport] { try registry.openLeases().map(LeaseReport.init) }

    /// A lease of these serials on the policy's terms.
    ///
    /// - Throws: `tool.lease-too-small`, and what is wrong with the serials.
    public func lease(for counter: UInt64, first: Int, last: Int) throws(Faults) -> Lease {
        let policy = registry.policy
        let numbers = try CardNumberRange(letter: policy.cardNumbers.letter, first: first, last: last)
        guard let lease = Lease(counter: counter, area: policy.area, numbers: numbers, terms: policy.lease) else {
            throw Faults("tool.lease-too-small", ["count": String(numbers.count), "cards": String(policy.lease.cards)])
        }
        return lease
    }

    /// The card that a word names as the one that came before a duplicate: by its identification code, whoever made it, or by its number
    /// where it was made here.
    ///
    /// - Throws: `counter.first-card-of-another` where it is known here and another person's, `tool.no-such-card`, and what is wrong with the
    ///   number.
    public func reference(_ word: String, before duplicate: CardReference) throws -> CardReference {
        let first = try CardReference(text: word) ?? card(numbered: word)
        // Of a card that another counter made nobody here knows whose it is.
        if let known = try registry.card(first)?.facts?.person,
            let person = try registry.card(duplicate)?.facts?.person, known != person
        {
            throw Faults("counter.first-card-of-another")
        }
        return first
    }

    private func card(numbered word: String) throws -> CardReference {
        let number = try CardNumber(word)
        guard let card = try registry.card(number: number) else {
            throw Faults("tool.no-such-card", ["number": number.printed])
        }
        return card.reference
    }
}
