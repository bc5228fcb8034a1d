public import CardCryptography
public import CardLayout
public import ISO7816
public import IssuerKeys

/// A conversation with one card: keeps its challenges, fills the slots of operations with the key service, and judges answers.
///
/// Belongs to the thread of its channel.
public final class CardConversation {
    /// The way to the card in its system's form.
    let channel: FormatChannel
    /// The same, with waiting data fetched.
    let transport: TransportChannel
    /// The card operating system.
    public let profile: COSProfile
    let keys: any CardKeyService
    /// What diversifies the keys for this card.
    public let context: CardKeyContext
    let pin: PersonalIdentificationNumber?
    private(set) var challenges: [[UInt8]] = []
    /// The directory that the last SELECT led to, by everything that selects it; the master file after a reset.
    var selected: SelectedDirectory?
    private var challengeGuard: ChallengeGuard
    /// Those of the card, the master file first; empty where its layout is not known.
    let directories: [SelectedDirectory]
    let form: CryptogramForm
    let visit: CardVisit?
    let record: VisitRecord
    /// The operation whose key the card refused, until another one is taken.
    var refused: CardOperation?
    var hasNotedTerms = false
    var securityDomain = SecurityDomainState()
    /// Whether the master file was selected since the card was reset, as far as this conversation knows.
    var hasSelectedMaster = false
    /// The protection that is in use with this card, by key and mode.
    private var lines: [LineKey: ProtectedChannel] = [:]

    /// Which key protects, and how.
    private struct LineKey: Hashable {
        let key: CardKeyReference
        let mode: LineProtection.Mode
    }

    /// Opens a conversation with a card of a layout.
    ///
    /// - Parameters:
    ///   - card: knows by what else the directory in which the conversation stands can be selected: a PIN of its own has one counter.
    ///   - pin: given where operations verify or set it.
    ///   - visit: what the place remembers of the card; without it the tries are counted in this conversation alone.
    public convenience init(
        _ channel: any CardChannel, with card: CompiledCard, keys: any CardKeyService, context: CardKeyContext,
        pin: PersonalIdentificationNumber? = nil, visit: CardVisit? = nil
    ) {
        self.init(
            channel, profile: card.profile, directories: SelectedDirectory.all(of: card), keys: keys, context: context,
            pin: pin, visit: visit)
    }

    /// Opens a conversation with a card of which the card operating system alone is known.
    ///
    /// - Parameters:
    ///   - directories: those of the card, where its layout is known.
    ///   - pin: given where operations verify or set it.
    ///   - visit: what the place remembers of the card; without it the tries are counted in this conversation alone.
    public init(
        _ channel: any CardChannel, profile: COSProfile, directories: [SelectedDirectory] = [],
        keys: any CardKeyService, context: CardKeyContext, pin: PersonalIdentificationNumber? = nil,
        visit: CardVisit? = nil
    ) {
        self.directories = directories
        selected = directories.first
        self.visit = visit
        challengeGuard = ChallengeGuard(previous: visit?.record.lastChallenge)
        record = visit?.record ?? VisitRecord()
        self.channel = FormatChannel(channel, profile: profile)
        transport = TransportChannel(
            self.channel, longestAnswer: FormatChannel.longestAnswer, mostPieces: Self.mostPieces)
        self.profile = profile
        self.keys = keys
        self.context = context
        self.pin = pin
        form = CryptogramForm(
            sessionKeyWidth: profile.sessionKeyWidth, fullSM4Block: profile.sm4Authentication == .full16)
    }

    /// The most data bytes that a command may carry on its way to the card.
    public var largestCommandData: Int { channel.largestCommandData }

    /// What the card said when it was last reset.
    public var answerToReset: AnswerToReset { channel.answerToReset }

    /// Fills an operation's slots and sends it; status words other than success come back in the answer.
    ///
    /// - Parameter wantsAnswer: false leaves data that T=0 announces with 61xx on the card and takes it for success.
    public func send(_ operation: CardOperation, wantsAnswer: Bool = true) throws(CardError) -> ResponseAPDU {
        // What cannot be filled spends no try; a security domain's commands are filled by its channel.
        let command: CommandAPDU? = if case .securityDomain = operation { nil } else { try fill(operation) }
        if case .securityDomain(.externalAuthenticate) = operation { try prepareChannel() }
        guard let counter = counter(of: operation) else {
            let response = try run(operation, command, wantsAnswer)
            if case .presentTransportCode = operation, !response.statusWord.isSuccess { refused = operation }
            return response
        }
        let before = try spend(counter, on: operation)
        let response = try run(operation, command, wantsAnswer)
        try settle(counter, before: before, response.statusWord, of: operation)
        if response.statusWord.isSuccess { try noteFilling(by: operation) }
        return response
    }

    private func run(
        _ operation: CardOperation, _ command: CommandAPDU?, _ wantsAnswer: Bool
    ) throws(CardError) -> ResponseAPDU {
        if case .securityDomain(let operation) = operation { return try send(operation) }
        if case .protected(let plain, let key, let mode) = operation, let command {
            return try exchange(command, for: plain, key, mode)
        }
        if let command { return try exchange(command, wantsAnswer) }
        return try exchange(fill(operation), wantsAnswer)
    }

    func exchange(_ command: CommandAPDU, _ wantsAnswer: Bool) throws(CardError) -> ResponseAPDU {
        try selectMasterFileFirst(before: command)
        // whatever is selected ends the secure channel on the card
        if command.ins == 0xA4, command.cla == 0x00 { securityDomain.close() }
        let response: ResponseAPDU
        do {
            response = try transport.transmit(command, wantsAnswer: wantsAnswer)
        } catch {
            throw .channel(error)
        }
        noteSelection(by: command, response.statusWord)
        if command.ins == 0x50, command.cla == 0x80 {
            securityDomain.asked = AskedKeySet(version: command.p1, answer: response.data)
        }
        if command.ins == 0x84, command.cla == 0x00, response.statusWord.isSuccess {
            if let digest = try challengeGuard.admit(response.data, digesting: visit != nil) {
                record.keep(challenge: digest)
            }
            challenges = Array(([response.data] + challenges).prefix(2))
        }
        return response
    }

    /// Sends an operation that has to succeed and hands back its data.
    @discardableResult
    public func perform(_ operation: CardOperation, wantsAnswer: Bool = true) throws(CardError) -> [UInt8] {
        let response = try send(operation, wantsAnswer: wantsAnswer)
        guard response.statusWord.isSuccess else { throw refusal(of: operation, response.statusWord) }
        return response.data
    }

    /// Resets the card: authentication, selection and challenges are gone.
    public func reset() throws(CardError) {
        challenges = []
        selected = directories.first
        hasSelectedMaster = false
        securityDomain.close()
        lines = [:]
        do { try channel.reset() } catch { throw .channel(error) }
    }

    // MARK: -

    private func fill(_ operation: CardOperation) throws(CardError) -> CommandAPDU {
        switch operation {
        case .fixed(let command):
            return command
        case .authenticate(let key, let identifier, let authenticationForm):
            let data = try cryptogram(key, authenticationForm)
            return try building { () throws(CommandAPDU.Malformed) in
                try CommandAPDU(0x00, 0x82, 0x00, identifier, data: data)
            }
        case .writeKey(let record, let content, let isUpdate, let master):
            guard let challenge = challenges.first else { throw .noChallenge }
            let loading = try building { () throws(CommandAPDU.Malformed) in
                try profile.keyLoading(of: record, isUpdate: isUpdate)
            }
            let request = WriteKeyRequest(
                p1: loading.p1, p2: loading.p2, header: loading.header, content: try requested(content),
                contentLength: profile.paddedKeyLength(isUpdate: isUpdate), protection: master, card: context,
                challenge: challenge, sm4: profile.secureMessaging.sm4)
            do { return try keys.writeKeyCommand(request) } catch { throw .keys(error) }
        case .protected(let command, let key, let mode):
            guard let challenge = challenges.first else { throw .noChallenge }
            do { return try line(key, mode).finish(command, challenge: challenge) } catch { throw .keys(error) }
        case .writeAnswerToReset:
            let command = try building { () throws(CommandAPDU.Malformed) in
                try profile.answerToResetWriting(answerToReset)
            }
            guard let command else { throw .malformed(.lengthMismatch) }
            return command
        case .presentTransportCode:
            return try transportCode()
        case .verifyPIN(let identifier, _):
            guard let pin else { throw .pinNeeded }
            let digits =
                profile.pinBlockLength == nil
                ? pin.withPackedDigits { Array($0) } : pin.withBlock { block in block.indices.map { block[$0] } }
            return try building { () throws(CommandAPDU.Malformed) in
                try CommandAPDU(0x00, 0x20, 0x00, identifier, data: digits)
            }
        case .securityDomain:
            // their bytes are made on their way through the channel
            throw .malformed(.lengthMismatch)
        }
    }

    private func line(_ key: CardKeyReference, _ mode: LineProtection.Mode) -> ProtectedChannel {
        let place = LineKey(key: key, mode: mode)
        if let known = lines[place] { return known }
        let protection = IssuerKeyProtection(key, of: context, keys: keys, form: profile.lineProtection(mode))
        let line = ProtectedChannel(channel, protection, profile: profile)
        lines[place] = line
        return line
    }

    /// Sends a finished command; the challenge has served, whatever comes back.
    private func exchange(
        _ finished: CommandAPDU, for command: CommandAPDU, _ key: CardKeyReference, _ mode: LineProtection.Mode
    ) throws(CardError) -> ResponseAPDU {
        guard let challenge = challenges.first else { throw .noChallenge }
        challenges = []
        do {
            return try line(key, mode).exchange(finished, for: command, challenge)
        } catch {
            throw .channel(error)
        }
    }

    /// The chip's own bytes stand where a challenge would: a blank has the same code every time.
    private func transportCode() throws(CardError) -> CommandAPDU {
        guard let template = profile.commands[.transportCode], context.cardFactor.count == 8 else {
            throw .malformed(.lengthMismatch)
        }
        let code: [UInt8]
        do {
            code = try keys.plainExternalAuthentication(
                with: .transport(profile.transportKey), of: context,
                challenge: [0x00, 0x00] + context.cardFactor.suffix(6))
        } catch {
            throw .keys(error)
        }
        return try building { () throws(CommandAPDU.Malformed) in try template.command([.transportCode: code]) }
    }

    private func requested(_ content: CardOperation.KeyContent) throws(CardError) -> WriteKeyRequest.Content {
        switch content {
        case .key(let reference): return .key(reference)
        case .personalIdentificationNumber:
            guard let pin else { throw .pinNeeded }
            return .pin(pin)
        }
    }

    private func cryptogram(
        _ key: CardKeyReference, _ authenticationForm: CardOperation.AuthenticationForm
    ) throws(CardError) -> [UInt8] {
        defer { challenges = [] }
        switch authenticationForm {
        case .plain:
            guard let challenge = challenges.first else { throw .noChallenge }
            do {
                return try keys.plainExternalAuthentication(with: key, of: context, challenge: challenge)
            } catch {
                throw .keys(error)
            }
        case .session:
            guard challenges.count == 2 else { throw .noChallenge }
            let isNewestFactor = profile.challengeOrder == .newestIsFactor
            let pair = ChallengePair(
                factor: challenges[isNewestFactor ? 0 : 1], original: challenges[isNewestFactor ? 1 : 0])
            do {
                return try keys.externalAuthentication(with: key, of: context, challenges: pair, form: form)
            } catch {
                throw .keys(error)
            }
        }
    }

    /// An honest card gives what it announced in one piece; one that goes on announcing is asked no more.
    private static let mostPieces = 8

    func transmit(_ command: CommandAPDU) throws(CardError) -> ResponseAPDU {
        let response: ResponseAPDU
        do { response = try channel.transmit(command) } catch { throw .channel(error) }
        noteSelection(by: command, response.statusWord)
        return response
    }

    func building<Value>(_ body: () throws(CommandAPDU.Malformed) -> Value) throws(CardError) -> Value {
        do { return try body() } catch { throw .malformed(error) }
    }
}

extension CardKeyReference {
    /// The name people know the key by.
    public var name: String {
        switch self {
        case .issuer(let name): name.rawValue
        case .transport: "transport"
        }
    }
}
