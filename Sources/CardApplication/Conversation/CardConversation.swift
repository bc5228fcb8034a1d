public import CardCryptography
public import CardLayout
public import ISO7816
public import IssuerKeys

/// A conversation with one card: keeps its challenges, fills the slots of operations with the key service, and judges answers.
///
/// Belongs to the thread of its channel.
public final class CardConversation {
    /// The way to the card as it was given: line protection brings its own form to it.
    let base: any CardChannel
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
    var challenges: [[UInt8]] = []
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
    /// The key under which a command was protected whose MAC the card did not take, until another key or MAC is taken or refused.
    var refusedMAC: CardKeyReference?
    var hasNotedTerms = false
    /// What the card has shown before a key was presented to it.
    var acquaintance = Acquaintance.none
    /// The counters whose keys an officer let be presented to a card that could not prove itself.
    var answeredFor: Set<TryCounter> = []
    var securityDomain = SecurityDomainState()
    /// Whether the master file was selected since the card was reset, as far as this conversation knows.
    var hasSelectedMaster = false
    /// The protection that is in use with this card, by key and mode.
    var lines: [LineKey: ProtectedChannel] = [:]

    /// Which key protects, and how.
    struct LineKey: Hashable {
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
        base = channel
        self.channel = FormatChannel(channel, profile: profile)
        transport = TransportChannel(
            self.channel, longestAnswer: FormatChannel.longestAnswer, mostPieces: Self.mostPieces)
        self.profile = profile
        self.keys = keys
        self.context = context
        self.pin = pin
        form = CryptogramForm(
            sessionKeyWidth: profile.sessionKeyWidth, fullSM4Block: profile.sm4Authentication == .full16,
            blocks: profile.secureMessaging.sm4.blocks)
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
            noteMAC(of: operation, response.statusWord)
            return response
        }
        let before = try spend(counter, on: operation)
        let response = try sending(counter, before: before) { () throws(CardError) in
            try run(operation, command, wantsAnswer)
        }
        try settle(counter, before: before, response.statusWord, of: operation)
        noteMAC(of: operation, response.statusWord)
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

    /// An honest card gives what it announced in one piece; one that goes on announcing is asked no more.
    static let mostPieces = 8

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
