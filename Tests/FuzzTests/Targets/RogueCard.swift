import ByteText
import CardApplication
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
    case reading, readingWithoutKeys, till, classification, personalization, tornCard

    /// Talks to the card; throws as the user does, and hands back the verdict where there is one.
    @discardableResult func use(_ channel: any CardChannel) throws -> Verdict? {
        let site = try FuzzSite.shared()
        switch self {
        case .reading, .readingWithoutKeys:
            let reader = CardReader(
                try site.conversation(channel), site.compiled, presentsKeys: self == .reading, pinLength: 3)
            var raw: [String: [String: CardContent.RawFile]] = [:]
            for reading in try reader.read() {
                switch reading.outcome {
                case .records(let records): raw[reading.directory, default: [:]][reading.file] = .records(records)
                case .bytes(let bytes): raw[reading.directory, default: [:]][reading.file] = .bytes(bytes)
                case .notOpen, .absent, .neverWritten, .refused: break
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
        case .personalization:
            try site.withNewJournal { journal in
                try PlanRunner(site.plan, site.conversation(channel)).run(journal: journal)
                throw FuzzFinding("a rogue card was personalized")
            }
        case .tornCard:
            for stage in site.plan.stages.indices {
                _ = try TornCard(site.plan, site.conversation(channel)).entry(after: Journal.Position(stage: stage))
            }
        }
        return nil
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
        let card = RogueCard(try FuzzSite.shared().answerToReset) { _, number in
            number < answers.count ? answers[number] : last
        }
        try users[Int(first) % users.count].meet(card)
    }
}
