import CardCryptography
import CardData
import CardLayout
import CardVerification
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// One counter with a registry of its own, blank cards and the development keys.
final class Counter {
    static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let personalizer = Handling(by: Officer(number: 1001, role: .personalizer))
    static let teller = Handling(
        by: Officer(number: 1002, role: .teller), second: Officer(number: 2001, role: .supervisor),
        proofs: [.identityDocument, .signature, .cardRead, .pinChanged, .feeSettled])

    let folder: String
    let preparation: CardPreparation
    let registry: Registry
    let desk: IssuingDesk

    private let isOwner: Bool

    /// A new counter, or the one whose files lie in `existing`; `versions` are those of all keys, as the hierarchy file has them, and
    /// `policy` what its policy file says beside the version.
    init(
        existing: String? = nil, versions: String? = nil, policy site: String? = nil,
        clock: @escaping @Sendable () -> UInt64 = { 1_795_000_000_000 }
    ) throws {
        isOwner = existing == nil
        folder = existing ?? FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: folder + "/journal", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let hierarchy = try KeyHierarchy.read(Self.hierarchyFile(in: folder, versions))
        let policy =
            try site.map { text throws(Faults) in
                try LifecyclePolicy.parse(site: "version: test\n" + text, file: "policy.yaml")
            } ?? LifecyclePolicy.load()
        preparation = CardPreparation(
            library: try Self.library.get(),
            keys: try SoftwareKeyService(
                SealedKeyStore.openDevelopment(directory: Self.home + "/Keys/development"), hierarchy: hierarchy),
            policy: policy, today: try CardDate("20261122"), keyVersions: hierarchy.liveVersions)
        registry = try Registry.open(at: folder, counter: 7, policy: policy, clock: clock)
        desk = IssuingDesk(
            registry: registry, preparation: preparation, journalFolder: folder + "/journal",
            sealingKey: try SealingKey.load(in: folder + "/journal"))
    }

    /// The files of the tree, read once for all tests: a library only reads.
    static let library = Result { try CardLibrary(home: home) }

    private static func hierarchyFile(in folder: String, _ versions: String?) throws -> String {
        let path = home + "/Keys/hierarchy.yaml"
        guard let versions else { return path }
        var text = try String(contentsOfFile: path, encoding: .utf8)
        let start = try #require(text.range(of: "\nversions:\n"))
        let end = try #require(text.range(of: "\n\n", range: start.upperBound..<text.endIndex))
        text.replaceSubrange(start.lowerBound..<end.lowerBound, with: "\nversions: \(versions)")
        try text.write(toFile: folder + "/hierarchy.yaml", atomically: true, encoding: .utf8)
        return folder + "/hierarchy.yaml"
    }

    deinit { if isOwner { try? FileManager.default.removeItem(atPath: folder) } }

    func blank(_ number: UInt8 = 1) throws -> VirtualCard {
        try VirtualCard(
            profile: preparation.library.entry("national-2.0").compiled.profile,
            serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, number])
    }

    /// An invented person; `changes` replaces or adds columns.
    func row(_ changes: [String: String] = [:]) -> PersonRecord {
        let person = [
            "citizenNumber": "990165200802116857", "name": "张三", "sex": "1", "ethnicGroup": "01",
            "birthPlace": "990165", "birthDate": "20080211",
        ]
        return PersonRecord(
            values: person.merging(changes) { $1 }, place: SourcePlace(file: "people.csv", line: 2))
    }

    /// Another invented person.
    var otherRow: PersonRecord {
        row(["citizenNumber": Self.otherNumber, "name": "李四", "birthDate": "19900101", "birthPlace": "990102"])
    }

    /// A third invented person; the check character as below.
    var thirdRow: PersonRecord {
        row(["citizenNumber": Self.thirdNumber, "name": "王五", "birthDate": "19900101", "birthPlace": "990102"])
    }

    static let thirdNumber = "990102199001010031"

    /// Check character by GB 11643: computed with Python, weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2.
    static let otherNumber = "990102199001010015"

    func request(_ row: PersonRecord, replacing old: CardNumber? = nil) throws -> IssuingRequest {
        IssuingRequest(
            person: row, layoutName: "national-2.0", pin: try PersonalIdentificationNumber(digits: "925814"),
            handling: Self.personalizer,
            replacement: old.map {
                IssuingRequest.Replacement(number: $0, reason: .lost, handling: Self.teller)
            })
    }

    func issue(_ card: VirtualCard, _ row: PersonRecord? = nil, replacing old: CardNumber? = nil) throws -> IssuedCard {
        try desk.issue(request(row ?? self.row(), replacing: old), through: VirtualCardChannel(card))
    }

    func act(_ act: Act, on card: IssuedCard) throws {
        try registry.record(act, on: CardReference(card.identificationCode), handledBy: Self.teller)
    }

    func verdict(
        _ card: VirtualCard, area: String? = nil, on day: String = "20261122", through channel: (any CardChannel)? = nil
    ) throws -> Verdict {
        let keys = preparation.keys
        let check = TillCheck(
            cards: [try preparation.library.entry("national-2.0").compiled], keys: keys,
            area: area ?? preparation.policy.area, today: try CardDate(day))
        return try check.check(channel ?? VirtualCardChannel(card)) {
            try registry.card(identificationCode: $0).map { card in
                KnownCard(
                    state: card.state.shown, historicalBytes: card.facts?.blankSerial,
                    keyVersions: try registry.making(of: card.reference).flatMap {
                        CardKeyVersions($0.facts.keyVersions)
                    })
            }
        }
    }

    var journals: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/journal")) ?? [])
            .filter { $0.hasSuffix(".journal") }
    }

    var claims: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/journal")) ?? [])
            .filter { $0.hasSuffix(".claim") }
    }

    /// A desk that knows of the first one only what stands on the disk.
    func anotherDesk() throws -> IssuingDesk {
        IssuingDesk(
            registry: registry, preparation: preparation, journalFolder: folder + "/journal",
            sealingKey: try SealingKey.load(in: folder + "/journal"))
    }
}
