import CardData
public import Lifecycle
import Synchronization

/// 单位批次: the batch in which an employer or school applies for its people.
public struct PersonBatch: Hashable, Sendable {
    /// Its number, kept with each application.
    public let number: String
    /// How the cards are made.
    public let way: ApplicationFacts.Way

    /// A batch; nil for what is no ``BatchNumber``.
    public init?(number: String, way: ApplicationFacts.Way) {
        guard let number = BatchNumber(number) else { return nil }
        self.number = number.text
        self.way = way
    }
}

/// What became of persons that were taken in.
public struct IntakeCount: Hashable, Sendable {
    /// Not known before.
    public var new = 0
    /// Known with other data.
    public var changed = 0
    /// Known with the same data: no event.
    public var same = 0
    /// Applications that were handed in.
    public var applications = 0
    /// Persons for whom none was, because they have a card or have applied already.
    public var served = 0

    /// Nobody yet.
    public init() {}

    /// Adds up.
    public static func += (left: inout IntakeCount, right: IntakeCount) {
        left.new += right.new
        left.changed += right.changed
        left.same += right.same
        left.applications += right.applications
        left.served += right.served
    }
}

extension Registry {
    /// Whether a person is registered; tells no data, so it is no event.
    public func knows(_ person: PersonReference) throws(RegistryError) -> Bool {
        try reading { try PersonTable.exists(person, in: $0) }
    }

    /// Registers persons, those with new or changed data only, and hands in an application of a batch for each who has neither a card
    /// nor an open application; all of them or none.
    ///
    /// Done once more with the same persons and batch, it changes nothing.
    public func takeIn(
        _ persons: [Person], batch: PersonBatch?, handledBy handling: Handling
    ) throws(RegistryError) -> IntakeCount {
        let counted = Mutex(IntakeCount())
        _ = try perform { transcript in
            let count = try self.takeIn(persons, batch, handling, transcript)
            counted.withLock { $0 = count }
        }
        return counted.withLock { $0 }
    }

    /// What ``takeIn(_:batch:handledBy:)`` would do now; nothing is changed.
    ///
    /// - Throws: what it would throw.
    public func foreseeTakingIn(
        _ persons: [Person], batch: PersonBatch?, handledBy handling: Handling
    ) throws(RegistryError) -> IntakeCount {
        let counted = Mutex(IntakeCount())
        _ = try perform { transcript in
            try transcript.takingBack(foreseeing: true) {
                let count = try self.takeIn(persons, batch, handling, transcript)
                counted.withLock { $0 = count }
            }
        }
        return counted.withLock { $0 }
    }

    private func takeIn(
        _ persons: [Person], _ batch: PersonBatch?, _ handling: Handling, _ transcript: Transcript
    ) throws -> IntakeCount {
        var count = IntakeCount()
        for person in persons {
            let reference = try sealing.reference(of: person.number)
            let stored = try PersonTable.find(reference, in: transcript.database)
            let known = try stored.map {
                try sealing.open($0.sealed, from: EventIdentifier(counter: counter, sequence: $0.sequence))
            }
            if known == person {
                count.same += 1
            } else {
                try transcript.register(person, replacing: known, names, handledBy: handling)
                if known == nil { count.new += 1 } else { count.changed += 1 }
            }
            guard let batch else { continue }
            let earlier = try ApplicationTable.find(person: reference, in: transcript.database)
            guard !earlier.contains(where: { $0.facts.batch == batch.number }) else { continue }
            let facts = ApplicationFacts(
                person: reference, kind: .first, way: batch.way, channel: .counter, batch: batch.number)
            guard try transcript.reasonsAgainst(facts).isEmpty else {
                count.served += 1
                continue
            }
            try transcript.add(.submitted(facts), on: nil, handledBy: handling)
            count.applications += 1
        }
        return count
    }
}
