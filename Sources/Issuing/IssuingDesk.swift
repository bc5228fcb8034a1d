import CardApplication
import CardCryptography
public import CardData
import CardLayout
public import ISO7816
import IssuerKeys
public import Lifecycle
public import Personalization
public import Registry

/// The one place that joins card number, plan, run, act and registry, and takes up what a tear or a crash left behind.
///
/// All calls block on card and disk: they belong on the thread of the card's reader.
public final class IssuingDesk: Sendable {
    let registry: Registry
    let preparation: CardPreparation
    let journalFolder: String
    let sealingKey: SealingKey
    let visits: VisitPolicy
    private let inHand: PersonsInHand
    private let watching: @Sendable (PlanRunner.Progress) -> Void

    /// The policy that cards are made by.
    public var policy: LifecyclePolicy { registry.policy }

    /// A desk.
    ///
    /// - Parameters:
    ///   - journalFolder: `DATA/journal`.
    ///   - sealingKey: seals personal data in journals.
    ///   - visits: where tries are counted and who may spend the last; beside the journals when nil.
    ///   - inHand: the persons whose cards other desks of this process are making.
    ///   - watching: told after each command of every card that this desk makes.
    public init(
        registry: Registry, preparation: CardPreparation, journalFolder: String, sealingKey: SealingKey,
        visits: VisitPolicy? = nil, inHand: PersonsInHand = PersonsInHand(),
        watching: @escaping @Sendable (PlanRunner.Progress) -> Void = { _ in }
    ) {
        self.inHand = inHand
        self.watching = watching
        self.visits =
            visits
            ?? VisitPolicy(
                besideJournals: journalFolder, isDevelopment: preparation.policy.mode == .development,
                liveVersions: preparation.keyVersions)
        self.registry = registry
        self.preparation = preparation
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
    }

    /// Makes a card for a person, or finishes the one that was begun for them.
    ///
    /// Number → plan → run → act → one transaction. Until the first command nothing is changed but the reserved number; from then on
    /// the journal holds what is needed to finish.
    ///
    /// - Parameters:
    ///   - progress: told after each command.
    ///   - onRecorded: told once the registry has the card and while the journal still knows its PIN: the place to print a slip. After
    ///     a crash it is told again.
    public func issue(
        _ request: IssuingRequest, through channel: any CardChannel,
        progress: (PlanRunner.Progress) -> Void = { _ in }, onRecorded: (IssuedCard) throws -> Void = { _ in }
    ) throws(IssuingError) -> IssuedCard {
        do {
            let applicant = try preparation.checked(request.person, layoutName: request.layoutName)
            return try withPersonInHand(registry.reference(of: applicant.socialSecurityNumber)) { claim in
                let (card, journal) = try make(request, applicant, claim, through: channel) {
                    progress($0)
                    watching($0)
                }
                try onRecorded(card)
                try journal.remove()
                return card
            }
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// The card that was begun for a person and is neither finished nor given up; nil when there is none, or when it is in a
    /// reader and being made just now.
    public func unfinishedCard(of person: SocialSecurityNumber) throws(IssuingError) -> CardIdentity? {
        do {
            let person = try registry.reference(of: person)
            if inHand.contains(person) { return nil }
            return PersonClaim(of: person, in: journalFolder).unfinishedCard
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// Keeps other readers from making a card for the same person meanwhile, and gives the person free when nothing that was
    /// begun is left.
    func withPersonInHand<Value>(
        _ person: PersonReference, _ body: (PersonClaim) throws -> Value
    ) throws -> Value {
        guard inHand.take(person) else { throw IssuingError.beingMade }
        defer { inHand.release(person) }
        let claim = PersonClaim(of: person, in: journalFolder)
        let result = Result { try body(claim) }
        try claim.giveFreeWhenDone()
        return try result.get()
    }

    private func make(
        _ request: IssuingRequest, _ applicant: Applicant, _ claim: PersonClaim, through channel: any CardChannel,
        _ progress: (PlanRunner.Progress) -> Void
    ) throws -> (IssuedCard, Journal) {
        try checkForOtherKind(channel, request)
        let card = try CardAtHand(channel, preparation, layoutName: request.layoutName, visits)
        if let torn = try Journal.resume(in: journalFolder, card: card.identity, key: sealingKey) {
            try checkForOtherLayout(torn.1, card)
            guard torn.1.values["citizenNumber"] == applicant.socialSecurityNumber.text else {
                throw PersonalizationError.begunForAnother
            }
            try checkForOtherData(torn.1, applicant, card, request)
            try claim.take(for: card.identity)
            return try explaining(card) { try finish(torn, card, request, progress) }
        }
        if let other = claim.unfinishedCard { throw IssuingError.begunOnAnotherCard(other) }
        return try explaining(card) { try begin(applicant, card, request, claim, progress) }
    }

    // MARK: - A new card

    private func begin(
        _ applicant: Applicant, _ card: CardAtHand, _ request: IssuingRequest, _ claim: PersonClaim,
        _ progress: (PlanRunner.Progress) -> Void
    ) throws -> (IssuedCard, Journal) {
        switch try CardClassification.of(card.conversation(pin: nil), layout: card.entry.compiled.layout) {
        case .blank: break
        case .issued(let code): throw PersonalizationError.alreadyIssued(code)
        case .blocked: throw PersonalizationError.blocked
        case .foreign, .unknown: throw PersonalizationError.foreignCard(fitting: try card.fittingLayouts(preparation))
        }
        try compareEngines(for: card)
        let isKnown =
            try registry.lookUpPerson(
                applicant.socialSecurityNumber, purpose: .issuing, forMaking: true, handledBy: request.handling) != nil
        try checkForOtherCards(of: registry.reference(of: applicant.socialSecurityNumber), request)
        if !request.isApplied {
            try ApplicationRule.check(
                registry, of: registry.reference(of: applicant.socialSecurityNumber), for: request.replacement?.reason,
                second: request.handling.second, isConfirming: true)
        }
        if !isKnown { try registry.register(Person(applicant), handledBy: request.handling) }
        try check(wanted: applicant.cardNumber, for: card.identity)
        let number = try registry.reserveCardNumber(
            for: card.identity.text, wanted: applicant.cardNumber, handledBy: request.handling)
        try checkThatChipIsFresh(number)
        let values = try preparation.values(request.person, applicant, number: number, context: card.context)
        let plan = try preparation.plan(
            values, layoutName: request.layoutName, pinLength: (request.pin.count + 1) / 2,
            readerTakes: card.channel.largestCommandData, at: request.person.place)
        let content = JournalContent(
            planHash: try plan.hash, values: values,
            notes: ["layout": request.layoutName, "area": registry.policy.area]
                .merging(JournalContent.notes(ofBlock: plan.largestBlock)) { $1 }
                .merging(request.replacement?.notes ?? [:]) { $1 }
                .merging(JournalContent.notes(of: preparation.keyVersions)) { $1 },
            pin: request.pin)
        try card.checkKeys(for: plan)
        // What the registry would refuse at the end is refused here, while the card is still a blank.
        let code = try content.identificationCode
        guard try registry.card(identificationCode: code) == nil else {
            throw IssuingError.identificationCodeTaken(code)
        }
        // The first of the acts is the old card's end, where there is one.
        let entries = try acts(for: content, plan, card, request.handling)
        try registry.check(entries.expecting(request.replacement?.seen))
        try claim.take(for: card.identity)
        let journal = try Journal.begin(in: journalFolder, card: card.identity, content: content, key: sealingKey)
        try PlanRunner(plan, card.conversation(pin: request.pin)).run(journal: journal, progress: progress)
        return (try record(content, plan, card, request, wasResumed: false), journal)
    }

    /// Keys of which two derivations differ go into no card: the batch ends here, and the card is still a blank.
    private func compareEngines(for card: CardAtHand) throws {
        do {
            try preparation.comparison?.check(card.context)
        } catch {
            throw IssuingError.card(.keys(error))
        }
    }

    private func checkForOtherCards(of person: PersonReference, _ request: IssuingRequest) throws {
        let active = try registry.activeCard(of: person)
        guard let replacement = request.replacement else {
            if let active { throw IssuingError.hasCard(active.facts?.number) }
            return
        }
        guard let old = try registry.card(number: replacement.number), old.reference == active?.reference else {
            throw IssuingError.notTheirCard(replacement.number)
        }
    }

    // MARK: - The act

    func record(
        _ content: JournalContent, _ plan: CardPlan, _ card: CardAtHand, _ request: IssuingRequest, wasResumed: Bool
    ) throws -> IssuedCard {
        let code = try content.identificationCode
        // A crash between the commit and the journal's removal leaves both; the act is recorded once.
        if let standing = try registry.card(identificationCode: code) {
            guard standing.facts?.blankSerial == card.identity.bytes else {
                throw IssuingError.identificationCodeTaken(code)
            }
        } else {
            try registry.record(acts(for: content, plan, card, request.handling))
        }
        return IssuedCard(
            number: try content.cardNumber, identificationCode: code, commandCount: plan.commandCount,
            wasResumed: wasResumed, planHash: content.planHash, pin: content.pin)
    }

    /// The acts of a finished card, which stand or fall together: the end of the old card and the making of the new one.
    func acts(
        for content: JournalContent, _ plan: CardPlan, _ card: CardAtHand, _ handling: Handling
    ) throws -> [ActEntry] {
        let reference = CardReference(try content.identificationCode)
        let facts = CardFacts(
            number: try content.cardNumber,
            person: try registry.reference(of: SocialSecurityNumber(content.values["citizenNumber"] ?? "")),
            layout: plan.layoutName, profile: plan.profile.name, area: registry.policy.area,
            issued: try CardDate(content.values["issueDate"] ?? ""),
            expires: try CardDate(content.values["expiryDate"] ?? ""), planHash: content.planHash,
            blankSerial: card.identity.bytes, keyVersions: content.recordedKeyVersions)
        let making = ActEntry(.personalized(facts), on: reference, handledBy: handling)
        guard let replacement = try IssuingRequest.Replacement(notes: content.notes) else { return [making] }
        guard let old = try registry.card(number: replacement.number) else {
            throw IssuingError.notTheirCard(replacement.number)
        }
        let end = ActEntry(
            .replaced(successor: reference, reason: replacement.reason), on: old.reference,
            handledBy: replacement.handling)
        return [end, making]
    }
}
