import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Testing
import VirtualCard

@testable import IssuerKeys

/// A back-end of the key service that the conformance suite is run on: add one here, and every case tries it.
struct KeyBackEnd: Sendable, CustomTestStringConvertible {
    /// What a back-end may lack by its nature.
    ///
    /// Whatever it lacks it refuses by name, before a key is used; every case of the suite tries that too.
    enum Capability: Hashable, Sendable {
        /// Cards of an algorithm.
        case algorithm(CardAlgorithm)
        /// WRITE KEY, for which a card's key leaves in cipher.
        case keyLoading
        /// The code of an identification code.
        case identificationCode
        /// Published values in the place of the issuer's keys, for a use.
        case publishedKeys(String)
        /// 3DES session keys of sixteen bytes.
        case wideSessionKeys
        /// Reading what a card answers under protection.
        case reading(LineProtection.Mode)
        /// RELOAD PIN, whose key is the XOR of two halves.
        case reloadPIN
        /// Check values of a key: the key has a place, and enciphers there.
        case checkValue
        /// Cards of another area than that of the sample.
        case otherArea(String)
    }

    /// The key sets of the suite: the development set as a province, and what one of its cities gets.
    enum Sample: Hashable, Sendable, CaseIterable {
        case province
        case city
    }

    let testDescription: String
    /// How it refuses what it lacks, for a key; nil for what it can do.
    let refusal: @Sendable (Capability, KeyName) -> CardKeyError?
    /// A service over a sample set and a hierarchy, made anew or kept.
    let service: @Sendable (Sample, KeyHierarchy) throws -> any CardKeyService

    static let all = [software, token, module, oldModule]

    /// What it computes; every other algorithm it must refuse.
    var algorithms: [CardAlgorithm] {
        [.tripleDES, .sm4].filter { refusal(.algorithm($0), KeyName(rawValue: "IRK")) == nil }
    }

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
        testDescription: "sealed software store",
        refusal: { capability, key in
            guard case .otherArea(let area) = capability else { return nil }
            return .keyNotHeld(key, .tripleDES, area: area)
        },
        service: { sample, hierarchy in try SoftwareKeyService(keySet(sample), hierarchy: hierarchy) })

    static let token = KeyBackEnd(
        testDescription: "SoftHSM2",
        refusal: { capability, key in
            switch capability {
            case .algorithm(.sm4): .token(.beyondToken("SM4"))
            case .reloadPIN: .token(.beyondToken("RELOAD PIN"))
            default: software.refusal(capability, key)
            }
        },
        service: { sample, hierarchy in try loadedToken(sample).get().service(hierarchy: hierarchy) })

    private static func loadedToken(_ sample: Sample) -> Result<TestToken, any Error> {
        sample == .province ? provinceToken : cityToken
    }
    private static let provinceToken = Result { try TestToken().loaded(keySet(.province)) }
    private static let cityToken = Result { try TestToken().loaded(keySet(.city), keepsOpaque: true) }
}

// MARK: - Modules in a terminal's slot

extension KeyBackEnd {
    static let module = KeyBackEnd(
        testDescription: "virtual PSAM", refusal: moduleRefusal,
        service: { sample, hierarchy in try moduleService(sample, hierarchy, "") })

    static let oldModule = KeyBackEnd(
        testDescription: "virtual PSAM before SM4",
        refusal: { capability, key in
            capability == .algorithm(.sm4) ? .module(.algorithm(.sm4, version: 4)) : moduleRefusal(capability, key)
        },
        service: { sample, hierarchy in
            try moduleService(sample, hierarchy, "version: {file: 0015, offset: 10, new: 04, sm4From: 05}")
        })

    /// A module calculates with keys that have a place in it, and gives none out.
    private static let moduleRefusal: @Sendable (Capability, KeyName) -> CardKeyError? = { capability, key in
        switch capability {
        case .algorithm: nil
        case .keyLoading: .module(.cannot(key, "WRITE KEY"))
        case .identificationCode: .module(.cannot(key, "identification-code"))
        case .publishedKeys(let use): .module(.cannot(key, use))
        case .wideSessionKeys: .module(.sessionKeyWidth(module: 8, card: 16))
        case .reading(let mode): mode == .mac ? nil : .module(.cannot(key, "enciphered reading"))
        case .reloadPIN: .module(.cannot(key, "RELOAD PIN"))
        case .checkValue:
            switch key.rawValue {
            case "MKMF": .module(.noPlace(key))
            case "DPK1": .module(.refused("80 1A 22 01", .conditionsNotSatisfied))
            default: nil
            }
        case .otherArea(let area): .module(.area(found: "990100", wanted: area))
        }
    }

    private static func moduleService(
        _ sample: Sample, _ hierarchy: KeyHierarchy, _ settings: String
    ) throws -> PSAMKeyService {
        let level = sample == .province ? "province" : "city"
        let profile = try moduleProfile("keyLevel: \(level)\n\(settings)")
        let channel = try VirtualCardChannel(VirtualPSAM(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 0x81]))
        let keys = try SoftwareKeyService(keySet(sample), hierarchy: hierarchy)
        let loader = PSAMLoader(channel, dialect: PSAMDialect(profile), keys: keys, area: "990100", tries: Uncounted())
        let report = try loader.load(terminalNumber: nil) { _, _, _, _ in }
        #expect(report.differing.isEmpty && report.compared > 5)
        return try PSAMKeyService(channel, dialect: PSAMDialect(profile), hierarchy: hierarchy)
    }

    /// Modules of a test are opened with the right keys.
    private struct Uncounted: PSAMTryCount {
        let isLoadBegun = false
        func noteLoadBegun() {}
        func spend() -> Int? { nil }
        func settle(_ outcome: PSAMTryOutcome) {}
    }

    private static func moduleProfile(_ settings: String) throws -> PSAMProfile {
        try Surroundings.withFolder { folder in
            let profiles = Surroundings.home.appending(path: "CardLayouts/profiles").path(percentEncoded: false)
            let copy = folder + "/profiles"
            try FileManager.default.copyItem(atPath: profiles, toPath: copy)
            try "name: psam-variant\nextends: psam\n\(settings)\n"
                .write(toFile: copy + "/psam-variant.yaml", atomically: true, encoding: .utf8)
            return try PSAMProfileReader.read(copy + "/psam-variant.yaml")
        }
    }
}
