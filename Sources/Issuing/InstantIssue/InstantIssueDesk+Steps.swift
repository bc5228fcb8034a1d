import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import Lifecycle
import Personalization
import Registry

/// What each step does. Whatever the card or the log may have got is noted before it can have got it, or is found out afterwards from them.
extension InstantIssueDesk {
    func work(
        _ step: IssueStep, _ progress: inout IssueProgress, _ input: IssueInput, _ channel: (any CardChannel)?
    ) throws {
        try checkNamed(progress, input)
        switch step {
        case .checkBlank: try checkBlank(&progress, input, try card(channel))
        case .findPerson: try findPerson(&progress, input)
        case .checkDuplicates: try checkDuplicates(progress)
        case .photo: try checkPhoto(progress, input)
        case .confirm: try confirm(&progress, input)
        case .personalize: try personalize(&progress, input, try card(channel))
        case .readBack: try readBack(progress, try card(channel))
        case .setPIN: try setPIN(&progress, input, try card(channel))
        case .blockOld: try blockOld(&progress, input, channel)
        case .handOver: try act(.handedOver, of: step, &progress, input, channel)
        case .enable: try act(.enabled, of: step, &progress, input, channel)
        case .slip: break
        }
    }

    func card(_ channel: (any CardChannel)?) throws(IssueFlowError) -> any CardChannel {
        guard let channel else { throw .cardMissing }
        return channel
    }

    private func standing(of channel: any CardChannel, _ progress: IssueProgress) throws -> CardStanding {
        try CardInspection(preparation: preparation, journalFolder: journalFolder, sealingKey: sealingKey) {
            try self.registry.card(identificationCode: $0) != nil
        }.standing(of: channel, layoutName: progress.layoutName)
    }

    private func checkBlank(
        _ progress: inout IssueProgress, _ input: IssueInput, _ channel: any CardChannel
    ) throws {
        let found = try standing(of: channel, progress)
        guard found.kind == .blank, let chip = found.card else { throw IssueFlowError.notBlank(found.kind) }
        let open = try unfinished()
        if let other = open.issues.first(where: { $0.chip == chip && $0.identifier != progress.identifier }) {
            throw IssueFlowError.chipInUse(other.identifier, try madeCard(of: other)?.facts?.number)
        }
        if let damaged = open.damaged.first(where: { $0.chip == chip }) {
            throw IssueFlowError.damagedConcerns(damaged.identifier)
        }
        do { try checkMaking(onChip: chip, input) } catch RegistryError.numbersExhausted {
            // whoever it will be for may bring a number
        }
        progress.chip = chip
    }

    /// What stock book, day and leases have against a card on this blank is told while nobody has confirmed anything.
    private func checkMaking(
        onChip chip: CardIdentity, numbered wanted: CardNumber? = nil, _ input: IssueInput
    ) throws {
        try registry.checkMaking(ofBlank: chip.bytes, numbered: wanted, handledBy: personalizer(input.handling))
    }

    /// Whoever does a step, as the maker of its card.
    private func personalizer(_ handling: Handling) -> Handling {
        Handling(
            by: Officer(number: handling.officer.number, role: .personalizer), second: handling.second,
            proofs: handling.proofs)
    }

    // MARK: - The person

    private func person(_ progress: IssueProgress, _ input: IssueInput) throws -> (PersonRecord, Applicant) {
        guard let row = input.person else { throw IssueFlowError.personMissing }
        return (row, try preparation.checked(row, layoutName: progress.layoutName))
    }

    /// Whoever is named beside an issue is its person: a row of somebody else is told as such at every step, before anything is said of
    /// the issue's own person or done for them.
    private func checkNamed(_ progress: IssueProgress, _ input: IssueInput) throws {
        guard let found = progress.person, let row = input.person,
            let named = try? SocialSecurityNumber(row["citizenNumber"] ?? "")
        else { return }
        guard try registry.reference(of: named) == found else { throw IssueFlowError.anotherPerson }
    }

    private func findPerson(_ progress: inout IssueProgress, _ input: IssueInput) throws {
        let (_, applicant) = try person(progress, input)
        let found = try registry.reference(of: applicant.socialSecurityNumber)
        if let replacement = progress.replacement {
            guard try registry.card(number: replacement.number)?.facts?.person == found else {
                throw IssuingError.notTheirCard(replacement.number)
            }
        }
        try checkApplication(of: found, replacing: progress.replacement, second: input.handling.second)
        try register(applicant, input)
        progress.person = found
    }

    /// What the registry would refuse of the old card's end at the last is refused before anything is begun.
    func checkEnd(by replacement: IssuingRequest.Replacement) throws {
        guard let old = try registry.card(number: replacement.number),
            let successor = CardReference(bytes: try SecureRandom.bytes(16))
        else { throw IssuingError.notTheirCard(replacement.number) }
        try registry.check([
            ActEntry(
                .replaced(successor: successor, reason: replacement.reason), on: old.reference,
                handledBy: replacement.handling, expecting: replacement.seen)
        ])
    }

    private func checkDuplicates(_ progress: IssueProgress) throws {
        guard let person = progress.person else { throw IssueFlowError.personMissing }
        let active = try registry.activeCard(of: person)?.facts?.number
        if let replacement = progress.replacement {
            guard active == replacement.number else { throw IssuingError.notTheirCard(replacement.number) }
        } else if let active {
            throw IssuingError.hasCard(active)
        }
        try checkFactory(makesNoCardFor: person)
        if let begun = PersonClaim(of: person, in: journalFolder).unfinishedCard, begun != progress.chip {
            throw IssuingError.begunOnAnotherCard(begun)
        }
        let open = try unfinished()
        if let damaged = open.damaged.first(where: { $0.person == person }) {
            throw IssueFlowError.damagedConcerns(damaged.identifier)
        }
        for other in open.issues where other.identifier != progress.identifier && other.person == person {
            guard (other.done ?? .checkBlank) >= .confirm else { continue }
            // One whose card is out or ended makes no second card: it waits for nothing but its own name for that.
            let made = try madeCard(of: other)
            guard made?.state.isPastIssuing == true else {
                throw IssueFlowError.chipInUse(other.identifier, made?.facts?.number)
            }
        }
    }

    private func checkPhoto(_ progress: IssueProgress, _ input: IssueInput) throws {
        let (row, applicant) = try person(progress, input)
        if let photo = row["photo"] {
            // What the holder is to be shown, and any terminal after them, must be a picture and not only begin like one.
            return try Picture(padded: [UInt8](hexadecimal: photo) ?? []).checkStructure()
        }
        guard applicant.birthDate.wholeYears(until: preparation.today) < Self.ageWithPhoto else {
            throw IssueFlowError.photoMissing
        }
    }

    private func confirm(_ progress: inout IssueProgress, _ input: IssueInput) throws {
        let (row, applicant) = try person(progress, input)
        try checkPhoto(progress, input)
        guard input.isConfirmed, input.handling.proofs.contains(.identityDocument) else {
            throw IssueFlowError.notConfirmed
        }
        if let person = progress.person {
            try checkApplication(
                of: person, replacing: progress.replacement, second: input.handling.second, isConfirming: true)
        }
        // Once more: blank and lease may be somebody else's by now, and who goes on may be another than who looked at the blank.
        if let chip = progress.chip { try checkMaking(onChip: chip, numbered: applicant.cardNumber, input) }
        // What was put right since the person was found is what the holder has agreed to.
        try register(applicant, input)
        progress.confirmed = try Self.hash(of: row)
    }

    private func register(_ applicant: Applicant, _ input: IssueInput) throws {
        // Nobody is shown whom it finds; whoever goes on with an issue has looked its person up.
        let known = try registry.person(inHand: registry.reference(of: applicant.socialSecurityNumber))
        let person = Person(applicant)
        guard known != person else { return }
        // What was read before another window changed it is not written back.
        guard !input.isOnRecord else { throw RegistryError.personChanged }
        try registry.register(
            person, expecting: known.map { ExpectedRecord.person($0) } ?? .nobody, handledBy: input.handling)
    }

    /// SHA-256 over all values of a row, in the order of their names, each with its length.
    private static func hash(of row: PersonRecord) throws -> [UInt8] {
        let text = row.values.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "\($0.key.utf8.count):\($0.key)\($0.value.utf8.count):\($0.value)" }.joined()
        return try HashFunction.sha256.hash(Array(text.utf8))
    }

    // MARK: - The card

    private func personalize(
        _ progress: inout IssueProgress, _ input: IssueInput, _ channel: any CardChannel
    ) throws {
        let (row, _) = try person(progress, input)
        guard try Self.hash(of: row) == progress.confirmed else { throw IssueFlowError.otherData }
        try checkChip(progress, channel)
        // A card that was recorded before the note of it could be written is not made twice.
        if let made = try progress.chip.flatMap({ try registry.making(onChip: $0.bytes) }),
            made.facts.person == progress.person, !progress.sealedPIN.isEmpty
        {
            progress.card = made.reference
            return
        }
        // What was approved since the holder confirmed stops a card that was not begun; a begun one is finished.
        if let person = progress.person, PersonClaim(of: person, in: journalFolder).unfinishedCard == nil {
            try checkFactory(makesNoCardFor: person)
        }
        let request = IssuingRequest(
            person: row, layoutName: progress.layoutName, pin: try PersonalIdentificationNumber.random(),
            handling: personalizer(input.handling), replacement: progress.replacement?.expecting(input.seen),
            isApplied: true)
        var noted = progress
        _ = try desk.issue(
            request, through: channel,
            onRecorded: { card in
                // While the journal still knows the PIN.
                noted.sealedPIN = try self.seal(card.pin, for: noted)
                noted.card = CardReference(card.identificationCode)
                try self.file.write(noted)
            })
        progress = noted
    }

    func checkChip(_ progress: IssueProgress, _ channel: any CardChannel) throws {
        let rule = try preparation.library.entry(progress.layoutName).compiled.profile.identity
        let found = CardIdentity(channel.answerToReset, rule: rule)
        guard let found, found == progress.chip else {
            throw IssueFlowError.anotherChip(expected: progress.chip?.text ?? "–", found: found?.text ?? "–")
        }
    }

    private func readBack(_ progress: IssueProgress, _ channel: any CardChannel) throws {
        try checkChip(progress, channel)
        try removeJournal(of: progress)
        let found = try standing(of: channel, progress)
        guard found.kind == .issued, found.isRegistered == true, let card = progress.card,
            found.identificationCode == card.text
        else { throw IssueFlowError.notTheCard }
    }

    /// A crash between the note of a recorded card and its journal's removal leaves a journal that says the card is torn.
    private func removeJournal(of progress: IssueProgress) throws {
        guard let chip = progress.chip,
            let (journal, content, _) = try Journal.resume(in: journalFolder, card: chip, key: sealingKey),
            let made = try registry.making(onChip: chip.bytes), made.reference == progress.card,
            made.reference == CardReference(try content.identificationCode)
        else { return }
        try journal.remove()
    }
}
