import CardData
import GRDB
public import Lifecycle
import Synchronization

/// What a search by name found.
public struct NameSearch: Hashable, Sendable {
    /// A person that was found.
    public struct Match: Hashable, Sendable {
        /// The reference by which acts name the person.
        public let reference: PersonReference
        /// The person.
        public let person: Person
    }

    /// The persons; each of them was looked up.
    public let matches: [Match]
    /// Whether there are more, of whom nothing is told.
    public let hasMore: Bool
}

extension Registry {
    /// The fewest characters of a name that are searched for.
    public static var leastNameCharacters: Int { NameIndex.least }

    /// How names are found; see ``NameIndex``.
    var names: NameIndex { NameIndex(sealing: sealing, counter: counter) }

    /// Looks up the persons whose name begins so.
    ///
    /// Each one that is told is looked up, and an event says so; that nobody was found
    /// is an event as well.
    ///
    /// - Parameter limit: no more than so many are told.
    public func lookUpPersons(
        nameBeginning beginning: String, limit: Int = 20, purpose: LookUpPurpose, handledBy handling: Handling
    ) throws(RegistryError) -> NameSearch {
        let names = self.names
        let candidates = try reading { try names.find(beginning, limit: limit + 1, in: $0) }
        let found = Mutex<[(SealedPerson, UInt64)]>([])
        _ = try perform { transcript in
            found.withLock { $0 = [] }
            for reference in candidates.prefix(limit) {
                guard let stored = try PersonTable.find(reference, in: transcript.database) else { continue }
                try transcript.add(
                    .personLookedUp(reference, purpose: purpose, found: true), on: nil, handledBy: handling)
                found.withLock { $0.append(stored) }
            }
            guard candidates.isEmpty, let nobody = try names.nobody(beginning) else { return }
            try transcript.add(.personLookedUp(nobody, purpose: purpose, found: false), on: nil, handledBy: handling)
        }
        var matches: [NameSearch.Match] = []
        for (sealed, sequence) in found.withLock({ $0 }) {
            let person = try sealing.open(sealed, from: EventIdentifier(counter: counter, sequence: sequence))
            matches.append(NameSearch.Match(reference: sealed.person, person: person))
        }
        return NameSearch(matches: matches, hasMore: candidates.count > limit)
    }
}

extension Transcript {
    /// Registers a person and notes the name where it is found by.
    ///
    /// - Parameter known: the person as registered before.
    func register(
        _ person: Person, replacing known: Person?, _ names: NameIndex, handledBy handling: Handling
    ) throws {
        let sealed = try names.sealing.seal(person, into: nextIdentifier)
        try add(.personRegistered(sealed), on: nil, handledBy: handling)
        try names.replace(known?.name.text, with: person.name.text, of: sealed.person, in: database)
    }
}
