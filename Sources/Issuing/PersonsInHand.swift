import Lifecycle
import Synchronization

/// The persons whose card is in a reader now, for all desks of one process; other processes are kept out by the registry, which one
/// alone can open.
public final class PersonsInHand: Sendable {
    private let persons = Mutex<Set<PersonReference>>([])

    /// Nobody.
    public init() {}

    /// Takes a person in hand; false when somebody has.
    func take(_ person: PersonReference) -> Bool { persons.withLock { $0.insert(person).inserted } }

    func release(_ person: PersonReference) { _ = persons.withLock { $0.remove(person) } }

    func contains(_ person: PersonReference) -> Bool { persons.withLock { $0.contains(person) } }
}
