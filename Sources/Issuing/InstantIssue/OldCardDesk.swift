import CardApplication
import CardData
import CardLayout
public import ISO7816
import IssuerKeys
public import Lifecycle
public import Personalization
public import Registry

/// Ends the chip of a card that was taken back: it refuses every command from then on, or the log says why it does not.
///
/// All calls block on card and disk: they belong on the thread of the card's reader.
public struct OldCardDesk: Sendable {
    let registry: Registry
    let preparation: CardPreparation
    let visits: VisitPolicy
    let journalFolder: String
    let sealingKey: SealingKey

    /// A desk.
    ///
    /// - Parameters:
    ///   - preparation: with the keys in the name of who does it.
    ///   - journalFolder: `DATA/journal`.
    public init(
        registry: Registry, preparation: CardPreparation, visits: VisitPolicy, journalFolder: String,
        sealingKey: SealingKey
    ) {
        self.registry = registry
        self.preparation = preparation
        self.visits = visits
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
    }

    /// Blocks the old card's chip and books it, or books why it cannot be blocked; done already, nothing is done again.
    ///
    /// - Parameters:
    ///   - hindrance: why the chip cannot be blocked; nil where it lies in the reader and can.
    ///   - seen: the card's newest event that was shown to whoever asks: where there is a newer one, the chip is left alone. Nil when
    ///     nobody says what they saw.
    ///   - channel: the old card; nil where there is a hindrance.
    /// - Returns: the event; nil for a card that two persons have destroyed meanwhile, which has nothing left to block.
    /// - Throws: ``IssueFlowError/cardMissing``, ``ChipError`` for another card, `card.no-block-key` where the profile has no card block, and
    ///   what registry, card and keys refuse.
    public func end(
        _ old: RegisteredCard, unless hindrance: ChipEnd? = nil, handledBy given: Handling,
        expecting seen: UInt64? = nil, through channel: (any CardChannel)?
    ) throws -> EventIdentifier? {
        // Recorded before whoever asks could note it.
        let earlier = try registry.events(of: old.reference).last { $0.body.act.kind == .chipEnded }
        if let earlier { return earlier.event.identifier }
        if old.state.physical == .destroyed { return nil }
        let outcome = hindrance ?? .blocked
        var proofs = given.proofs
        if outcome == .blocked { proofs.formUnion(.cardRead) }
        let handling = Handling(by: given.officer, second: given.second, proofs: proofs)
        // What the log would refuse is refused before the card is blocked, which nobody can undo.
        try registry.check([
            ActEntry(.chipEnded(outcome), on: old.reference, handledBy: handling, expecting: seen)
        ])
        if outcome == .blocked {
            guard let channel else { throw IssueFlowError.cardMissing }
            try block(old, through: channel)
        }
        return try registry.record(.chipEnded(outcome), on: old.reference, handledBy: handling).identifier
    }

    /// Blocks the card at the other end of a channel; done already, it is not asked again.
    ///
    /// - Throws: ``ChipError`` for another card, `card.no-block-key` where its profile has no card block, what the card and the keys refuse.
    func block(_ card: RegisteredCard, through channel: any CardChannel) throws {
        if let refusal = try refusalOfBlocking(card, through: channel) { throw refusal }
    }

    /// Blocks the card at the other end of a channel, which proves to be this one, and tells why it does not let itself be blocked; nil where
    /// it is blocked.
    ///
    /// - Throws: ``ChipError`` for another card, what the card and the keys refuse before it has proved itself, and what the reader says.
    func refusalOfBlocking(
        _ card: RegisteredCard, through channel: any CardChannel
    ) throws -> (any FaultReporting)? {
        let channel = SameCardChannel(channel)
        let chips = ChipDesk(
            registry: registry, library: preparation.library, today: preparation.today, keys: preparation.keys,
            journalFolder: journalFolder, sealingKey: sealingKey)
        let standing = try chips.standing(of: channel)
        let isSameChip = card.facts?.blankSerial != nil && card.facts?.blankSerial == standing.card?.bytes
        // A blocked card tells its chip and nothing else.
        if standing.kind == .blocked, isSameChip { return nil }
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
        do {
            try conversation.explaining(of: compiled.layout) { try conversation.blockCard(compiled) }
        } catch let refusal as RefusedKey {
            return refusal
        } catch let error as CardError where error.leavesTheCardUnblocked {
            return error
        }
        return try CardClassification.of(conversation, layout: compiled.layout) == .blocked
            ? nil : IssueFlowError.oldCardNotBlocked
    }
}

extension CardError {
    /// Whether the card itself, or the keys at hand, stand against its block, and not the line to it.
    var leavesTheCardUnblocked: Bool {
        switch self {
        // the keys are there and do not answer just now
        case .keys(.serviceFailed), .keys(.token), .keys(.gateway), .keys(.module): false
        case .noBlockKey, .keys, .refused: true
        default: false
        }
    }
}
