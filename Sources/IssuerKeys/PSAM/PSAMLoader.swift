import ByteText
import CardCryptography
public import ISO7816

/// Brings the keys of a city, or of a province, into a PSAM: the module's own master key first, then every key that has a place
/// in it, each as a finished command under that master key.
///
/// A load that was torn is finished by running it again: every key takes the place of the one before.
///
/// The tries of the module's master key are counted as those of a card's keys are, and its last one is not spent: a module whose master key is blocked
/// takes no key ever again.
public struct PSAMLoader {
    /// What a load has done.
    public struct Report: Hashable, Sendable {
        /// The module's version byte.
        public let version: UInt8
        /// The area of the keys.
        public let area: String
        /// The keys that went in, by algorithm.
        public let loaded: [CardAlgorithm: [KeyName]]
        /// How many of them were compared with the store's through the check value of an invented card's key.
        public let compared: Int
        /// Those whose check value differs.
        public let differing: [KeyName]
    }

    private let channel: any CardChannel
    private let dialect: PSAMDialect
    private let keys: SoftwareKeyService
    private let area: String
    private let tries: any PSAMTryCount
    private let wasBegunElsewhere: Bool

    /// A loader for keys of an area; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - tries: how the place counts the tries of this module's master key.
    ///   - wasBegunElsewhere: whether somebody says that another place began the load, so that a module without an area has the issuer's master key.
    public init(
        _ channel: any CardChannel, dialect: PSAMDialect, keys: SoftwareKeyService, area: String,
        tries: any PSAMTryCount, wasBegunElsewhere: Bool = false
    ) {
        self.channel = channel
        self.dialect = dialect
        self.keys = keys
        self.area = area
        self.tries = tries
        self.wasBegunElsewhere = wasBegunElsewhere
    }

    /// Loads the keys.
    ///
    /// - Parameters:
    ///   - terminalNumber: six bytes BCD for the module's file; nil leaves it.
    ///   - renumbers: whether a module that has keys and another number gets this one.
    ///   - progress: told before each key, with its number and how many there are.
    /// - Throws: `module` for what the module refuses; nothing was changed where its master key was not proved.
    public func load(
        terminalNumber: [UInt8]?, renumbers: Bool = false, progress: (KeyName, CardAlgorithm, Int, Int) -> Void
    ) throws(CardKeyError) -> Report {
        let module = try PSAMModule(channel, dialect)
        if let terminalNumber, !renumbers, module.area != nil {
            try module.select(0x3F00)
            let found = try module.read(dialect.terminalNumberFile)
            guard found == terminalNumber || found.allSatisfy({ $0 == 0xFF }) else {
                throw .module(.otherNumber(found.hexadecimal))
            }
            try module.open()
        }
        let master = try masterAlgorithm(module)
        var algorithms: [CardAlgorithm] = [.tripleDES]
        if module.version >= dialect.sm4From { algorithms.append(.sm4) }
        try proveMaster(module, master)
        // from here on a torn load is known for one that has the issuer's master key
        try module.write(dialect.areaFile, Array(moduleArea.utf8))
        let context = try context(master)
        let work = algorithms.flatMap { algorithm in keys.moduleKeys(algorithm).map { (algorithm, $0) } }
        var loaded: [CardAlgorithm: [KeyName]] = [:]
        for (index, (algorithm, name)) in work.enumerated() {
            progress(name, algorithm, index + 1, work.count)
            try write(.key(name), algorithm, module, context, under: .issuer(SoftwareKeyService.moduleMaster))
            loaded[algorithm, default: []].append(name)
        }
        if let terminalNumber {
            try module.select(0x3F00)
            try module.write(dialect.terminalNumberFile, terminalNumber)
        }
        let (compared, differing) = try compare(loaded)
        return Report(
            version: module.version, area: moduleArea, loaded: loaded, compared: compared, differing: differing)
    }

    /// The area as the module has it: that of the province ends with zeros.
    private var moduleArea: String { dialect.keyLevel == .province ? String(area.prefix(2)) + "0000" : area }

    /// The module's master key has the strongest algorithm that both sides know.
    private func masterAlgorithm(_ module: PSAMModule) throws(CardKeyError) -> CardAlgorithm {
        if module.version >= dialect.sm4From, keys.holdsModuleMaster(.sm4) { return .sm4 }
        guard keys.holdsModuleMaster(.tripleDES) else {
            throw .keyNotHeld(SoftwareKeyService.moduleMaster, .tripleDES, area: area)
        }
        return .tripleDES
    }

    private func context(_ algorithm: CardAlgorithm) throws(CardKeyError) -> CardKeyContext {
        let answer = channel.answerToReset
        let factor = answer.historicalBytes.dropFirst(dialect.moduleFactorOffset).prefix(8)
        guard answer.bytes.starts(with: dialect.answerToResetPrefix), factor.count == 8 else {
            throw .module(.notAModule)
        }
        return CardKeyContext(algorithm: algorithm, area: area, cardFactor: Array(factor))
    }

    /// Proves the issuer's master key, or on a blank the published one, which is replaced at once.
    ///
    /// One key is presented, and after its refusal no other. A module torn just after its first master key has that key and no area yet: where
    /// this place began such a load, the published key's refusal says that it came so far.
    private func proveMaster(_ module: PSAMModule, _ algorithm: CardAlgorithm) throws(CardKeyError) {
        let own = try context(algorithm)
        let issuer = CardKeyReference.issuer(SoftwareKeyService.moduleMaster)
        if module.area == nil, !wasBegunElsewhere {
            let blank = try context(.tripleDES)
            let transport = CardKeyReference.transport(dialect.transportKey)
            guard let left = try triesLeft(module, transport, blank) else {
                try tries.noteLoadBegun()
                return try write(.master, algorithm, module, blank, under: transport)
            }
            guard tries.isLoadBegun else { throw .module(.foreignBlank(triesLeft: left)) }
        }
        if let left = try triesLeft(module, issuer, own) { throw .module(.foreignMaster(triesLeft: left)) }
    }

    /// Nil when the module took the proof, else the tries that are left.
    private func triesLeft(
        _ module: PSAMModule, _ key: CardKeyReference, _ context: CardKeyContext
    ) throws(CardKeyError) -> Int? {
        let challenge = try module.challenge(8)
        let proof = try keys.plainExternalAuthentication(
            with: key, of: context, challenge: challenge, form: CryptogramForm())
        let statusWord = try counted { () throws(CardKeyError) in
            try module.send(0x00, 0x82, 0x00, 0x00, proof).statusWord
        }
        if statusWord.isSuccess { return nil }
        if let left = statusWord.triesLeft { return left }
        if statusWord == .authenticationMethodBlocked { return 0 }
        throw .module(.refused("EXTERNAL AUTHENTICATE", statusWord))
    }

    private func write(
        _ content: PSAMKeyRequest.Content, _ algorithm: CardAlgorithm, _ module: PSAMModule,
        _ context: CardKeyContext, under protection: CardKeyReference
    ) throws(CardKeyError) {
        let command = try keys.psamKeyCommand(
            PSAMKeyRequest(
                content, algorithm, module: context, protection: protection, challenge: try module.challenge(4),
                dialect: dialect))
        let statusWord = try counted { () throws(CardKeyError) in try module.transmit(command).statusWord }
        guard statusWord.isSuccess else { throw .module(.refused("WRITE KEY", statusWord)) }
    }

    /// Sends what the module compares under its master key: a try that is counted before it goes out.
    private func counted(_ send: () throws(CardKeyError) -> StatusWord) throws(CardKeyError) -> StatusWord {
        let before = try tries.spend()
        let statusWord = try send()
        try tries.settle(PSAMTryOutcome(statusWord, before: before))
        return statusWord
    }

    /// The check value of each key for an invented card, from the module and from the store: two engines, one answer.
    private func compare(
        _ loaded: [CardAlgorithm: [KeyName]]
    ) throws(CardKeyError) -> (compared: Int, differing: [KeyName]) {
        let module = try PSAMKeyService(channel, dialect: dialect, hierarchy: keys.hierarchy)
        let factor = try CardKeyError.reporting { () throws(CryptographyError) in try SecureRandom.bytes(8) }
        var (compared, differing) = (0, [KeyName]())
        for (algorithm, names) in loaded.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let card = CardKeyContext(algorithm: algorithm, area: area, cardFactor: factor)
            for name in names where keys.hierarchy[name]?.terminalKey?.enciphers == true {
                let own = try keys.keyCheckValue(of: .issuer(name), card: card)
                if try module.keyCheckValue(of: .issuer(name), card: card) != own { differing.append(name) }
                compared += 1
            }
        }
        return (compared, differing)
    }
}

extension KeyHierarchy.TerminalKey {
    /// Whether a module enciphers with keys of this class: 3, 7 and 8.
    var enciphers: Bool { [3, 7, 8].contains(keyClass & 0x1F) }
}

extension PSAMTryOutcome {
    /// What a module says to a proof of its master key, or to a command under it.
    fileprivate init(_ statusWord: StatusWord, before: Int?) {
        self =
            switch statusWord {
            case .success: .taken
            case .authenticationMethodBlocked: .left(0)
            case .comparisonFailed, .secureMessagingIncorrect, .invalidMAC: .compared
            default: statusWord.triesLeft.map(Self.left) ?? .notCompared(before: before)
            }
    }
}
