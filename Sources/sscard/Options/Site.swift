import CardApplication
import CardData
import CardLayout
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// A site as its options describe it: files, policy, keys, registry.
struct Site {
    let options: SiteOptions
    let library: CardLibrary
    let policy: LifecyclePolicy
    /// The officer in whose name keys are used.
    var officer = OfficerOptions.ofDevelopment
    let keyRoom = KeyRoom()

    init(_ options: SiteOptions) throws {
        self.options = options
        library = try CardLibrary(home: options.homeFolder())
        policy = try LifecyclePolicy.load(
            site: options.policy ?? options.environment("SSCARD_POLICY"), cityKey: try options.cityKey())
        let area = try AreaCode(policy.area, in: library.areas)
        guard policy.mode == .development || !area.isTraining else {
            throw Faults("tool.training-area", ["area": area.text])
        }
    }

    /// The area whose cards are served here.
    var area: String { policy.area }

    /// Today in China.
    var today: CardDate {
        get throws { try CardDate(atMilliseconds: Self.clock()) }
    }

    /// The registry of the data folder.
    ///
    /// A mistyped folder is no new counter: a registry is made, and that is told, by the commands alone with which a counter begins.
    ///
    /// - Parameters:
    ///   - startCheck: false to look through a damaged one.
    ///   - begins: whether the command is one with which a counter begins.
    /// - Throws: `registry.none-here` where there is none and none is to be made, and nothing is; `tool.data-unnamed`.
    func registry(startCheck: Bool = true, begins: Bool = false) throws -> Registry {
        try options.checkDataIsNamed()
        try RegistryUse.service.claim(folder: options.dataPath)
        let isThere = options.hasRegistry
        guard isThere || begins else { throw Faults("registry.none-here", ["directory": options.dataPath]) }
        let registry = try Registry.open(
            at: options.dataFolder(), counter: options.counter, policy: policy, startCheck: startCheck,
            clock: Self.clock)
        if !isThere {
            Terminal.tell(
                "在 \(options.dataPath) 新建了计数点 \(options.counter) 的登记库 "
                    + "new registry of counter \(options.counter) made in \(options.dataPath)")
        }
        return registry
    }

    /// Unix time in milliseconds by the machine's clock.
    static let clock: @Sendable () -> UInt64 = { UInt64(Date().timeIntervalSince1970 * 1000) }

    /// Plans and values without a card, with the site's keys as ``keys(as:ticket:second:)`` gives them.
    func preparation(
        as role: KeyRole = .personalizer, ticket: WorkTicket? = nil, second: KeyUseSession.SecondPerson? = nil
    ) throws -> CardPreparation {
        CardPreparation(
            library: library, keys: try keys(as: role, ticket: ticket, second: second), policy: policy,
            today: try today, comparison: try engineComparison(), keyVersions: try hierarchy().liveVersions)
    }

    /// What looking at cards takes: no key is opened for it, and no log of keys written.
    func lookingPreparation() throws -> CardPreparation {
        CardPreparation(
            library: library, keys: CardPreparation.absentKeys, policy: policy, today: try today,
            keyVersions: try hierarchy().liveVersions)
    }

    /// The place where cards are made.
    func desk(_ registry: Registry, lastTry: LastTryPermission? = nil) throws -> IssuingDesk {
        let journals = try options.dataFolder() + "/journal"
        return IssuingDesk(
            registry: registry, preparation: try preparation(), journalFolder: journals,
            sealingKey: try SealingKey.load(in: journals), visits: try visits(lastTry: lastTry))
    }

    /// How tries are counted here.
    ///
    /// - Parameters:
    ///   - acceptedBy: the officer who answers for cards that are seen for the first time and cannot prove themselves.
    ///   - registry: asked for the cards that it has; opened for it where none is given and there is one.
    func visits(
        lastTry: LastTryPermission? = nil, acceptedBy: UInt64? = nil, registry: Registry? = nil
    ) throws -> VisitPolicy {
        let books = try options.dataFolder() + "/registry.sqlite"
        let rule = FirstContactRule(acceptedBy: acceptedBy) { [self] card in
            guard FileManager.default.fileExists(atPath: books),
                let registry = try? registry ?? self.registry(startCheck: false)
            else { return false }
            return (try? registry.reference(onChip: card.bytes)) != nil
        }
        return VisitPolicy(
            folder: try options.dataFolder() + "/tries", isDevelopment: policy.mode == .development,
            liveVersions: try hierarchy().liveVersions, lastTry: lastTry, firstContact: rule)
    }

    /// All layouts of the home, compiled, newest specification first.
    func compiledCards() throws -> [CompiledCard] { try library.compiledCards() }

    /// The layouts of cards that give this answer to reset, newest specification first.
    func compiledCards(answering answer: [UInt8]) throws -> [CompiledCard] {
        try library.compiledCards(answering: answer)
    }

    /// The layout of a card that gave this answer to reset: the newest whose profile fits, or the named one.
    func card(named name: String?, answering answer: [UInt8]) throws -> CompiledCard {
        if let name { return try library.entry(name).compiled }
        guard let card = try compiledCards(answering: answer).first else {
            throw PersonalizationError.foreignCard(fitting: [])
        }
        return card
    }
}

extension Site {
    /// The site's keys behind the guard, every use in the key log; in production the development set is refused, whatever the
    /// options say.
    ///
    /// - Parameters:
    ///   - role: in which role the officer uses them.
    ///   - ticket: for which work order.
    ///   - second: with whom.
    func keys(
        as role: KeyRole = .teller, ticket: WorkTicket? = nil, second: KeyUseSession.SecondPerson? = nil
    ) throws -> any CardKeyService {
        let user = try KeyOperator(String(officer), role: role.rawValue)
        try keyRoom.open(self)
        return try keyRoom.service(for: KeyUseSession(user, ticket: ticket, second: second))
    }

    /// The comparison of the site's keys with another derivation of them; nil where the keys are not in this process.
    func engineComparison() throws -> EngineComparison? {
        try keyRoom.open(self)
        return try keyRoom.comparison()
    }

    /// Where the site's keys are, opened: never used but through ``keys(as:ticket:second:)``.
    func keyBackEnd(_ hierarchy: KeyHierarchy) throws -> KeyBackEnd {
        if let slot = options.moduleSlot {
            return try .module(inSlot: slot, library: options.library(), hierarchy: hierarchy) {
                Terminal.tell($0.faults)
            }
        }
        if let location = try options.tokenLocation() {
            return KeyBackEnd(service: try tokenKeys(at: location, hierarchy))
        }
        let keySet = try keySet(hierarchy)
        return KeyBackEnd(service: try SoftwareKeyService(keySet, hierarchy: hierarchy), keySet: keySet)
    }

    /// The key service over the site's key store alone, to compare another back-end with it.
    func storeKeys() throws -> SoftwareKeyService {
        let hierarchy = try hierarchy()
        return try SoftwareKeyService(keySet(hierarchy), hierarchy: hierarchy)
    }

    /// The hierarchy of keys.
    func hierarchy() throws(Faults) -> KeyHierarchy { try options.hierarchy() }

    /// The site's own key set, opened; in production the development set is refused, whatever the options say.
    func keySet(_ hierarchy: KeyHierarchy) throws -> KeySet {
        try options.keyPlace(mode: policy.mode).keySet(
            in: options.keyFolder(), passphrase: options.keyPassphrase(), hierarchy)
    }

    /// What opened key sets are to be used for here, by the policy.
    func storeMode(_ hierarchy: KeyHierarchy) throws(Faults) -> SealedKeyStore.Mode {
        try options.keyPlace(mode: policy.mode).storeMode(hierarchy)
    }
}
