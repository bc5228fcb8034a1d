import CardApplication
import CardData
import CardLayout
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry

/// A site as its options describe it: files, policy, keys, registry.
struct Site {
    let options: SiteOptions
    let library: CardLibrary
    let policy: LifecyclePolicy
    /// The officer in whose name keys are used.
    var officer: UInt64 = 1001
    let keyRoom = KeyRoom()

    init(_ options: SiteOptions) throws {
        self.options = options
        library = try CardLibrary(home: options.homeFolder())
        policy = try LifecyclePolicy.load(site: options.policy ?? options.environment("SSCARD_POLICY"))
        let area = try AreaCode(policy.area, in: library.areas)
        guard policy.mode == .development || !area.isTraining else {
            throw Faults("tool.training-area", ["area": area.text])
        }
    }

    /// Today by the machine's calendar.
    var today: CardDate {
        get throws {
            let parts = Calendar(identifier: .gregorian).dateComponents([.year, .month, .day], from: Date())
            func digits(_ value: Int?, _ count: Int) -> String {
                let text = String(value ?? 0)
                return String(repeating: "0", count: max(0, count - text.count)) + text
            }
            return try CardDate(digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2))
        }
    }

    /// The registry, made when it is not there.
    func registry() throws -> Registry {
        try Registry.open(at: options.dataFolder(), counter: options.counter, policy: policy) {
            UInt64(Date().timeIntervalSince1970 * 1000)
        }
    }

    /// Plans and values without a card.
    func preparation() throws -> CardPreparation {
        CardPreparation(
            library: library, keys: try keys(as: .personalizer), policy: policy, today: try today,
            comparison: try engineComparison(), keyVersions: try hierarchy().liveVersions)
    }

    /// The place where cards are made.
    func desk(_ registry: Registry, lastTry: LastTryPermission? = nil) throws -> IssuingDesk {
        let journals = try options.dataFolder() + "/journal"
        return IssuingDesk(
            registry: registry, preparation: try preparation(), journalFolder: journals,
            sealingKey: try SealingKey.load(in: journals), visits: try visits(lastTry: lastTry))
    }

    /// How tries are counted here.
    func visits(lastTry: LastTryPermission? = nil) throws -> VisitPolicy {
        VisitPolicy(
            folder: try options.dataFolder() + "/tries", isDevelopment: policy.mode == .development, lastTry: lastTry)
    }

    /// All layouts of the home, compiled, newest specification first.
    func compiledCards() throws -> [CompiledCard] {
        try library.files.layoutNames.sorted(by: >).map { try library.entry($0).compiled }
    }

    /// The layout of a card that gave this answer to reset: the newest whose profile fits, or the named one.
    func card(named name: String?, answering answer: [UInt8]) throws -> CompiledCard {
        if let name { return try library.entry(name).compiled }
        guard let card = try compiledCards().first(where: { answer.starts(with: $0.profile.answerToResetPrefix) })
        else { throw PersonalizationError.foreignCard }
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
        return try keyRoom.service(for: KeyUseSession(user, ticket: ticket, second: second), of: self)
    }

    /// The comparison of the site's keys with another derivation of them.
    func engineComparison() throws -> EngineComparison { try keyRoom.comparison(of: self) }

    /// The key service over an opened key set: never used but through ``keys(as:ticket:second:)``.
    func keyBackEnd(_ keySet: KeySet, _ hierarchy: KeyHierarchy) throws -> any CardKeyService {
        try SoftwareKeyService(keySet, hierarchy: hierarchy)
    }

    /// The hierarchy of keys.
    func hierarchy() throws(Faults) -> KeyHierarchy { try options.hierarchy() }

    /// The site's own key set, opened; in production the development set is refused, whatever the options say.
    func keySet(_ hierarchy: KeyHierarchy) throws -> KeySet {
        let home = try options.homeFolder()
        let mode: SealedKeyStore.Mode =
            policy.mode == .production
            ? .production(try ForbiddenRoots.read(home + "/Keys/forbidden-roots.yaml"), hierarchy: hierarchy)
            : .development
        return try SealedKeyStore.open(
            directory: options.keyFolder(), passphrase: options.keyPassphrase(), mode: mode)
    }
}
