public import CardData
public import Lifecycle
import Synchronization

/// Acts: judged, written down, and on the disk before the call returns.
extension Registry {
    /// Records one act on a card.
    ///
    /// - Throws: `refused` with every reason, `cardUnknown`, `personUnknown`, `numberTaken`, or the store's errors; then
    ///   nothing was changed.
    @discardableResult
    public func record(
        _ act: Act, on card: CardReference, handledBy handling: Handling
    ) throws(RegistryError) -> RecordedEvent {
        try one(of: record([ActEntry(act, on: card, handledBy: handling)]))
    }

    /// Records several acts that stand or fall together, in this order: for example the end of an old card and the
    /// making of its successor.
    @discardableResult
    public func record(_ entries: [ActEntry]) throws(RegistryError) -> [RecordedEvent] {
        try perform { transcript in
            for entry in entries { try transcript.add(entry) }
        }
    }

    /// Judges acts as ``record(_:)`` would at this moment, and records nothing.
    ///
    /// For work that cannot be taken back, such as writing a card: what would be refused afterwards is refused before.
    ///
    /// - Parameter isBegun: whether the work was foreseen before and stands half done: what counts allow was judged then, and a lease
    ///   that has run out since leaves nothing unfinished.
    /// - Throws: what ``record(_:)`` throws for the same acts.
    public func check(_ entries: [ActEntry], begun isBegun: Bool = false) throws(RegistryError) {
        _ = try perform { transcript in
            try transcript.takingBack(foreseeing: !isBegun) {
                for entry in entries { try transcript.add(entry) }
            }
        }
    }

    /// Registers a person, or takes up changed data of a known one.
    ///
    /// - Parameter expected: what was seen on record; it is compared in the transaction that writes.
    /// - Returns: the reference by which acts name the person.
    /// - Throws: `personChanged` where something else is on record by then.
    @discardableResult
    public func register(
        _ person: Person, expecting expected: ExpectedRecord = .anything, handledBy handling: Handling
    ) throws(RegistryError) -> PersonReference {
        let (names, counter) = (names, counter)
        let reference = try sealing.reference(of: person.number)
        _ = try perform { transcript in
            let stored = try PersonTable.find(reference, in: transcript.database)
            let known = try stored.map {
                try names.sealing.open($0.sealed, from: EventIdentifier(counter: counter, sequence: $0.sequence))
            }
            guard expected.agrees(with: known) else { throw RegistryError.personChanged }
            try transcript.register(person, replacing: known, names, handledBy: handling)
        }
        return reference
    }

    /// Looks a person up; that somebody did, and why, is an event, whether the person is found or not.
    ///
    /// - Parameter isForMaking: whether a card is made of a row that names the person, so that nobody is shown whom it finds; it is
    ///   not held against what the officer may look at in a day.
    public func lookUpPerson(
        _ number: SocialSecurityNumber, purpose: LookUpPurpose, forMaking isForMaking: Bool = false,
        handledBy handling: Handling
    ) throws(RegistryError) -> Person? {
        let reference = try sealing.reference(of: number)
        let found = Mutex<(SealedPerson, UInt64)?>(nil)
        _ = try perform { transcript in
            let stored = try PersonTable.find(reference, in: transcript.database)
            let act = Act.personLookedUp(reference, purpose: purpose, found: stored != nil)
            if isForMaking {
                try transcript.lookingForMaking { try transcript.add(act, on: nil, handledBy: handling) }
            } else {
                try transcript.add(act, on: nil, handledBy: handling)
            }
            found.withLock { $0 = stored }
        }
        guard let (sealed, sequence) = found.withLock({ $0 }) else { return nil }
        return try sealing.open(sealed, from: EventIdentifier(counter: counter, sequence: sequence))
    }

    /// Takes a card number from the pool for one making of a card; asked again for the same journal, gives the same.
    ///
    /// - Parameters:
    ///   - journal: the name of the making's journal.
    ///   - wanted: a number that the application brings; nil takes the first free one of the policy's range.
    /// - Throws: `numberTaken` when the wanted one is not free, `numbersExhausted` when none is.
    public func reserveCardNumber(
        for journal: String, wanted: CardNumber? = nil, handledBy handling: Handling
    ) throws(RegistryError) -> CardNumber {
        let reserved = Mutex<CardNumber?>(nil)
        _ = try perform { transcript in
            let number = try transcript.reserve(wanted, for: journal, handledBy: handling)
            reserved.withLock { $0 = number }
        }
        guard let number = reserved.withLock({ $0 }) else { throw .inconsistent("reservation") }
        return number
    }

    /// Hands work to the writer and waits for its commit; see ``LogWriter/Request`` for what the work may be.
    func perform(_ work: @escaping @Sendable (Transcript) throws -> Void) throws(RegistryError) -> [RecordedEvent] {
        try writer.perform(work).get()
    }

    private func one(of events: [RecordedEvent]) throws(RegistryError) -> RecordedEvent {
        guard let event = events.first else { throw .inconsistent("no event") }
        return event
    }
}

extension Transcript {
    /// See ``Registry/reserveCardNumber(for:wanted:handledBy:)``.
    func reserve(_ wanted: CardNumber?, for journal: String, handledBy handling: Handling) throws -> CardNumber {
        let (number, isReserved) = try numberToReserve(wanted, for: journal)
        if !isReserved { try add(.cardNumberReserved(number, journal: journal), on: nil, handledBy: handling) }
        return number
    }

    /// The number that a card would get, and whether it is reserved for it already.
    func numberToReserve(
        _ wanted: CardNumber?, for journal: String
    ) throws -> (number: CardNumber, isReserved: Bool) {
        if let earlier = try NumberTable.reserved(for: journal, in: database) {
            if let wanted, wanted != earlier { throw RegistryError.numberTaken(wanted) }
            return (earlier, true)
        }
        guard let wanted else { return (try freeNumber(), false) }
        let state = try NumberTable.state(of: wanted, in: database)
        guard state == nil || state == .withheld else { throw RegistryError.numberTaken(wanted) }
        try checkThatNobodyElseHas(wanted, of: LeaseTable.open(in: database).map(\.lease))
        return (wanted, false)
    }

    /// The first number that nobody has: of the counter's leases where it works under any, else of the policy's range without what was
    /// granted to other counters.
    private func freeNumber() throws -> CardNumber {
        let open = try LeaseTable.open(in: database).map(\.lease)
        let own = open.filter { $0.counter == counter }
        for lease in own {
            if let place = try NumberTable.firstFree(in: lease.numbers, from: 0, in: database),
                let number = lease.numbers.number(at: place)
            {
                return number
            }
        }
        let range = policy.cardNumbers
        var start = firstFreeNumber
        while own.isEmpty, let place = try NumberTable.firstFree(in: range, from: start, in: database),
            let number = range.number(at: place)
        {
            guard let theirs = open.first(where: { $0.numbers.contains(number) }) else {
                firstFreeNumber = place + 1
                return number
            }
            start = theirs.numbers.serials.upperBound - range.serials.lowerBound + 1
        }
        throw RegistryError.numbersExhausted
    }
}
