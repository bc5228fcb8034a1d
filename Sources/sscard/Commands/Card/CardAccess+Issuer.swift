import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry

/// Whose card it is, asked before any key is presented to it: what a key of another city or kind would cost is a try.
extension CardAccess {
    /// The card by the layout that was named or that its answer to reset tells.
    ///
    /// - Throws: `card.other-layout` for a named layout whose cards give another answer to reset: they have other keys.
    func kind(of channel: any CardChannel, _ site: Site) throws -> CompiledCard {
        let answer = channel.answerToReset.bytes
        let compiled = try site.card(named: layout, answering: answer)
        guard let layout, !answer.starts(with: compiled.profile.answerToResetPrefix) else { return compiled }
        let fitting = try site.compiledCards(answering: answer).map(\.name)
        throw Faults(
            "card.other-layout",
            ["layout": layout, "fitting": fitting.isEmpty ? "–" : fitting.joined(separator: " ")])
    }

    /// The layout that this place's registry has the card by, where none was named and it has the card; else the one that was found.
    ///
    /// A registry that another process has open, or that cannot be read, has no answer here: the card is read without it.
    func layoutOnRecord(
        of channel: any CardChannel, insteadOf found: CompiledCard, _ site: Site
    ) -> CompiledCard {
        guard layout == nil, replay == nil,
            let chip = CardIdentity(channel.answerToReset, rule: found.profile.identity)?.bytes,
            site.options.hasRegistry, let registry = try? site.registry(startCheck: false),
            let reference = try? registry.reference(onChip: chip),
            let facts = try? registry.card(reference)?.facts,
            let recorded = try? site.library.entry(site.library.name(ofLayoutOf: facts)).compiled,
            recorded.profile == found.profile
        else { return found }
        return recorded
    }

    /// Checks that the card is of the version whose layout was named, by what it says itself, before it is shown a key; a layout that was found
    /// by its answer to reset alone is put right later.
    ///
    /// As drivers do, only the first character is looked at, since the text is damaged on some cards; one that no layout of its kind has says
    /// nothing.
    ///
    /// - Throws: `card.other-version`.
    func checkVersion(of conversation: CardConversation, _ compiled: CompiledCard, _ site: Site) throws {
        guard let layout, let version = try conversation.readSpecificationVersion(of: compiled.layout),
            let digit = version.first, digit != compiled.layout.specificationVersion.first
        else { return }
        let fitting = try site.compiledCards(answering: compiled.profile.answerToResetPrefix).filter {
            $0.profile == compiled.profile && $0.layout.specificationVersion.first == digit
        }
        guard let other = fitting.first else { return }
        throw Faults(
            "card.other-version",
            [
                "layout": layout, "version": compiled.layout.specificationVersion,
                "found": other.layout.specificationVersion, "fitting": fitting.map(\.name).joined(separator: " "),
            ])
    }

    /// Whether the card can be asked for its version and reset: a trace has only the commands that it was recorded with.
    func asksForVersion() throws -> Bool {
        try replay.map { try Self.trace($0, card: replayCard ?? 1).holdsReset } ?? true
    }

    /// Tells that the card is of another version than the layout that was named for it, and goes on; the card is reset afterwards.
    ///
    /// For whoever looks at the card by this layout all the same.
    func tellOtherVersion(_ channel: any CardChannel, _ compiled: CompiledCard, _ site: Site) throws {
        guard layout != nil, try asksForVersion() else { return }
        let onlooker = try conversation(ReadOnlyChannel(channel), compiled, site, CardPreparation.absentKeys, nil)
        do {
            try checkVersion(of: onlooker, compiled, site)
        } catch let faults as Faults where faults.faults.contains(where: { $0.code == "card.other-version" }) {
            Terminal.tell(faults.faults)
        }
        try channel.reset()
    }

    /// What was begun on the card here and is not finished; a trace is of no card.
    func unfinishedWork(on channel: any CardChannel, _ compiled: CompiledCard) throws -> UnfinishedWork? {
        try replay == nil ? site.unfinishedWork(on: channel.answerToReset, compiled.profile) : nil
    }

    /// The area that the card names as its issuer's, where its keys are not those of this place; nil for a card of this place, and for one
    /// that does not tell.
    func foreignArea(of code: IdentificationCode?, _ site: Site) throws -> String? {
        guard let area = code?.areaCode, area != site.area else { return nil }
        return try site.hierarchy().givesSameKeys(area, site.area) ? nil : area
    }

    /// The code that the card shows to everybody; nil where it shows none.
    func code(on conversation: CardConversation, _ compiled: CompiledCard) throws -> IdentificationCode? {
        guard case .code(let bytes) = try conversation.readIdentificationCode(of: compiled.layout) else { return nil }
        return try? IdentificationCode(bytes: bytes)
    }

    /// Checks that the card is this place's before it is changed, and that nothing on record stands against it.
    ///
    /// - Parameter conversation: one without keys.
    /// - Throws: `card.torn`, `card.torn-migration`, `card.other-area`, `lifecycle.restricted` and `lifecycle.ended`, ``ChipError/anotherChip``.
    func checkChangeable(_ conversation: CardConversation, _ compiled: CompiledCard, _ site: Site) throws {
        if let work = try site.options.unfinishedWork(on: conversation.answerToReset, compiled.profile) {
            throw Faults(work.faultCode)
        }
        let code = try code(on: conversation, compiled)
        try checkArea(of: code, site)
        try checkRecord(of: code, conversation, compiled, site)
    }

    /// Checks that nothing on record stands against changing the card.
    ///
    /// - Throws: `lifecycle.restricted` and `lifecycle.ended`, ``ChipError/anotherChip``.
    func checkRecord(
        of code: IdentificationCode?, _ conversation: CardConversation, _ compiled: CompiledCard, _ site: Site
    ) throws {
        guard let code, let card = try site.existingRegistry()?.card(identificationCode: code) else { return }
        let chip = CardIdentity(conversation.answerToReset, rule: compiled.profile.identity)?.bytes
        guard card.facts.map({ $0.blankSerial == chip }) ?? true else { throw ChipError.anotherChip }
        try card.state.checkWriting()
    }

    /// Throws `card.other-area` for a card whose keys are not here.
    func checkArea(of code: IdentificationCode?, _ site: Site) throws {
        guard let area = try foreignArea(of: code, site) else { return }
        throw Faults("card.other-area", ["card": area, "used": site.area])
    }
}

extension SiteOptions {
    /// What was begun on a card here and is not finished: it has a journal.
    ///
    /// - Throws: `journal.cannot-read` where the folder does not tell.
    func unfinishedWork(on answer: AnswerToReset, _ profile: COSProfile) throws(JournalError) -> UnfinishedWork? {
        guard let card = CardIdentity(answer, rule: profile.identity) else { return nil }
        let folder = "\(dataPath)/journal"
        if try Journal.exists(JournalContent.self, in: folder, card: card) { return .making }
        return try Journal.exists(MigrationContent.self, in: folder, card: card) ? .migration : nil
    }
}

/// What was begun on a card and is not finished.
enum UnfinishedWork {
    /// The card was begun.
    case making
    /// An issued card was on its way to another layout or other data.
    case migration

    /// How it is told, with what finishes it.
    var faultCode: FaultCode {
        switch self {
        case .making: "card.torn"
        case .migration: "card.torn-migration"
        }
    }
}

extension Site {
    /// The registry, where there is one already.
    func existingRegistry() throws -> Registry? {
        try options.hasRegistry ? registry() : nil
    }
}
