import CardApplication
import CardCryptography
public import CardData
public import CardLayout
public import ISO7816
import IssuerKeys
import Lifecycle
import Personalization
public import Registry

/// The place where a holder's PIN is changed, reset and unblocked: judged by the rules, done on the card, and written in the log.
///
/// All calls block on card and disk: they belong on the thread of the card's reader.
public struct PINDesk: Sendable {
    private let registry: Registry
    private let preparation: CardPreparation
    private let visits: VisitPolicy
    private let cards: [CompiledCard]
    private let journal: PINJournal

    /// A desk for cards of the given kinds.
    ///
    /// - Parameter journalFolder: `DATA/journal`.
    public init(
        registry: Registry, preparation: CardPreparation, visits: VisitPolicy, cards: [CompiledCard],
        journalFolder: String
    ) {
        self.registry = registry
        self.preparation = preparation
        self.visits = visits
        self.cards = cards
        journal = PINJournal(folder: journalFolder)
    }

    /// The kind of the card at the other end of a channel; nil for one that is not served here.
    public func kind(of channel: any CardChannel) -> CompiledCard? {
        cards.first { $0.profile.answers(channel.answerToReset) }
    }

    /// Serves the card at the other end of a channel.
    ///
    /// What the registry would refuse is refused before the card is touched. A reset and an unblocking are for cards of this registry
    /// whose chip proves itself; a change is the holder's own, and is booked where the card is this registry's. What is to be booked is
    /// on the disk before the card gets its first command, and what was left unbooked of this card is booked first.
    ///
    /// - Parameters:
    ///   - progress: told the directory that is at work.
    ///   - onReady: told the card when nothing stands against it and nothing was done yet: the place to write down a drawn PIN.
    public func serve(
        _ request: PINRequest, through channel: any CardChannel, progress: (String) -> Void = { _ in },
        onReady: (IdentificationCode, RegisteredCard?) throws -> Void = { _, _ in }
    ) throws -> PINOutcome {
        let channel = SameCardChannel(channel)
        guard let compiled = kind(of: channel) else {
            throw PINDeskError.notIssued
        }
        try check(request, HolderPIN.directories(of: compiled).map(\.name), compiled.profile)
        guard
            case .code(let bytes) = try conversation(channel, compiled).readIdentificationCode(of: compiled.layout),
            let code = try? IdentificationCode(bytes: bytes)
        else { throw PINDeskError.notIssued }
        let earlier = try registry.card(identificationCode: code).map {
            try journal.settle($0.reference, in: registry)
        }
        let card = try registry.card(identificationCode: code)
        if let pin = request.act.newPIN, let holder = card?.facts?.person,
            let refusal = try registry.refusal(of: pin, chosenBy: holder)
        {
            throw PINDeskError.guessable(refusal)
        }
        let entries = try entries(for: request, card, channel.answerToReset, code, compiled.profile)
        // Judged by what was shown while the chip is untouched; what stands on it afterwards is written down whatever came meanwhile.
        try registry.check(entries.expecting(request.seen))
        // Its note would take the place of the earlier one, of which the log would never hear.
        if let earlier, !earlier.isEmpty { throw PINDeskError.earlierWaits(earlier) }
        // The keys of the versions that the card was made with, version 1 where none are recorded.
        let versions = try card.flatMap { try registry.making(of: $0.reference) }.map {
            CardKeyVersions($0.facts.keyVersions) ?? .unrecorded
        }
        let conversation = try conversation(channel, compiled, versions, code)
        // Nobody's copy gets a PIN from the issuer.
        guard try request.service == .change || conversation.isGenuine(by: compiled) == true else {
            throw PINDeskError.notGenuine
        }
        try onReady(code, card)
        let note = card.map { self.note(of: request, on: $0) }
        if let note { try journal.begin(note) }
        let served: [String]
        do throws(HolderPINError) {
            served = try HolderPIN(conversation, compiled).perform(
                request.act, in: request.directories, progress: progress)
        } catch {
            throw PINDeskError.card(error, booked: book(error, note, card))
        }
        if let note { journal.note(note, .served) }
        do {
            let events = try registry.record(entries)
            if let note { journal.remove(note) }
            return PINOutcome(identificationCode: code, card: card, directories: served, events: events)
        } catch {
            throw PINDeskError.notBooked(error.faults)
        }
    }

    // MARK: - Before

    private func conversation(
        _ channel: any CardChannel, _ compiled: CompiledCard, _ versions: CardKeyVersions? = nil,
        _ code: IdentificationCode? = nil
    ) throws -> CardConversation {
        let profile = compiled.profile
        guard
            var context = CardKeyContext(channel.answerToReset, profile: profile, area: preparation.policy.area)?
                .withVersions(versions)
        else { throw IssuingError.noIdentity }
        // a gateway wants to know whose card it is
        if let code { context = context.withIdentificationCode(code.bytes) }
        return CardConversation(
            channel, with: compiled, keys: preparation.keys, context: context,
            visit: try visits.visit(of: channel.answerToReset, by: profile))
    }

    private func check(_ request: PINRequest, _ known: [String], _ profile: COSProfile) throws(PINDeskError) {
        if let unknown = request.directories?.sorted().first(where: { !known.contains($0) }) {
            throw .noSuchDirectory(unknown, known: known)
        }
        guard let pin = request.act.newPIN, !profile.pinLength.contains((pin.count + 1) / 2) else { return }
        throw .length(max(4, profile.pinLength.lowerBound * 2 - 1)...min(12, profile.pinLength.upperBound * 2))
    }

    private func entries(
        for request: PINRequest, _ card: RegisteredCard?, _ answer: AnswerToReset, _ code: IdentificationCode,
        _ profile: COSProfile
    ) throws(PINDeskError) -> [ActEntry] {
        guard let card else {
            guard request.service == .change else { throw .notRegistered(code) }
            return []
        }
        if let chip = card.facts?.blankSerial, chip != CardIdentity(answer, rule: profile.identity)?.bytes {
            throw .anotherChip
        }
        let service = ActEntry(
            .pinServed(request.service, ticket: request.ticket), on: card.reference, handledBy: request.handling)
        let locks = Self.locks(endedBy: request.service, on: card)
        guard !locks.isEmpty else { return [service] }
        return [service, ActEntry(.released(Set(locks)), on: card.reference, handledBy: request.handling)]
    }

    /// The PIN locks that a service ends: a change is done with a PIN that is not locked.
    private static func locks(endedBy service: PINService, on card: RegisteredCard) -> [EventIdentifier] {
        guard service != .change else { return [] }
        return card.state.openRestrictions.filter { $0.kind == .pinLock }.map(\.openedBy)
    }

    private func note(of request: PINRequest, on card: RegisteredCard) -> PINNote {
        PINNote(
            card: card.reference, service: request.service, ticket: request.ticket, handling: request.handling,
            since: card.lastSequence, locks: Self.locks(endedBy: request.service, on: card))
    }

    // MARK: - After a failure

    /// Books what is true of a card that was not served to the end.
    ///
    /// That is a PIN without tries, and a service of the issuer that was done in part or perhaps. Where the log cannot be written, the
    /// journal keeps it.
    ///
    /// A change that broke off is not booked: it is the holder's own, and an event of it would say that it was whole.
    private func book(_ error: HolderPINError, _ note: PINNote?, _ card: RegisteredCard?) -> Bool {
        guard let card, let note else { return false }
        let isLocked = error.cause == .pinBlocked && !card.state.isRestricted(by: .pinLock)
        let isPart = !error.isUnchanged && note.service != .change
        let phase: PINNote.Phase
        switch (isLocked, isPart) {
        case (true, true): phase = .lockedInPart
        case (true, false): phase = .locked
        case (false, true): phase = .part
        case (false, false):
            journal.remove(note)
            return false
        }
        journal.note(note, phase)
        let entries = note.acts(phase, on: card.state).map {
            ActEntry($0, on: card.reference, handledBy: note.handling)
        }
        guard (try? registry.record(entries)) != nil else { return false }
        journal.remove(note)
        return true
    }
}

extension COSProfile {
    /// Whether a card with this answer to reset is one of the profile's.
    fileprivate func answers(_ answer: AnswerToReset) -> Bool { answer.bytes.starts(with: answerToResetPrefix) }
}
