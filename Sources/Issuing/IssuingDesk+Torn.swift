import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Lifecycle
import Personalization
import Registry

/// Cards that were begun: they go on with the data, keys and layout that their journal has, or are spoiled.
extension IssuingDesk {
    /// The profile that a card was begun with is the one its keys are for: with another one they would cost it tries.
    func checkForOtherLayout(_ content: JournalContent, _ card: CardAtHand) throws {
        guard let name = content.notes["layout"] else { return }
        let begun = try preparation.library.entry(name).compiled
        let asked = card.entry.compiled
        guard begun.layout.name == asked.layout.name, begun.profile.name == asked.profile.name else {
            throw PersonalizationError.begunByAnotherLayout(name)
        }
    }

    /// A card goes on with the data it was begun with; whoever puts it in again with other data means another card.
    func checkForOtherData(
        _ content: JournalContent, _ applicant: Applicant, _ card: CardAtHand, _ request: IssuingRequest
    ) throws {
        let number = try content.cardNumber
        let asked = try preparation.values(
            request.person, applicant, number: applicant.cardNumber ?? number, context: card.context)
        let given = request.person.values.filter { !$0.value.isEmpty }.keys
        let changed = given.filter { asked[$0] != content.values[$0] }.sorted()
        guard changed.isEmpty else { throw PersonalizationError.begunWithOtherData(changed) }
    }

    /// A journal that came back from a copy may be of a person who has got another card since.
    private func checkForOtherCards(than content: JournalContent) throws {
        let person = try registry.reference(of: SocialSecurityNumber(content.values["citizenNumber"] ?? ""))
        guard content.notes["replaces"] == nil, let active = try registry.activeCard(of: person),
            active.reference != CardReference(try content.identificationCode)
        else { return }
        throw IssuingError.hasCard(active.facts?.number)
    }

    func finish(
        _ torn: (Journal, JournalContent, Journal.Position), _ card: CardAtHand, _ request: IssuingRequest,
        _ progress: (PlanRunner.Progress) -> Void
    ) throws -> (IssuedCard, Journal) {
        let (journal, content, position) = torn
        if let replacement = request.replacement, replacement.number.text != content.notes["replaces"] {
            throw IssuingError.notTheirCard(replacement.number)
        }
        try checkForOtherCards(than: content)
        // Keys of another area would cost the card a try.
        guard content.notes["area"] == registry.policy.area else { throw PersonalizationError.planHasChanged }
        let layoutName = content.notes["layout"] ?? request.layoutName
        let plan = try preparation.plan(
            content.values, layoutName: layoutName,
            pinLength: (content.pin.count + 1) / 2, readerTakes: content.largestBlock, at: request.person.place)
        guard try plan.hash == content.planHash else { throw PersonalizationError.planHasChanged }
        // What the registry would refuse at the end leaves the card as it is. Counts were judged when the card was begun.
        if try registry.card(identificationCode: content.identificationCode) == nil {
            try registry.check(acts(for: content, plan, card, request.handling), begun: true)
        }
        try card.checkKeys(forRestOf: plan, versions: content.keyVersions)
        let conversation = card.conversation(pin: content.pin, versions: content.keyVersions)
        let tornCard = TornCard(plan, of: try preparation.library.entry(layoutName).compiled, conversation)
        guard try complete(plan, tornCard, conversation, after: position, journal, progress) else {
            try bookSpoiled(content, card.identity, request.handling)
            try journal.remove()
            throw IssuingError.spoiled(try? content.cardNumber)
        }
        return (try record(content, plan, card, request, wasResumed: true), journal)
    }

    /// Runs the rest of a torn card's plan; false when the card is torn beyond repair.
    private func complete(
        _ plan: CardPlan, _ torn: TornCard, _ conversation: CardConversation, after position: Journal.Position,
        _ journal: Journal, _ progress: (PlanRunner.Progress) -> Void
    ) throws -> Bool {
        let entry: PlanRunner.Entry
        do throws(PersonalizationError) {
            entry = try torn.entry(after: position)
        } catch {
            guard error == .spoiled else { throw error }
            return false
        }
        try PlanRunner(plan, conversation).run(from: entry, journal: journal, progress: progress)
        return true
    }
}
