import ByteText
import CardApplication
import CardCryptography
import CardLayout
import CardVerification
import ISO7816
import Lifecycle
import Personalization

/// A card that answers what it likes.
final class RogueCard: CardChannel {
    /// More commands than any honest card is ever sent; whoever asks for more would never stop.
    static let patience = 20_000

    let answerToReset: AnswerToReset
    let largestCommandData = 255
    /// How many commands it was sent.
    private(set) var count = 0
    private let isReaderHonest: Bool
    private let answer: (CommandAPDU, Int) -> [UInt8]

    /// A card from its answers; each is told the command and its number from 0.
    ///
    /// - Parameter isReaderHonest: a reader refuses what is no answer to a short command; another channel may hand it on.
    init(
        _ answerToReset: AnswerToReset, isReaderHonest: Bool = true, answer: @escaping (CommandAPDU, Int) -> [UInt8]
    ) {
        self.answerToReset = answerToReset
        self.isReaderHonest = isReaderHonest
        self.answer = answer
    }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard count < Self.patience else { throw .cardMute }
        let bytes = answer(command, count)
        count += 1
        if !isReaderHonest, bytes.count > 258 {
            return ResponseAPDU(
                data: Array(bytes.dropLast(2)), StatusWord(bytes[bytes.count - 2], bytes[bytes.count - 1]))
        }
        do { return try ResponseAPDU(bytes: bytes) } catch { throw .malformedAnswer(error.count) }
    }

    func reset() throws(CardChannelError) {}
}

/// Everything in the house that talks to cards.
enum CardUser: String, CaseIterable {
    case reading, readingWithoutKeys, till, classification, personalization, tornCard, verification, browsing, migration
    case tornMigration, update, changeOfPIN, resetOfPIN, cardBlock, publicKey, signing, protectedFiles, protectedUpdate
    case applications, tornApplications, readApplications

    /// The kind of card it is at home with.
    var kind: FuzzSite.Kind {
        switch self {
        case .publicKey, .signing: .sm4
        case .protectedFiles, .protectedUpdate: .protected
        case .applications, .tornApplications, .readApplications: .applications
        default: .national
        }
    }

    /// Whether the card it begins with is a blank.
    var makesCards: Bool { self == .personalization || kind == .applications }

    /// Whether it goes on as long as the card lets it, to see all of it.
    var looksAtEverything: Bool {
        [.reading, .readingWithoutKeys, .verification, .browsing, .migration, .protectedFiles, .readApplications]
            .contains(self)
    }

    /// Talks to the card; throws as the user does, and hands back the verdict where there is one.
    @discardableResult func use(_ channel: any CardChannel) throws -> Verdict? {
        let site = try FuzzSite.shared(kind)
        switch self {
        case .reading, .readingWithoutKeys, .protectedFiles, .readApplications:
            let reader = CardReader(
                try site.conversation(channel), site.compiled, presentsKeys: self != .readingWithoutKeys, pinLength: 3)
            var raw: [String: [String: CardContent.RawFile]] = [:]
            for reading in try reader.read() {
                switch reading.outcome {
                case .records(let records): raw[reading.directory, default: [:]][reading.file] = .records(records)
                case .bytes(let bytes): raw[reading.directory, default: [:]][reading.file] = .bytes(bytes)
                case .notOpen, .protected, .absent, .neverWritten, .refused: break
                }
            }
            _ = CardContent(raw, layout: site.layout)
        case .till:
            let check = TillCheck(cards: [site.compiled], keys: site.keys, area: FuzzSite.area, today: site.today)
            return try check.check(channel) { _ in KnownCard(state: .normal) }
        case .classification:
            let kind = try CardClassification.of(site.conversation(channel), layout: site.layout)
            if case .issued(let code) = kind {
                try FuzzFinding.unless(code.count == 32, "an identification code of \(code.count) digits")
            }
        case .personalization, .applications:
            try site.withNewJournal { journal in
                try PlanRunner(site.plan, site.conversation(channel)).run(journal: journal)
                throw FuzzFinding("a rogue card was personalized")
            }
        case .tornCard, .tornApplications:
            for stage in site.plan.stages.indices {
                _ = try TornCard(site.plan, of: site.compiled, site.conversation(channel)).entry(
                    after: Journal.Position(stage: stage))
            }
        case .verification:
            let findings = try CardVerifier(
                site.conversation(channel), site.compiled, encoder: site.encoder, presentsKeys: true, pinLength: 3
            ).check()
            try FuzzFinding.unless(findings.count < 10_000, "\(findings.count) findings")
        case .browsing: try browse(channel, site)
        case .migration:
            let dump = try dump(channel, site)
            let planner = MigrationPlanner(from: site.compiled, to: site.compiled, encoder: site.encoder)
            let migration = try planner.plan(for: dump, values: ["sex": "2", "DF01.EF08.maritalStatus": "2"])
            guard migration.isPossible else { return nil }
            try site.withNewJournal { journal in
                try PlanRunner(migration.plan, site.conversation(channel)).run(journal: journal)
            }
        case .update: try update("maritalStatus", to: "2", in: "DF01", channel, site)
        case .protectedUpdate: try update("serviceDate", to: "20261122", in: "DF0A", channel, site)
        case .changeOfPIN:
            let pin = try PersonalIdentificationNumber(digits: "481952")
            _ = try HolderPIN(site.conversation(channel), site.compiled).perform(.change(from: site.pin, to: pin))
        case .resetOfPIN:
            let pin = try PersonalIdentificationNumber(digits: "481952")
            _ = try HolderPIN(site.conversation(channel), site.compiled).perform(.reset(to: pin))
        case .cardBlock: try site.conversation(channel).blockCard(site.compiled)
        case .publicKey:
            _ = try CardPublicKey(site.conversation(channel), site.compiled, pinLength: 3).make(replacing: true)
        case .signing:
            let key = try CardPublicKey(site.conversation(channel), site.compiled, pinLength: 3)
            _ = try key.sign([0x01], identifier: Array("1234567812345678".utf8))
        case .tornMigration:
            let empty = CardDump(layoutName: site.layout.name, answerToReset: [], readings: [])
            for stage in site.plan.stages.indices {
                let torn = try TornMigration(site.plan, to: site.compiled, site.conversation(channel))
                _ = try torn.entry(after: Journal.Position(stage: stage), dump: empty)
            }
        }
        return nil
    }

    /// Changes one element; a card that is taken for changed has been read back.
    private func update(
        _ element: String, to value: String, in directory: String, _ channel: any CardChannel, _ site: FuzzSite
    ) throws {
        guard let place = site.compiled.directory(directory),
            let file = place.files.compactMap(\.file).first(where: { $0.element(element) != nil }),
            let found = file.element(element)
        else { throw FuzzFinding("no element \(element)") }
        let records = try site.encoder.records(value, of: found, in: file)
        _ = try ElementUpdate(site.conversation(channel), site.compiled, pinLength: 3)
            .write(records, to: file.name, in: place)
    }

    /// What a shell does: enters every directory, and reads what is there.
    private func browse(_ channel: any CardChannel, _ site: FuzzSite) throws {
        var browser = CardBrowser(try site.conversation(channel), site.compiled)
        for directory in site.compiled.directories {
            // A refusal ends the line of a session, not the session.
            do {
                try browser.enter(directory.name)
                for file in browser.files {
                    _ = try browser.content(of: file.name)
                    _ = try DataObject.read(browser.record(1, of: file.name).data)
                }
            } catch let error as CardError {
                guard case .refused = error else { throw error }
            } catch is DataObject.Malformed {
                continue
            }
        }
        try browser.verifyPIN(length: 3)
    }

    private func dump(_ channel: any CardChannel, _ site: FuzzSite) throws -> CardDump {
        let readings = try CardReader(
            site.conversation(channel), site.compiled, presentsKeys: true, pinLength: 3
        ).read()
        return CardDump(
            layoutName: site.layout.name, answerToReset: channel.answerToReset.bytes, readings: readings)
    }

    /// Talks to a rogue; errors are right, and so is finishing, as long as it stops by itself.
    ///
    /// - Parameter proves: whether the card behaves until it has proved to be genuine; one that does not is never a good card.
    func meet(_ card: RogueCard, proves: Bool = false) throws {
        do {
            let verdict = try use(card)
            try FuzzFinding.unless(proves || verdict?.answer != .normal, "a rogue card was taken for a good one")
        } catch let finding as FuzzFinding {
            throw finding
        } catch {
            // What a user of cards says to a rogue is told in the catalogue's terms.
        }
        try FuzzFinding.unless(card.count < RogueCard.patience, "\(rawValue) never stops asking")
    }
}

extension FuzzTarget {
    /// Answers to one of the users of cards: which user, then each answer after its length; the last one is given for ever.
    static let answers = FuzzTarget("answers", runs: 600) { bytes in
        let users = CardUser.allCases
        var reader = ByteReader(bytes)
        guard let first = try? reader.takeInteger(UInt8.self) else { return }
        var answers: [[UInt8]] = []
        while let length = try? reader.takeInteger(UInt8.self) {
            answers.append((try? reader.take(min(Int(length), reader.remaining))) ?? [])
        }
        let last = answers.last ?? []
        let user = users[Int(first) % users.count]
        let card = RogueCard(try FuzzSite.shared(user.kind).answerToReset) { _, number in
            number < answers.count ? answers[number] : last
        }
        try user.meet(card)
    }
}
