public import CardCryptography
public import CardData
import Foundation
public import IssuerKeys
public import Lifecycle

/// The roles in which keys are used; `Keys/use-policy.yaml` says what each may.
public enum KeyRole: String, Sendable, CaseIterable {
    /// 经办员.
    case teller
    /// 审核员.
    case supervisor
    /// 制卡员.
    case personalizer
    /// 药店.
    case pharmacist
    /// 审计员.
    case auditor
    /// 密钥管理员.
    case custodian
}

/// Where the papers lie that go with a site's keys, and what the keys are for.
public struct KeyPlace: Sendable {
    private let home: String
    private let papers: String
    private let mode: LifecyclePolicy.Mode

    /// A place.
    ///
    /// - Parameters:
    ///   - home: the folder that holds `Keys/`.
    ///   - papers: the folder of the site's own policy of use and officers.
    ///   - mode: whether real cards are made.
    public init(home: String, papers: String, mode: LifecyclePolicy.Mode) {
        self.home = home
        self.papers = papers
        self.mode = mode
    }

    /// Whether real cards are made.
    public var isProduction: Bool { mode == .production }

    /// The hierarchy of keys.
    public func hierarchy() throws(Faults) -> KeyHierarchy { try KeyHierarchy.read(home + "/Keys/hierarchy.yaml") }

    /// Who may sign for services that take two persons.
    public func officers() throws(Faults) -> ApprovingOfficers {
        try ApprovingOfficers.read(papers + "/officers.yaml")
    }

    /// The site's own policy of use beside its keys, else that of the house.
    public var policyPath: String {
        let own = papers + "/use-policy.yaml"
        return FileManager.default.fileExists(atPath: own) ? own : home + "/Keys/use-policy.yaml"
    }

    /// What opened key sets are to be used for here.
    public func storeMode(_ hierarchy: KeyHierarchy) throws(Faults) -> SealedKeyStore.Mode {
        guard isProduction else { return .development }
        return .production(try ForbiddenRoots.read(home + "/Keys/forbidden-roots.yaml"), hierarchy: hierarchy)
    }

    /// The key service over an opened token, tried and judged by the site's policy; in production one with development keys is refused.
    public func tokenKeys(_ token: Token, _ hierarchy: KeyHierarchy) throws -> TokenKeyService {
        let policy = try TokenPolicy.read(home + "/Keys/token-policy.yaml")
        let service = try TokenKeyService(token, hierarchy: hierarchy, policy: policy)
        if isProduction { try service.refuse(ForbiddenRoots.read(home + "/Keys/forbidden-roots.yaml")) }
        return service
    }

    /// The sealed key set of a folder, opened; in production the development set is refused, whatever else was said.
    public func keySet(
        in folder: String, passphrase: borrowing SecretBytes, _ hierarchy: KeyHierarchy
    ) throws(Faults) -> KeySet {
        try SealedKeyStore.open(directory: folder, passphrase: passphrase, mode: storeMode(hierarchy))
    }
}
