import ByteText
import CardApplication
import CardCryptography
public import CardData
public import CardLayout
public import ISO7816
public import IssuerKeys
import Lifecycle

/// Is this card genuine, alive and in use? Six commands to the card, seven where several versions share its kind, a few more to a card
/// without an environment; none of them costs a try.
public struct TillCheck {
    private let cards: [CompiledCard]
    private let keys: () throws -> any CardKeyService
    private let area: String
    private let today: CardDate
    private let hierarchy: KeyHierarchy?

    /// A check for cards of the given kinds.
    ///
    /// - Parameters:
    ///   - keys: asked for once a card is to be proved, or read under protection: without any a card that is known to be lost is stopped
    ///     all the same.
    ///   - area: the issuing city, which diversifies the keys.
    ///   - today: the day by which expiry is judged.
    ///   - hierarchy: tells which areas have the same keys; nil for a place where each area has its own.
    public init(
        cards: [CompiledCard], keys: @escaping @autoclosure () throws -> any CardKeyService, area: String,
        today: CardDate, hierarchy: KeyHierarchy? = nil
    ) {
        self.cards = cards
        self.keys = keys
        self.area = area
        self.today = today
        self.hierarchy = hierarchy
    }

    /// Checks the card; one that answers nonsense or not at all is unknown, with the reason.
    ///
    /// - Parameters:
    ///   - isBegun: whether anything here tells that a card was begun on the chip with this answer to reset: it is then told as unfinished
    ///     where the chip itself looks like a blank.
    ///   - known: what the registry or the loss list says of an identification code; nil when it does not know it.
    public func check(
        _ channel: any CardChannel, isBegun: (AnswerToReset) throws -> Bool = { _ in false },
        known: (IdentificationCode) throws -> KnownCard?
    ) throws -> Verdict {
        let counter = CountingChannel(ReadOnlyChannel(channel, allowsInitializeUpdate: true))
        var findings = Findings()
        do {
            try check(counter, &findings, known: known)
        } catch let error as any FaultReporting {
            // what was found until then stands: a card that is to be stopped is stopped, whatever else could not be asked
            findings.reasons += error.faults.map(Verdict.Reason.notAsked)
        }
        if findings.reasons == [.blank], try isBegun(channel.answerToReset) { findings.reasons = [.notPersonalized] }
        return Verdict(
            identificationCode: findings.code?.text, reasons: findings.reasons, layoutName: findings.layoutName,
            commandCount: counter.count)
    }

    /// What is known of the card so far.
    private struct Findings {
        var code: IdentificationCode?
        var layoutName: String?
        var reasons: [Verdict.Reason] = []
    }

    private func check(
        _ channel: any CardChannel, _ findings: inout Findings, known: (IdentificationCode) throws -> KnownCard?
    ) throws {
        let answer = channel.answerToReset
        let kinds = cards.filter { answer.bytes.starts(with: $0.profile.answerToResetPrefix) }
        guard let card = kinds.first,
            let context = CardKeyContext(answer, profile: card.profile, area: area),
            let environment = card.directories.first,
            let name = environment.directory.flatMap(card.profile.selectionName),
            let file = environment.files.first, let description = file.file,
            let codeElement = description.element("identificationCode"),
            let expiryElement = description.element("expiryDate"), let proof = try Proof(card, environment)
        else { return findings.reasons = [.unknownKind] }
        let isProtected = kinds.contains { $0.directories.first?.files.first?.protection?.isReadProtected ?? false }
        let conversation = CardConversation(
            channel, with: card, keys: isProtected ? try keys() : AbsentKeys(), context: context)
        let commands = CardCommands(profile: card.profile)
        let selection = try conversation.send(.fixed(commands.select(name: name)), wantsAnswer: false)
        guard selection.statusWord.isSuccess else {
            return findings.reasons = [try whyClosed(selection.statusWord, conversation)]
        }
        let codeRecord = try record(codeElement, of: file, conversation)
        guard let code = try? IdentificationCode(bytes: codeElement.value(in: codeRecord)) else {
            // A record that was never written is refused or reads as filler; success without a byte is no card's answer.
            let isSenseless = codeRecord.statusWord.isSuccess && codeRecord.data.isEmpty
            return findings.reasons = [isSenseless ? .senseless : .notPersonalized]
        }
        findings.code = code
        let standing = try known(code)
        // before anything else is asked of card or keys, which may stop there
        if let standing { findings.reasons += reasons(of: standing, card.profile.identity.bytes(of: answer)) }
        // a card proves itself by the version of the key that it was made with; a gateway wants to know its code
        let proven = context.withVersions(standing?.keyVersions ?? context.versions)
            .withIdentificationCode(codeElement.value(in: codeRecord))
        let kind = try version(among: kinds, conversation)
        findings.layoutName = kind.layout.name
        let expiryFile = kind.directories.first?.files.first ?? file
        let expiryRule = expiryFile.file?.element("expiryDate") ?? expiryElement
        // before the security domain is selected for its proof, which ends the application's selection
        let expiryRecord = try record(expiryRule, of: expiryFile, conversation)
        if let expiry = try? CardDate(expiryRule.value(in: expiryRecord).hexadecimal) {
            if expiry < today { findings.reasons.append(.expired(expiry.text)) }
        } else {
            findings.reasons.append(.expiryUnreadable)
        }
        let proving = CardConversation(channel, with: card, keys: try keys(), context: proven)
        switch try self.proof(proving, proof) {
        case .genuine: break
        case .unfinished: findings.reasons.append(.keysOfBlank)
        case .disturbed(let faults): findings.reasons += faults.map(Verdict.Reason.notAsked)
        case .open(let faults) where hasKeys(of: code.areaCode):
            findings.reasons += faults.map(Verdict.Reason.otherKeySet)
        case .forged where hasKeys(of: code.areaCode): findings.reasons.append(.notGenuine)
        case .open, .forged: findings.reasons.append(.issuedElsewhere(code.areaCode))
        }
        if standing == nil { findings.reasons.append(.notInRegistry) }
    }

    /// What stands against a card by the books.
    ///
    /// The authentication proves the chip, and the code is what anybody can read from another card.
    private func reasons(of standing: KnownCard, _ chip: [UInt8]?) -> [Verdict.Reason] {
        let isOther = standing.historicalBytes.map { $0 != chip } ?? false
        return (standing.state == .normal ? [] : [.state(standing.state)]) + (isOther ? [.anotherChip] : [])
    }

    /// The kind whose version stands on the card (EF05 tag 03), of those that share its answer to reset; the newest where the card
    /// names none of them.
    ///
    /// As drivers do, only the first character is looked at, since the text is damaged on some cards.
    private func version(among kinds: [CompiledCard], _ conversation: CardConversation) throws -> CompiledCard {
        let newest = kinds[0]
        guard kinds.count > 1, let file = newest.directories.first?.files.first,
            let element = file.file?.element("specificationVersion")
        else { return newest }
        let record = try record(element, of: file, conversation)
        guard let digit = element.value(in: record).first.map({ Character(UnicodeScalar($0)) }) else { return newest }
        return kinds.first { $0.layout.specificationVersion.first == digit } ?? newest
    }

    /// Whether the keys here are those of an area: only then a failed proof tells anything of the card.
    private func hasKeys(of other: String) -> Bool { other == area || hierarchy?.givesSameKeys(other, area) == true }

    /// Why the environment does not open: it or the whole card is locked, nothing was ever written, or the card was not finished.
    ///
    /// A locked application is told by its SELECT (cos-dialects §6.1). 6A81 is also said by a blank without a master file, which has a
    /// challenge to give, and by a card that was blocked as a whole, which has none (§11, 12).
    private func whyClosed(_ answer: StatusWord, _ conversation: CardConversation) throws -> Verdict.Reason {
        let profile = conversation.profile
        let commands = CardCommands(profile: profile)
        switch answer {
        case .fileInvalidated, .applicationLockedForGood: return .locked
        case .functionNotSupported:
            let master = try conversation.send(.fixed(commands.selectMasterFile()), wantsAnswer: false)
            if master.statusWord.isSuccess { return .locked }
            let challenge = try conversation.send(.fixed(commands.getChallenge(8))).statusWord
            if challenge == .functionNotSupported { return .locked }
            return challenge.isSuccess ? .blank : .notPersonalized
        // Applications are installed with their content, and some blanks bring a master file of the maker's.
        case .fileNotFound where profile.hasFactoryMasterFile:
            return try conversation.hasContentOfOthers() ? .unknownKind : .blank
        case .fileNotFound:
            guard let domain = profile.globalPlatform else { return .notPersonalized }
            switch try conversation.selectSecurityDomain(of: domain) {
            case .fileInvalidated: return .locked
            case let answer: return answer.isSuccess ? .blank : .unknownKind
            }
        default: return .notPersonalized
        }
    }

    /// How a card proves itself.
    private enum Proof {
        /// INTERNAL AUTHENTICATE with a key of its own.
        case key(KeyRecord)
        /// The cryptogram of its security domain in INITIALIZE UPDATE, which costs no try; nothing is authenticated to it.
        case securityDomain(GlobalPlatformProfile, GlobalPlatformChannel.Settings)

        /// Nil for a card that has neither.
        init?(_ card: CompiledCard, _ environment: CompiledDirectory) throws {
            if let domain = card.profile.globalPlatform {
                self = .securityDomain(domain, try domain.proofSettings())
            } else if let key = environment.security.keys.first(where: { $0.type == 0x34 }) {
                self = .key(key)
            } else {
                return nil
            }
        }
    }

    /// By tag; by number where a template stands around records, for the tag is inside it.
    ///
    /// A file that is read under line protection only is read so, with a challenge before each record; throws `till.file-protected` where the
    /// keys of this place cannot.
    private func record(
        _ element: Element, of compiled: CompiledFile, _ conversation: CardConversation
    ) throws -> ResponseAPDU {
        let profile = conversation.profile
        let commands = CardCommands(profile: profile)
        guard let file = compiled.file else { return ResponseAPDU(.fileNotFound) }
        guard profile.globalPlatform != nil else {
            let command = commands.readRecord(tag: element.tag ?? 0, of: file, length: element.recordLength)
            guard let protection = compiled.protection, protection.isReadProtected else {
                return try conversation.send(.fixed(command))
            }
            guard conversation.canRead(compiled) else {
                throw Faults("till.file-protected", ["file": file.name, "key": protection.keyName], at: file.place)
            }
            let answer = try conversation.send(command, to: compiled)
            // Whatever the card has against the protection says nothing of the card's data.
            guard answer.statusWord.isSuccess || answer.statusWord == .recordNotFound else {
                throw CardError.refused(command, answer.statusWord)
            }
            return answer
        }
        let number = file.elements.prefix { $0 != element }.reduce(1) { $0 + $1.repeats }
        let answer = try conversation.send(
            .fixed(commands.readRecord(number, of: file, length: profile.length(ofRecord: element.recordLength))))
        return ResponseAPDU(data: profile.record(in: answer.data), answer.statusWord)
    }

    /// What came of a card's proof.
    private enum ProofResult {
        case genuine
        /// It failed.
        case forged
        /// The card has the keys of a blank.
        case unfinished
        /// The card may have other keys of ours.
        case open([Fault])
        /// The card had no strength or occasion to prove itself, which says nothing of its keys.
        case disturbed([Fault])
    }

    private func proof(_ conversation: CardConversation, _ proof: Proof) throws -> ProofResult {
        let key: KeyRecord
        switch proof {
        case .key(let record): key = record
        case .securityDomain(let profile, let settings):
            return switch try conversation.proofOfSecurityDomain(profile, settings) {
            case .proven: .genuine
            case .otherKeys, .refused: .forged
            case .keysOfBlank: .unfinished
            case .open(let error): .open(error.faults)
            case .disturbed(let statusWord): .disturbed(Self.refusal(statusWord))
            }
        }
        let length = CardOperation.AuthenticationForm.session.challengeLength(profile: conversation.profile)
        let challenges = ChallengePair(
            factor: try SecureRandom.bytes(length), original: try SecureRandom.bytes(length))
        do {
            let isOurs = try conversation.authenticateCard(
                with: .issuer(KeyName(rawValue: key.name)), identifier: key.identifier, challenges: challenges)
            return isOurs ? .genuine : .forged
        } catch CardError.refused(_, let statusWord) {
            // A card without the key, or with another kind of it, is not one of ours.
            return statusWord.saysNothingOfKeys ? .disturbed(Self.refusal(statusWord)) : .forged
        }
    }

    private static func refusal(_ statusWord: StatusWord) -> [Fault] {
        [Fault("till.not-proved", ["statusWord": statusWord.description])]
    }
}

extension Element {
    /// What a record holds under this element's tag; nothing when the card answered something else.
    fileprivate func value(in response: ResponseAPDU) -> [UInt8] {
        guard response.statusWord.isSuccess, response.data.count == length + 2, response.data.first == tag,
            Int(response.data[1]) == length
        else { return [] }
        return Array(response.data.dropFirst(2))
    }
}

/// Counts commands on their way to the card.
private final class CountingChannel: CardChannel {
    private let base: any CardChannel
    private(set) var count = 0

    init(_ base: any CardChannel) { self.base = base }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        count += 1
        return try base.transmit(command)
    }

    func reset() throws(CardChannelError) { try base.reset() }
}
