public import CardData
public import Lifecycle

/// How many pieces of a kind an officer answers for.
public struct StockCount: Hashable, Sendable {
    /// The officer's number.
    public let owner: UInt64
    /// What they are.
    public let kind: StockKind
    /// How many.
    public let count: Int
}

/// A day that an officer has closed, by their newest count.
public struct DayClosing: Hashable, Sendable {
    /// The day, eight digits.
    public let day: UInt32
    /// Whose.
    public let owner: UInt64
    /// The event of the count: what the officer did later belongs to the next day.
    public let sequence: UInt64

    /// A day's end from its parts.
    public init(day: UInt32, owner: UInt64, sequence: UInt64) {
        self.day = day
        self.owner = owner
        self.sequence = sequence
    }
}

/// A lease that has not been returned.
public struct OpenLease: Hashable, Sendable {
    /// The event that granted it.
    public let identifier: EventIdentifier
    /// What it allows.
    public let lease: Lease
}

/// Applications, stock and leases as the log's acts have left them.
extension Registry {
    /// The application that this event brought in; nil when there is none.
    public func application(_ identifier: EventIdentifier) throws(RegistryError) -> Application? {
        try reading { try ApplicationTable.find(identifier, in: $0) }
    }

    /// The newest event of an application, which says whether it is still as somebody saw it; nil when there is none of that name.
    public func newestEvent(ofApplication identifier: EventIdentifier) throws(RegistryError) -> UInt64? {
        try reading { try ApplicationTable.newestEvent(of: identifier, in: $0) }
    }

    /// What was done with an application, from its bringing in on, the oldest first; nothing when there is none of that name.
    public func events(ofApplication identifier: EventIdentifier) throws(RegistryError) -> [LoggedEvent] {
        guard let last = try newestEvent(ofApplication: identifier) else { return [] }
        let steps = try steps(between: identifier.sequence...last, holding: identifier.bytes).filter { logged in
            if case .application(identifier, _) = logged.body.act { true } else { false }
        }
        return try [event(at: identifier.sequence)].compactMap(\.self) + steps
    }

    /// A person's applications, the newest first.
    public func applications(of person: PersonReference) throws(RegistryError) -> [Application] {
        try reading { try ApplicationTable.find(person: person, in: $0) }
    }

    /// The applications that stand in a state, the one that has waited longest first.
    public func applications(in state: ApplicationState, limit: Int = 100) throws(RegistryError) -> [Application] {
        try reading { try ApplicationTable.find(state: state, limit: limit, in: $0) }
    }

    /// A page of the applications that stand in these states, state by state, of each the one that has waited longest first.
    ///
    /// - Parameters:
    ///   - officer: only what this one has entered; nil for everybody's.
    ///   - skipped: how many come before the page.
    /// - Returns: the page, and how many there are in all.
    public func applications(
        in states: [ApplicationState], enteredBy officer: UInt64?, skipping skipped: Int, limit: Int
    ) throws(RegistryError) -> (page: [Application], total: Int) {
        try reading { database in
            var (page, total) = ([Application](), 0)
            for state in states {
                let count = try ApplicationTable.count(state: state, enteredBy: officer, in: database)
                if page.count < limit, skipped < total + count {
                    page += try ApplicationTable.find(
                        state: state, enteredBy: officer, skipping: skipped - total, limit: limit - page.count,
                        in: database)
                }
                total += count
            }
            return (page, total)
        }
    }

    /// The applications that a factory's return has sent back, whatever was done with them since.
    ///
    /// Every failure is gone through once: ask once a file, not once a row.
    public func applications(sentBackBy mark: ReturnMark) throws(RegistryError) -> Set<EventIdentifier> {
        let events = try steps(of: .productionFailed, holding: mark.bytes)
        return Set(
            events.compactMap { logged in
                if case .application(let name, .productionFailed(mark, _)) = logged.body.act { name } else { nil }
            })
    }

    /// Records an act that is about no card: an application, stock, a lease, a day's end.
    ///
    /// - Throws: `refused` with every reason, `personUnknown`, `applicationUnknown`, `leaseUnknown`, or the store's errors; then
    ///   nothing was changed.
    @discardableResult
    public func record(_ act: Act, handledBy handling: Handling) throws(RegistryError) -> RecordedEvent {
        guard let event = try record([ActEntry(act, handledBy: handling)]).first else {
            throw .inconsistent("no event")
        }
        return event
    }

    /// A piece of stock by its chip's serial number; nil when it is not in the book.
    public func stock(_ serial: [UInt8]) throws(RegistryError) -> StockPiece? {
        try reading { try StockTable.find(serial, in: $0) }
    }

    /// An officer's pieces by kind.
    public func stock(of owner: UInt64) throws(RegistryError) -> [StockKind: Set<[UInt8]>] {
        try reading { try StockTable.book(of: owner, in: $0) }
    }

    /// The numbers of the finished cards among an owner's pieces, by their chips; the newest where a chip was made twice.
    public func cardNumbers(inStockOf owner: UInt64) throws(RegistryError) -> [[UInt8]: CardNumber] {
        try reading { try StockTable.cardNumbers(of: owner, in: $0) }
    }

    /// The PSAMs that are built into terminals, terminal by terminal.
    public func installedModules() throws(RegistryError) -> [StockPiece] {
        try reading { try StockTable.installed(in: $0) }
    }

    /// How many pieces of each kind each officer answers for.
    public func stockCounts() throws(RegistryError) -> [StockCount] {
        try reading {
            try StockTable.counts(in: $0).map { StockCount(owner: $0.owner, kind: $0.kind, count: $0.count) }
        }
    }

    /// The days that were closed in a stretch of days, in the order in which they were.
    public func dayClosings(in days: ClosedRange<UInt32>) throws(RegistryError) -> [DayClosing] {
        try reading { try StockTable.closings(in: days, in: $0) }
    }

    /// The leases that are open.
    public func openLeases() throws(RegistryError) -> [OpenLease] {
        try reading { try LeaseTable.open(in: $0).map { OpenLease(identifier: $0.identifier, lease: $0.lease) } }
    }
}
