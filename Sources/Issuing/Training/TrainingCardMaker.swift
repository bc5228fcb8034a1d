import CardApplication
import CardCryptography
public import CardData
import CardLayout
import Foundation
public import ISO7816
import IssuerKeys
import Lifecycle
import Personalization

/// Makes training cards as real ones are made: by a plan, with the keys of the place, through a channel to a blank card.
public struct TrainingCardMaker {
    /// The city that ``TrainingCard/State/wrongIssuer`` comes from.
    private static let otherArea = "990102"

    private let preparation: CardPreparation

    /// A maker with the layouts and keys of a place.
    ///
    /// Throws `training-card.production` where real cards are made.
    public init(_ preparation: CardPreparation) throws(Faults) {
        guard preparation.policy.mode == .development else { throw Faults("training-card.production") }
        self.preparation = preparation
    }

    /// Brings the blank card of the channel into the state that is asked for.
    ///
    /// - Parameters:
    ///   - layoutName: the layout of cards that name none.
    ///   - number: the card's own; that of ``TrainingCard/person`` when none is given.
    public func make(
        _ card: TrainingCard, layoutName: String, number: CardNumber? = nil, through channel: any CardChannel
    ) throws {
        guard card.state != .blank else { return }
        let entry = try preparation.library.entry(card.layoutName ?? layoutName)
        let profile = entry.compiled.profile
        let area = card.state == .wrongIssuer ? Self.otherArea : preparation.policy.area
        let pin = try PersonalIdentificationNumber(digits: TrainingCard.pinDigits)
        guard let identity = CardIdentity(channel.answerToReset, rule: profile.identity),
            let context = CardKeyContext(channel.answerToReset, profile: profile, area: area)
        else { throw IssuingError.noIdentity }
        var values = TrainingCard.person
        let number = try number ?? CardNumber(TrainingCard.person["cardNumber"] ?? "")
        values["cardNumber"] = number.text
        values["identificationCode"] = try CardValues.identificationCode(
            for: number, area: area, keys: preparation.keys,
            context: context
        ).text
        let pinLength = (pin.count + 1) / 2
        let plan = try CardPlanner(entry.compiled).plan(for: entry.encoder.encode(values), pinLength: pinLength)
        if case .torn(let count) = card.state, count >= plan.commandCount {
            throw TrainingCard.tooLate(count, of: plan.commandCount)
        }
        try run(plan, for: card, identity, values, pin, through: channel) { channel in
            CardConversation(channel, with: entry.compiled, keys: preparation.keys, context: context, pin: pin)
        }
        guard card.state == .pinBlocked else { return }
        try blockPIN(of: entry.compiled, pin) { wrong in
            // This PIN is blocked on purpose, and is nobody's.
            let visit = CardVisit(
                VisitRecord(), keySet: AuthenticationTerms.KeySetMark(isDevelopment: true),
                lastTry: try LastTryPermission(officer: 0, second: 1))
            return CardConversation(
                channel, with: entry.compiled, keys: preparation.keys, context: context, pin: wrong, visit: visit)
        }
    }

    /// Runs the plan, up to the tear where one is wanted; the journal is of no use to anybody afterwards.
    private func run(
        _ plan: CardPlan, for card: TrainingCard, _ identity: CardIdentity, _ values: [String: String],
        _ pin: PersonalIdentificationNumber, through channel: any CardChannel,
        _ conversation: (any CardChannel) -> CardConversation
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sscard-training-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let content = JournalContent(planHash: try plan.hash, values: values, notes: [:], pin: pin)
        let journal = try Journal.begin(
            in: folder, card: identity, content: content, key: SealingKey(SecureRandom.secret(32)))
        guard case .torn(let count) = card.state else {
            return try PlanRunner(plan, conversation(channel)).run(journal: journal)
        }
        let cut = FaultChannel(channel, cutAt: count, .beforeCommand) {}
        do {
            try PlanRunner(plan, conversation(cut)).run(journal: journal)
        } catch PersonalizationError.interrupted(_, .channel(.cardRemoved)) {
            return
        }
    }

    /// Presents a wrong PIN until the card has no try left.
    private func blockPIN(
        of card: CompiledCard, _ pin: PersonalIdentificationNumber,
        _ conversation: (PersonalIdentificationNumber) throws -> CardConversation
    ) throws {
        guard let directory = card.directories.first(where: { $0.security.keys.contains(where: \.isPIN) }),
            let record = card.pinRecord(of: directory)
        else { throw Faults("plan.no-pin", ["profile": card.profile.name], at: card.profile.place) }
        let wrong = try PersonalIdentificationNumber(digits: String(TrainingCard.pinDigits.reversed()))
        let conversation = try conversation(wrong)
        try conversation.reset()
        try conversation.perform(
            .fixed(CardCommands(profile: card.profile).select(directory)), wantsAnswer: false)
        let verification = CardOperation.verifyPIN(identifier: record.identifier, length: (pin.count + 1) / 2)
        // Fifteen is the most a counter of one nibble holds.
        for _ in 0..<15 where try conversation.send(verification).statusWord != .authenticationMethodBlocked {}
        let last = try conversation.send(verification).statusWord
        guard last == .authenticationMethodBlocked else { throw conversation.refusal(of: verification, last) }
    }
}
