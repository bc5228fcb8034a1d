import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Lifecycle
import Personalization
import Registry

/// Blocks the chip of a card that has ended, after it has proved to be that card.
struct OldCardDesk {
    let registry: Registry
    let preparation: CardPreparation
    let visits: VisitPolicy
    let journalFolder: String
    let sealingKey: SealingKey

    /// Blocks the card at the other end of a channel; done already, it is not asked again.
    ///
    /// - Throws: ``ChipError`` for another card, `card.no-block-key` where its profile has none, what the card and the keys refuse.
    func block(_ card: RegisteredCard, through channel: any CardChannel) throws {
        let channel = SameCardChannel(channel)
        let chips = ChipDesk(
            registry: registry, library: preparation.library, today: preparation.today, keys: preparation.keys,
            journalFolder: journalFolder, sealingKey: sealingKey)
        let standing = try chips.standing(of: channel)
        let isSameChip = card.facts?.blankSerial != nil && card.facts?.blankSerial == standing.card?.bytes
        // A blocked card tells its chip and nothing else.
        if standing.kind == .blocked, isSameChip { return }
        // A change of data that was broken off on it is never finished any more: the chip proves itself below.
        let isBrokenOff = standing.kind == .migrating && isSameChip
        if !isBrokenOff { try chips.check(channel, is: card) }
        let fitting = try preparation.library.compiledCards(answering: channel.answerToReset.bytes)
        guard let compiled = fitting.first(where: { $0.layout.name == card.facts?.layout }) ?? fitting.first,
            let context = CardKeyContext(
                channel.answerToReset, profile: compiled.profile, area: preparation.policy.area)
        else { throw ChipError.notGenuine }
        let versions = try registry.making(of: card.reference).map {
            CardKeyVersions($0.facts.keyVersions) ?? .unrecorded
        }
        let conversation = CardConversation(
            channel, with: compiled, keys: preparation.keys,
            context: context.withVersions(versions).withIdentificationCode(card.reference.bytes),
            visit: try visits.visit(of: channel.answerToReset, by: compiled.profile))
        if isBrokenOff {
            guard case .code(let code) = try conversation.readIdentificationCode(of: compiled.layout),
                code == card.reference.bytes, try conversation.isGenuine(by: compiled) != false
            else { throw ChipError.notGenuine }
        }
        try conversation.blockCard(compiled)
        guard try CardClassification.of(conversation, layout: compiled.layout) == .blocked else {
            throw IssueFlowError.oldCardNotBlocked
        }
    }
}
