import CardData
public import Lifecycle
import Synchronization

extension Registry {
    /// The event of a person's registration as it stands; nil for somebody who is not registered.
    public func registration(of reference: PersonReference) throws(RegistryError) -> EventIdentifier? {
        try reading { try PersonTable.find(reference, in: $0) }.map {
            EventIdentifier(counter: counter, sequence: $0.1)
        }
    }

    /// The person of work in hand, whom its officer has looked up for it before: that they go on with it is no event.
    public func person(inHand reference: PersonReference) throws(RegistryError) -> Person? {
        guard let (sealed, sequence) = try reading({ try PersonTable.find(reference, in: $0) }) else { return nil }
        return try sealing.open(sealed, from: EventIdentifier(counter: counter, sequence: sequence))
    }

    /// Looks up the person that a card or an application names; that somebody did, and why, is an event, whether the person is
    /// found or not.
    public func lookUpPerson(
        _ reference: PersonReference, purpose: LookUpPurpose, handledBy handling: Handling
    ) throws(RegistryError) -> Person? {
        let found = Mutex<(SealedPerson, UInt64)?>(nil)
        _ = try perform { transcript in
            let stored = try PersonTable.find(reference, in: transcript.database)
            try transcript.add(
                .personLookedUp(reference, purpose: purpose, found: stored != nil), on: nil, handledBy: handling)
            found.withLock { $0 = stored }
        }
        guard let (sealed, sequence) = found.withLock({ $0 }) else { return nil }
        return try sealing.open(sealed, from: EventIdentifier(counter: counter, sequence: sequence))
    }
}
