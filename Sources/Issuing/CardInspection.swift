import CardApplication
import CardCryptography
public import CardData
import CardLayout
import Glibc
public import ISO7816
import IssuerKeys
import Lifecycle
public import Personalization

/// Looks at a card in a reader and tells where it stands: presents no key and no PIN, and changes nothing on the card.
public struct CardInspection {
    private let preparation: CardPreparation
    private let journalFolder: String
    /// The key of the journals; nil where it is looked for, and none is made.
    private let sealingKey: SealingKey?
    private let spentOn: (CardIdentity) throws -> CardNumber?
    private let isRegistered: (IdentificationCode) throws -> Bool?

    /// An inspection.
    ///
    /// - Parameters:
    ///   - sealingKey: opens the journals. Nil for a place that only looks: the folder's own key is taken where there is one, nothing is made,
    ///     and journals that cannot be looked at are told with the card (``CardStanding/unread``) in place of an error.
    ///   - spentOn: the number of the card that a chip was used for, by the registry; nil when it was used for none.
    ///   - isRegistered: whether the registry has a card of a code; nil when there is none to ask.
    public init(
        preparation: CardPreparation, journalFolder: String, sealingKey: SealingKey?,
        spentOn: @escaping (CardIdentity) throws -> CardNumber? = { _ in nil },
        isRegistered: @escaping (IdentificationCode) throws -> Bool?
    ) {
        self.spentOn = spentOn
        self.preparation = preparation
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
        self.isRegistered = isRegistered
    }

    /// Where the card stands.
    ///
    /// - Parameter layoutName: the layout that its kind of card has; nil when the answer to reset fits none.
    public func standing(of channel: any CardChannel, layoutName: String?) throws(IssuingError) -> CardStanding {
        do {
            let rule = try layoutName.map { try preparation.library.entry($0).compiled.profile.identity }
            let identity = CardIdentity(channel.answerToReset, rule: rule ?? .standard)
            guard let layoutName, let identity else { return Self.plain(.foreign, identity) }
            let begun: Begun?
            do throws(JournalError) {
                begun = try self.begun(identity)
            } catch {
                guard sealingKey == nil, error.isOfReading else { throw error }
                return try classified(channel, identity, layoutName).without(journals: error.faults)
            }
            switch begun {
            case .making(let content, let position):
                return try torn(channel, identity, content, position, layoutName)
            case .migration(let content, let position): return migrating(identity, content, position)
            case nil: return try classified(channel, identity, layoutName)
            }
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// What was begun on a card here and is not finished.
    private enum Begun {
        case making(JournalContent, Journal.Position)
        case migration(MigrationContent, Journal.Position)
    }

    private func begun(_ card: CardIdentity) throws(JournalError) -> Begun? {
        let found = if let sealingKey { sealingKey } else { try SealingKey.existing(in: journalFolder) }
        guard let key = found else {
            // no journal is without a key: one that lies here was sealed elsewhere
            guard try Journal.exists(in: journalFolder, card: card) else { return nil }
            throw .cannotRead(journalFolder + "/journal.key", ENOENT)
        }
        if let (content, position) = try Journal.look(JournalContent.self, in: journalFolder, card: card, key: key) {
            return .making(content, position)
        }
        if let (content, position) = try Journal.look(MigrationContent.self, in: journalFolder, card: card, key: key) {
            return .migration(content, position)
        }
        return nil
    }

    private func classified(
        _ channel: any CardChannel, _ identity: CardIdentity, _ layoutName: String
    ) throws -> CardStanding {
        let entry = try preparation.library.entry(layoutName)
        guard let conversation = conversation(channel, entry, area: preparation.policy.area) else {
            return Self.plain(.foreign, identity)
        }
        switch try CardClassification.of(conversation, layout: entry.compiled.layout) {
        case .blank:
            guard let number = try spentOn(identity) else { return Self.plain(.blank, identity) }
            return CardStanding(
                kind: .unknown, card: identity, identificationCode: nil, isRegistered: nil, torn: nil, spentOn: number)
        case .blocked: return Self.plain(.blocked, identity)
        case .foreign: return Self.plain(.foreign, identity)
        case .unknown: return Self.plain(.unknown, identity)
        case .issued(let text):
            let code = try? IdentificationCode(hexadecimal: text)
            let isKnown = try code.flatMap { try isRegistered($0) }
            // The code is written long before the card is finished, and nothing that costs no try shows its end: who has no record of the
            // card cannot say that it was issued.
            return CardStanding(
                kind: isKnown == false ? .unknown : .issued, card: identity, identificationCode: text,
                isRegistered: isKnown, torn: nil)
        }
    }

    private func torn(
        _ channel: any CardChannel, _ identity: CardIdentity, _ content: JournalContent, _ position: Journal.Position,
        _ layoutName: String
    ) throws -> CardStanding {
        let layoutName = content.notes["layout"] ?? layoutName
        var hindrances: [Fault] = []
        var plan: CardPlan?
        do {
            let made = try preparation.plan(
                content.values, layoutName: layoutName, pinLength: (content.pin.count + 1) / 2,
                readerTakes: content.largestBlock, at: nil)
            let area = content.notes["area"] ?? preparation.policy.area
            guard try made.hash == content.planHash, area == preparation.policy.area else {
                throw PersonalizationError.planHasChanged
            }
            plan = made
            let entry = try preparation.library.entry(layoutName)
            if let conversation = conversation(channel, entry, area: area, content.keyVersions) {
                try TornCard(made, of: entry.compiled, conversation).check(after: position)
            }
        } catch {
            hindrances = IssuingError(wrapping: error).faults
        }
        let done = plan.map { position.commandsDone(of: $0) } ?? position.finishedSteps
        let code = try? content.identificationCode
        return CardStanding(
            kind: .torn, card: identity, identificationCode: code?.text,
            isRegistered: try code.flatMap { try isRegistered($0) },
            torn: CardStanding.Torn(
                planHash: content.planHash, layoutName: layoutName, done: done, total: plan?.commandCount,
                next: plan?.steps.dropFirst(done).first?.purpose, holder: Self.holder(content),
                number: try? content.cardNumber, hindrances: hindrances))
    }

    private func migrating(
        _ identity: CardIdentity, _ content: MigrationContent, _ position: Journal.Position
    ) -> CardStanding {
        let plan: CardPlan?
        var hindrances: [Fault] = []
        do {
            plan = try preparation.migration(content).plan
        } catch {
            plan = nil
            hindrances = IssuingError(wrapping: error).faults
        }
        let done = plan.map { position.commandsDone(of: $0) } ?? position.finishedSteps
        return CardStanding(
            kind: .migrating, card: identity, identificationCode: nil, isRegistered: nil,
            torn: CardStanding.Torn(
                planHash: content.planHash, layoutName: content.to, done: done, total: plan?.commandCount,
                next: plan?.steps.dropFirst(done).first?.purpose, holder: "–", number: nil, hindrances: hindrances))
    }

    private func conversation(
        _ channel: any CardChannel, _ entry: CardLibrary.Entry, area: String, _ versions: CardKeyVersions? = nil
    ) -> CardConversation? {
        let profile = entry.compiled.profile
        return CardKeyContext(channel.answerToReset, profile: profile, area: area).map {
            CardConversation(
                ReadOnlyChannel(channel), with: entry.compiled, keys: preparation.keys,
                context: $0.withVersions(versions))
        }
    }

    private static func plain(_ kind: CardStanding.Kind, _ card: CardIdentity?) -> CardStanding {
        CardStanding(kind: kind, card: card, identificationCode: nil, isRegistered: nil, torn: nil)
    }

    private static func holder(_ content: JournalContent) -> String {
        let name = (try? PersonName(content.values["name"] ?? ""))?.masked
        let number = (try? SocialSecurityNumber(content.values["citizenNumber"] ?? ""))?.masked
        return [name, number].compactMap { $0 }.joined(separator: " ")
    }
}

extension JournalError {
    /// Whether the journals are there, and somebody else has to look at them.
    fileprivate var isOfReading: Bool {
        switch self {
        case .cannotRead, .keyUnfit: true
        case .cannotWrite, .alreadyBegun, .damaged, .sealedByAnother, .sealing: false
        }
    }
}
