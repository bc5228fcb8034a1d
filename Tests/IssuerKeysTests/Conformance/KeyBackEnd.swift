import CardCryptography
import CardData
import Testing

@testable import IssuerKeys

/// A back-end of the key service that the conformance suite is run on: add one here, and every case tries it.
struct KeyBackEnd: Sendable, CustomTestStringConvertible {
    /// What a back-end may be unable to do, and must then refuse by name.
    enum Gap: Hashable, Sendable {
        /// RELOAD PIN, whose key is the XOR of two halves.
        case reloadPIN
    }

    /// The key sets of the suite: the development set as a province, and what one of its cities gets.
    enum Sample: Hashable, Sendable, CaseIterable {
        case province
        case city
    }

    let testDescription: String
    /// What it computes; every other algorithm it must refuse.
    let algorithms: [CardAlgorithm]
    let gaps: Set<Gap>
    /// A service over a sample set and a hierarchy, made anew or kept.
    let service: @Sendable (Sample, KeyHierarchy) throws -> any CardKeyService

    static let all = [software, token]

    /// Back-ends and what each computes.
    static let computing = all.flatMap { backEnd in backEnd.algorithms.map { Trial(backEnd: backEnd, algorithm: $0) } }

    struct Trial: Sendable, CustomTestStringConvertible {
        let backEnd: KeyBackEnd
        let algorithm: CardAlgorithm
        var testDescription: String { "\(backEnd.testDescription), \(algorithm)" }
    }

    /// The keys that the suite uses; a token takes its time for every one.
    private static let names = ["DPK1", "IRK", "MKMF", "MKSSSE", "PUK", "RK1DF01", "STK", "STKDF01", "UKSSSE"]

    static func keySet(_ sample: Sample) throws -> KeySet {
        let whole = try Surroundings.development()
        var set = try KeySet(name: "conformance", level: whole.level, area: "990000", root: whole.root)
        for identity in whole.identities where names.contains(identity.name.rawValue) {
            let held = try #require(whole[identity])
            try set.insert(
                held.withSpan { SecretBytes(copying: $0) }, as: identity.name, identity.algorithm,
                version: identity.version)
        }
        return sample == .province
            ? set : try set.citySet(area: "990100", name: "city-990100", hierarchy: Surroundings.hierarchy())
    }

    static let software = KeyBackEnd(
        testDescription: "sealed software store", algorithms: [.tripleDES, .sm4], gaps: []
    ) { sample, hierarchy in try SoftwareKeyService(keySet(sample), hierarchy: hierarchy) }

    static let token = KeyBackEnd(
        testDescription: "SoftHSM2", algorithms: [.tripleDES], gaps: [.reloadPIN]
    ) { sample, hierarchy in try loadedToken(sample).get().service(hierarchy: hierarchy) }

    private static func loadedToken(_ sample: Sample) -> Result<TestToken, any Error> {
        sample == .province ? provinceToken : cityToken
    }
    private static let provinceToken = Result { try TestToken().loaded(keySet(.province)) }
    private static let cityToken = Result { try TestToken().loaded(keySet(.city), keepsOpaque: true) }
}
