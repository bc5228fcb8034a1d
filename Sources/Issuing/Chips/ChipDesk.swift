import ByteText
import CardApplication
public import CardData
import CardLayout
public import ISO7816
public import IssuerKeys
import Lifecycle
public import Personalization
public import Registry

/// Reads the card in a reader for an act on it, and holds what is on the chip against what is on record.
///
/// It presents no PIN and changes nothing on the card; where the site's keys are at hand, a card that an act wants has to prove itself,
/// and the environment's read key is presented to one that shows its holder's data to nobody else. All calls block: they belong on the thread of the card's reader.
public struct ChipDesk {
    private let registry: Registry
    private let preparation: CardPreparation
    private let hasKeys: Bool
    private let journalFolder: String
    private let sealingKey: SealingKey
    private let visits: VisitPolicy

    /// A desk.
    ///
    /// - Parameters:
    ///   - keys: the site's keys; nil where there are none.
    ///   - journalFolder: `DATA/journal`.
    ///   - sealingKey: opens the journals of torn cards.
    ///   - visits: how the tries of read keys are counted; nil for the folder beside that of the journals.
    public init(
        registry: Registry, library: CardLibrary, today: CardDate, keys: (any CardKeyService)? = nil,
        journalFolder: String, sealingKey: SealingKey, visits: VisitPolicy? = nil
    ) {
        self.registry = registry
        hasKeys = keys != nil
        preparation = CardPreparation(
            library: library, keys: keys ?? AbsentKeys(), policy: registry.policy, today: today)
        self.journalFolder = journalFolder
        self.sealingKey = sealingKey
        self.visits =
            visits
            ?? VisitPolicy(
                besideJournals: journalFolder, isDevelopment: registry.policy.mode == .development, liveVersions: nil,
                firstContact: FirstContactRule(of: registry))
    }

    /// Where the card stands.
    public func standing(of channel: any CardChannel) throws(IssuingError) -> CardStanding {
        let cards: [CompiledCard]
        do {
            cards = try preparation.library.compiledCards(answering: channel.answerToReset.bytes)
        } catch {
            throw .data(error)
        }
        return try CardInspection(preparation: preparation, journalFolder: journalFolder, sealingKey: sealingKey) {
            try registry.card(identificationCode: $0) != nil
        }.standing(of: channel, layoutName: cards.first?.name)
    }

    /// Checks that the card in the reader is this one: its identification code on the chip that was issued.
    ///
    /// A spoiled card, which may have no code any more, is told by its chip alone.
    ///
    /// - Throws: ``ChipError``, or that the card cannot be read.
    @discardableResult
    public func check(_ channel: any CardChannel, is card: RegisteredCard) throws -> CardStanding {
        let standing = try standing(of: channel)
        let isSameChip = card.facts.map { $0.blankSerial == standing.card?.bytes }
        guard let code = standing.identificationCode, standing.kind != .torn else {
            if card.state.physical == .spoiled, isSameChip == true { return standing }
            throw ChipError.notIssued(standing.kind)
        }
        guard code == card.reference.text else {
            let other = try IdentificationCode(hexadecimal: code)
            let number = try registry.card(identificationCode: other)?.facts?.number.printed
            throw ChipError.anotherCard(expected: card.facts?.number, found: number ?? code)
        }
        guard isSameChip != false else { throw ChipError.anotherChip }
        if hasKeys { _ = try prove(channel, card) }
        return standing
    }

    /// The card in the reader: one of this registry, on its own chip, that has proved itself by the issuer's keys.
    ///
    /// - Throws: ``ChipError``, `chip.not-registered`, or that the card cannot be read; a card that has nothing to prove itself with is
    ///   not genuine.
    public func provenCard(through channel: any CardChannel) throws -> RegisteredCard {
        let standing = try standing(of: channel)
        guard let code = standing.identificationCode, standing.kind != .torn else {
            throw ChipError.notIssued(standing.kind)
        }
        guard let card = try registry.card(identificationCode: IdentificationCode(hexadecimal: code)) else {
            throw Faults("chip.not-registered", ["identificationCode": code])
        }
        guard card.facts?.blankSerial == standing.card?.bytes else { throw ChipError.anotherChip }
        guard hasKeys, try prove(channel, card) else { throw ChipError.notGenuine }
        return card
    }

    /// Has the card prove itself with the keys of the versions that it was made with.
    ///
    /// - Returns: false for a card whose system has nothing to prove itself with.
    private func prove(_ channel: any CardChannel, _ card: RegisteredCard) throws -> Bool {
        let fitting = try preparation.library.compiledCards(answering: channel.answerToReset.bytes)
        guard let compiled = fitting.first(where: { $0.layout.name == card.facts?.layout }) ?? fitting.first,
            let context = CardKeyContext(channel.answerToReset, profile: compiled.profile, area: registry.policy.area)
        else { throw ChipError.notGenuine }
        let versions = try registry.making(of: card.reference).map {
            CardKeyVersions($0.facts.keyVersions) ?? .unrecorded
        }
        // a gateway wants to know whose card it is
        let conversation = CardConversation(
            channel, with: compiled, keys: preparation.keys,
            context: context.withVersions(versions).withIdentificationCode(card.reference.bytes))
        _ = try conversation.readIdentificationCode(of: compiled.layout)
        guard let isGenuine = try conversation.isGenuine(by: compiled) else { return false }
        guard isGenuine else { throw ChipError.notGenuine }
        return true
    }

    /// The card's environment against what is on record: what anybody may read, and with keys what only they open.
    ///
    /// - Parameters:
    ///   - holder: the person on record, where somebody may look at them.
    ///   - readsPhoto: whether the holder's photo is wanted too, for which the environment's read key is presented where there are keys.
    public func comparison(
        of channel: any CardChannel, with card: RegisteredCard, holder: Person?, readsPhoto: Bool = false
    ) throws -> ChipComparison {
        let standing = try check(channel, is: card)
        let fitting = try preparation.library.compiledCards(answering: channel.answerToReset.bytes)
        guard let compiled = fitting.first(where: { $0.layout.name == card.facts?.layout }) ?? fitting.first,
            let environment = compiled.directories.first,
            let context = CardKeyContext(
                channel.answerToReset, profile: compiled.profile, area: registry.policy.area)
        else { throw ChipError.notIssued(standing.kind) }
        let versions = try registry.making(of: card.reference).map {
            CardKeyVersions($0.facts.keyVersions) ?? .unrecorded
        }
        let visit = try visits.visit(of: channel.answerToReset, by: compiled.profile)
        func read(presentingKeys: Bool) throws -> [FileReading] {
            let conversation = CardConversation(
                ReadOnlyChannel(channel), with: compiled, keys: preparation.keys,
                context: context.withVersions(versions).withIdentificationCode(card.reference.bytes), visit: visit)
            return try CardReader(conversation, compiled, presentsKeys: presentingKeys)
                .read(directories: [environment.name])
        }
        var readings = try read(presentingKeys: false)
        var closed = Self.closedItems(of: environment, readings)
        // The card has proved that it is ours: the key that is presented is its own.
        let wantsKeys = !closed.isEmpty || readsPhoto && Self.photoIsClosed(in: environment, readings)
        let presentsKeys = try hasKeys && wantsKeys && prove(channel, card)
        if presentsKeys {
            readings = try read(presentingKeys: true)
            closed = Self.closedItems(of: environment, readings)
        }
        let content = CardDump(
            layoutName: compiled.layout.name, answerToReset: channel.answerToReset.bytes, readings: readings
        ).content(by: compiled.layout)
        let damaged = content.damaged[environment.name]?.values.flatMap { $0 } ?? []
        // The environment names each of its elements once.
        let values = Dictionary(
            content.values.map { ($0.key.split(separator: ".").last.map(String.init) ?? "", $0.value) },
            uniquingKeysWith: { first, _ in first })
        return ChipComparison(
            chip: standing.card, values: values, closed: closed,
            damaged: Set(ChipComparison.Item.allCases.filter { $0.stands(in: damaged) }), presentedKeys: presentsKeys,
            photo: readsPhoto ? photo(in: environment, readings, values) : .notRead, card: card, holder: holder)
    }

    /// The name of the element that holds the holder's photo (SSSE EF08).
    private static let photoElement = "photo"

    private static func photos(in environment: CompiledDirectory, _ readings: [FileReading]) -> [FileReading] {
        let names = environment.files.compactMap(\.file).filter { $0.element(photoElement) != nil }.map(\.name)
        return readings.filter { names.contains($0.file) }
    }

    private static func photoIsClosed(in environment: CompiledDirectory, _ readings: [FileReading]) -> Bool {
        photos(in: environment, readings).contains { reading in
            switch reading.outcome {
            case .notOpen, .protected: true
            case .records, .bytes, .absent, .neverWritten, .refused: false
            }
        }
    }

    private func photo(
        in environment: CompiledDirectory, _ readings: [FileReading], _ values: [String: String]
    ) -> ChipPhoto {
        if Self.photoIsClosed(in: environment, readings) { return .closed }
        guard Self.photos(in: environment, readings).allSatisfy(\.damaged.isEmpty) else { return .damaged }
        let bytes = values[Self.photoElement].flatMap { [UInt8](hexadecimal: $0) } ?? []
        guard bytes.contains(where: { $0 != 0x00 && $0 != 0xFF }) else { return .absent }
        guard let picture = try? Picture(padded: bytes), (try? picture.checkStructure()) != nil else {
            return .unreadable
        }
        return .picture(picture)
    }

    /// The items in files or records that did not open.
    private static func closedItems(
        of environment: CompiledDirectory, _ readings: [FileReading]
    ) -> Set<ChipComparison.Item> {
        let closed = readings.filter { reading in
            switch reading.outcome {
            case .notOpen, .protected: true
            // A record behind a right of its own stands as an empty one.
            case .records(let records): records.contains([])
            case .bytes, .absent, .neverWritten, .refused: false
            }
        }.map(\.file)
        let files = environment.files.compactMap(\.file).filter { closed.contains($0.name) }
        return Set(ChipComparison.Item.allCases.filter { item in files.contains { $0.element(item.rawValue) != nil } })
    }
}

extension ChipComparison.Item {
    /// Whether one of these elements holds it, or a part of it: what a name element cannot hold stands in its extension.
    fileprivate func stands(in elements: [String]) -> Bool {
        elements.contains(rawValue) || (self == .name && elements.contains("nameExtension"))
    }
}
