import CardApplication
import CardData
import CardLayout
public import ISO7816
import IssuerKeys
public import Lifecycle
public import Personalization
public import Registry

/// 资料变更: what is on record of the holder is written onto the card where the chip says something else, read back, and booked.
///
/// The plan is the smallest that does it. It stands in a journal from its first command on until the act is in the log: a card that was
/// pulled, and a program that was killed, go on where they were, and nothing is booked twice. All calls block on card and disk: they
/// belong on the thread of the card's reader.
public struct DataChangeDesk: Sendable {
    /// What a card would get.
    public enum Finding: Sendable {
        /// The chip beside the record.
        case compared(ChipComparison)
        /// A change was begun on this card and broken off: commands done, of how many.
        case begun(done: Int, total: Int?)
    }

    /// What a card got.
    public struct Outcome: Sendable {
        /// The elements that were written, as the layout names them.
        public let elements: [String]
        /// The event.
        public let event: EventIdentifier
    }

    private let registry: Registry
    private let preparation: CardPreparation
    private let journalFolder: String
    private let sealingKey: SealingKey
    private let visits: VisitPolicy

    /// A desk.
    ///
    /// - Parameters:
    ///   - preparation: with the keys in the name of the teller who does it.
    ///   - journalFolder: `DATA/journal`.
    public init(
        registry: Registry, preparation: CardPreparation, journalFolder: String, sealingKey: SealingKey,
        visits: VisitPolicy
    ) {
        self.registry = registry
        self.preparation = preparation
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
        self.visits = visits
    }

    /// The chip beside the record; nothing is changed.
    public func look(
        at channel: any CardChannel, for card: RegisteredCard, holder: Person
    ) throws -> Finding {
        _ = try layoutName(of: card)
        let standing = try chips.standing(of: channel)
        guard standing.kind == .migrating, let torn = standing.torn else {
            return .compared(try chips.comparison(of: channel, with: card, holder: holder))
        }
        try check(standing, isChipOf: card)
        return .begun(done: torn.done, total: torn.total)
    }

    /// Writes what differs, or goes on with the change that was begun.
    ///
    /// - Parameter seen: the card's newest event that was shown to whoever asks: where there is a newer one, the chip is left alone. Nil
    ///   when nobody says what they saw.
    /// - Throws: `data-change.nothing` where chip and record agree, `data-change.another-holder` where the card shows another person's
    ///   number, `data-change.migrating` for a card on its way to another layout, `data-change.not-on-this-card` for one whose data are written
    ///   once, and what registry, card and keys refuse.
    public func change(
        _ card: RegisteredCard, to holder: Person, handledBy handling: Handling, expecting seen: UInt64? = nil,
        through channel: any CardChannel,
        progress: (PlanRunner.Progress) -> Void = { _ in }
    ) throws -> Outcome {
        let channel = SameCardChannel(channel)
        let handling = Handling(
            by: handling.officer, second: handling.second, proofs: handling.proofs.union(.cardRead))
        // What the log would refuse is refused before the card is changed.
        try registry.check([
            ActEntry(.dataChanged(["name"]), on: card.reference, handledBy: handling, expecting: seen)
        ])
        let layout = try layoutName(of: card)
        let standing = try chips.standing(of: channel)
        let isBegun = standing.kind == .migrating
        var presentsKeys = false
        if isBegun {
            try check(standing, isChipOf: card)
        } else {
            let comparison = try chips.comparison(of: channel, with: card, holder: holder)
            presentsKeys = comparison.presentedKeys
            guard !comparison.rows.contains(where: { $0.item == .citizenNumber && $0.differs }) else {
                throw Faults("data-change.another-holder")
            }
        }
        let migrations = MigrationDesk(
            preparation: preparation, journalFolder: journalFolder, sealingKey: sealingKey, visits: visits)
        let versions = try registry.making(of: card.reference).map {
            CardKeyVersions($0.facts.keyVersions) ?? .unrecorded
        }
        // Another window may have changed the card while this one waited for the reader.
        let newest = try registry.card(card.reference)?.lastSequence ?? card.lastSequence
        // What was begun goes on with the values it was begun with.
        let prepared = try migrations.prepare(
            MigrationDesk.Request(
                from: layout, to: layout, values: isBegun ? [:] : Self.values(of: holder),
                presentsKeys: presentsKeys,
                keyVersions: versions, mark: String(newest)), through: channel)
        guard prepared.layouts == (layout, layout), let since = UInt64(prepared.mark) else {
            throw Faults("data-change.migrating")
        }
        let elements = Self.elements(of: prepared.migration.plan)
        guard !elements.isEmpty else { throw Faults("data-change.nothing") }
        try channel.reset()
        var event: EventIdentifier?
        try migrations.run(prepared, through: channel, progress: progress) {
            event = try book(elements, on: card, since: since, handling)
        }
        guard let event else { throw Faults("data-change.nothing") }
        return Outcome(elements: elements, event: event)
    }

    // MARK: -

    private var chips: ChipDesk {
        ChipDesk(
            registry: registry, library: preparation.library, today: preparation.today, keys: preparation.keys,
            journalFolder: journalFolder, sealingKey: sealingKey)
    }

    /// The layout that the card was made by, on its profile.
    ///
    /// - Throws: `data-change.not-on-this-card` where nothing is written on a card of the profile once it is made.
    private func layoutName(of card: RegisteredCard) throws -> String {
        guard let facts = card.facts else { throw ChipError.notIssued(.unknown) }
        let name = try preparation.library.name(ofLayoutOf: facts)
        guard try preparation.library.entry(name).compiled.profile.globalPlatform == nil else {
            throw Faults("data-change.not-on-this-card", ["profile": facts.profile])
        }
        return name
    }

    /// A card that was broken off in the midst is told by its chip; what is on it is held against the journal before it goes on.
    private func check(_ standing: CardStanding, isChipOf card: RegisteredCard) throws(ChipError) {
        guard let chip = card.facts?.blankSerial, chip == standing.card?.bytes else { throw .anotherChip }
    }

    /// The act of a change, once: a crash between the commit and the journal's removal leaves both.
    private func book(
        _ elements: [String], on card: RegisteredCard, since: UInt64, _ handling: Handling
    ) throws -> EventIdentifier {
        let earlier = try registry.events(of: card.reference).last { logged in
            logged.event.identifier.sequence > since && logged.body.act == .dataChanged(elements)
        }
        if let earlier { return earlier.event.identifier }
        return try registry.record(.dataChanged(elements), on: card.reference, handledBy: handling).identifier
    }

    /// What the registry has of a person beside the number, by the names of the layout's elements in the environment.
    private static func values(of holder: Person) -> [String: String] {
        [
            "name": holder.name.text, "sex": holder.sex.code, "ethnicGroup": holder.ethnicGroup.code,
            "birthDate": holder.birthDate.text, "birthPlace": holder.birthPlace,
        ]
    }

    /// The elements that a plan writes, each once, in its order.
    private static func elements(of plan: CardPlan) -> [String] {
        var names: [String] = []
        for step in plan.steps where step.purpose.kind == .writeElement {
            let name = step.purpose.subject.split(separator: "/").last.map(String.init) ?? ""
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
