import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// A day's limits are looked at for as many uses as a card needs, before anything is done to it.
@Suite struct KeyQuotaTests {
    private let counter: Counter

    init() throws { counter = try Counter() }

    private var logFolder: String { counter.folder + "/key-log" }

    /// The counter's keys behind a guard with these limits.
    private func guarded(
        _ limits: [KeyOperation: Int], role: String, ticket: String? = nil
    ) throws -> CardPreparation {
        let site = counter.preparation
        let text = try String(contentsOfFile: Counter.home + "/Keys/use-policy.yaml", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let limit = limits.first { line.hasPrefix("  \($0.key.rawValue): ") }?.value
            return limit.map { String(line.replacing(/per-day: \d+/, with: "per-day: \($0)")) } ?? String(line)
        }
        let path = counter.folder + "/use-policy.yaml"
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let hierarchy = try KeyHierarchy.read(Counter.home + "/Keys/hierarchy.yaml")
        let log = try KeyLog.open(in: logFolder, startingIfEmpty: true, lock: .development) { 1_795_000_000_000 }
        let keyGuard = KeyGuard(
            policy: try UsePolicy.read(path, hierarchy: hierarchy), hierarchy: hierarchy, log: log,
            acceptsNamedSecond: true)
        let session = KeyUseSession(
            try KeyOperator("1001", role: role), ticket: try ticket.map { text throws(Faults) in try WorkTicket(text) },
            second: .named("2001"))
        return CardPreparation(
            library: site.library, keys: try GuardedKeyService(site.keys, behind: keyGuard, for: session),
            policy: site.policy, today: site.today, keyVersions: site.keyVersions)
    }

    /// How often the key log has a use of an operation.
    private func uses(of operation: KeyOperation) throws -> Int {
        var count = 0
        _ = try KeyLogVerification(logFolder + "/key-log.txt", key: nil) { entry in
            if entry.kind == .use, entry["op"] == operation.rawValue { count += 1 }
        }
        return count
    }

    private func desk(_ preparation: CardPreparation) throws -> IssuingDesk {
        IssuingDesk(
            registry: counter.registry, preparation: preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"))
    }

    @Test func `a card of which the last key would be too many is not begun`() throws {
        let first = try counter.blank(1)
        let desk = try desk(guarded([:], role: "personalizer"))
        _ = try desk.issue(counter.request(counter.row()), through: VirtualCardChannel(first))
        let needed = try uses(of: .keyLoading)
        #expect(needed > 2)
        // today's limit leaves all but one of them
        let second = try counter.blank(2)
        let before = second.image
        let limited = try self.desk(guarded([.keyLoading: 2 * needed - 1], role: "personalizer"))
        let error = #expect(throws: IssuingError.self) {
            try limited.issue(counter.request(counter.otherRow), through: VirtualCardChannel(second))
        }
        #expect(error?.faults.contains { $0.code == "key-log.quota" } == true)
        #expect(second.image == before && counter.journals.isEmpty)
        #expect(try uses(of: .keyLoading) == needed)
        // and one more is enough
        let enough = try self.desk(guarded([.keyLoading: 2 * needed], role: "personalizer"))
        _ = try enough.issue(counter.request(counter.otherRow), through: VirtualCardChannel(second))
    }

    /// A PIN in each of five applications, of which each takes the reset key once.
    @Test func `a PIN service that the day's limit would break off is not begun`() throws {
        let layout = "national-2.0@fmcos"
        let compiled = try counter.preparation.library.entry(layout).compiled
        let card = try VirtualCard(profile: compiled.profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01])
        let request = IssuingRequest(
            person: counter.row(), layoutName: layout, pin: try PersonalIdentificationNumber(digits: "925814"),
            handling: Counter.personalizer)
        _ = try counter.desk.issue(request, through: VirtualCardChannel(card))
        let directories = HolderPIN.directories(of: compiled).count
        #expect(directories == 5)
        func reset(limit: Int) throws -> PINOutcome {
            let desk = PINDesk(
                registry: counter.registry,
                preparation: try guarded([.pinReset: limit, .pinReload: limit], role: "teller", ticket: "T-1"),
                visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true), cards: [compiled],
                journalFolder: counter.folder + "/journal")
            return try desk.serve(
                PINRequest(
                    .reset(to: PersonalIdentificationNumber(digits: "481952")), ticket: "T-1",
                    handling: Counter.teller), through: VirtualCardChannel(card))
        }
        let before = card.image
        let error = #expect(throws: PINDeskError.self) { try reset(limit: directories - 1) }
        guard case .card(let cause, let booked)? = error else { return }
        #expect(cause.faults.map(\.code.rawValue) == ["key-log.quota"] && cause.isUnchanged && !booked)
        #expect(try card.image == before && uses(of: .pinReset) + uses(of: .pinReload) == 0)
        #expect(try reset(limit: directories).directories.count == directories)
    }
}
