import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Lifecycle
import Personalization

/// The card in the reader with what its answer to reset tells and what is remembered of it.
struct CardAtHand {
    let channel: any CardChannel
    let identity: CardIdentity
    let context: CardKeyContext
    let entry: CardLibrary.Entry
    let keys: any CardKeyService
    private let conversations = Conversations()
    private let visit: CardVisit

    /// The conversations held with the card, for the one that ended in a refusal.
    private final class Conversations {
        var all: [CardConversation] = []
    }

    /// Takes the card at the other end of a channel; throws when it is not one of the layout's profile.
    init(
        _ channel: any CardChannel, _ preparation: CardPreparation, layoutName: String, _ visits: VisitPolicy
    ) throws {
        entry = try preparation.library.entry(layoutName)
        keys = preparation.keys
        let profile = entry.compiled.profile
        guard let identity = CardIdentity(channel.answerToReset, rule: profile.identity),
            let context = CardKeyContext(channel.answerToReset, profile: profile, area: preparation.policy.area)
        else { throw IssuingError.noIdentity }
        guard channel.answerToReset.bytes.starts(with: profile.answerToResetPrefix) else {
            throw PersonalizationError.foreignCard(
                fitting: try preparation.library.compiledCards(answering: channel.answerToReset.bytes).map(\.name))
        }
        self.identity = identity
        self.context = context
        self.channel = SameCardChannel(channel)
        visit = try visits.visit(of: identity)
    }

    /// The names of the layouts that the card's answer to reset fits.
    func fittingLayouts(_ preparation: CardPreparation) throws(Faults) -> [String] {
        try preparation.library.compiledCards(answering: channel.answerToReset.bytes).map(\.name)
    }

    /// A conversation with the card.
    ///
    /// - Parameter versions: the versions of the keys that the card was begun with; nil for the live ones.
    func conversation(pin: PersonalIdentificationNumber?, versions: CardKeyVersions? = nil) -> CardConversation {
        let conversation = CardConversation(
            channel, with: entry.compiled, keys: keys, context: context.withVersions(versions), pin: pin,
            visit: visit)
        conversations.all.append(conversation)
        return conversation
    }

    /// Asks the key service whether it can do everything that the plan of a blank will ask of it, before the card is touched.
    ///
    /// - Throws: ``IssuingError/card(_:)`` with the first thing it cannot do.
    func checkKeys(for plan: CardPlan) throws(IssuingError) { try check(plan.keyNeeds, of: context) }

    /// The same for a torn card, whose keys are of the versions it was begun with: how much of the plan is left it has not said yet, so
    /// each need is asked for once.
    func checkKeys(forRestOf plan: CardPlan, versions: CardKeyVersions?) throws(IssuingError) {
        try check(plan.keyNeeds.eachOnce, of: context.withVersions(versions))
    }

    private func check(_ needs: [CardKeyNeed], of context: CardKeyContext) throws(IssuingError) {
        do throws(CardKeyError) {
            try keys.check(needs, of: context)
        } catch {
            throw .card(.keys(error))
        }
    }

    /// What most likely made the card refuse a key; nil when it refused none.
    var diagnosis: AuthenticationDiagnosis? {
        conversations.all.last { $0.diagnosis(cardArea: nil) != nil }?.diagnosis(readingFrom: entry.compiled.layout)
    }
}
