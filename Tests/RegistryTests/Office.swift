import CardData
import Foundation
import Lifecycle
import Synchronization

@testable import Registry

/// A counter in a folder of its own that is removed afterwards, with its officers, its clock and invented people
/// (area 99 belongs to nobody).
final class Office: Sendable {
    let path: String
    private static let start: UInt64 = 1_760_000_000_000
    private let wall = Mutex<UInt64>(Office.start)

    private let isOwner: Bool

    /// A new office, or the one whose folder another has made and removes.
    init(existing: String? = nil) {
        isOwner = existing == nil
        path = existing ?? FileManager.default.temporaryDirectory.appending(path: "registry-\(UUID().uuidString)").path
    }

    deinit { if isOwner { try? FileManager.default.removeItem(atPath: path) } }

    /// A clock that the test moves: each reading is one second later.
    var clock: @Sendable () -> UInt64 {
        {
            self.wall.withLock {
                $0 += 1000
                return $0
            }
        }
    }

    /// So many days after the clock's first.
    func setDay(_ day: UInt64) { wall.withLock { $0 = Self.start + day * 86_400_000 } }

    func passDays(_ days: UInt64) { wall.withLock { $0 += days * 86_400_000 } }

    func turnClockBack() { wall.withLock { $0 -= 86_400_000 } }

    func open(
        counter: UInt64 = 7, site: String = "version: test-1", clock: (@Sendable () -> UInt64)? = nil
    ) throws -> Registry {
        try Registry.open(
            at: path, counter: counter, policy: try LifecyclePolicy.parse(site: site, file: "site.yaml"),
            clock: clock ?? self.clock)
    }

    /// What is on the disk now, as a crash would leave it, in a folder of its own.
    func copyOfDisk() throws -> Office {
        let copy = Office()
        try FileManager.default.copyItem(atPath: path, toPath: copy.path)
        return copy
    }

    /// Gives a file of now the outbox that programs until schema 5 kept, with a row for each event after those that were sent.
    static func rowsInOutbox(after sent: Int = 0) -> String {
        """
        DROP VIEW outbox; DROP TABLE sent; CREATE TABLE outbox (sequence INTEGER PRIMARY KEY) STRICT;
        INSERT INTO outbox SELECT sequence FROM log WHERE sequence > \(sent);
        """
    }

    static let everyProof = Proofs(Proofs.named.map(\.proof))
    static let teller = Handling(
        by: Officer(number: 1001, role: .teller), second: Officer(number: 1003, role: .supervisor), proofs: everyProof)
    static let personalizer = Handling(by: Officer(number: 1002, role: .personalizer))

    /// The number's check character is computed by ISO 7064 MOD 11-2, as GB 11643 has it.
    static func person(_ serial: Int, name: String = "王小明") throws -> Person {
        let body = "99010019900307" + String(format: "%03d", serial)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body.utf8, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
        let check = Array("10X98765432")[sum % 11]
        let number = try CitizenNumber(body + String(check))
        return Person(
            number: .citizen(number), name: try PersonName(name), sex: number.sex, ethnicGroup: try EthnicGroup("01"),
            birthDate: number.birthDate, birthPlace: "990100")
    }

    static func card(_ serial: UInt32) throws -> CardReference {
        let bytes = (0..<4).reversed().map { UInt8(truncatingIfNeeded: serial >> ($0 * 8)) }
        return CardReference(
            try IdentificationCode(areaCode: "990100", serial: bytes, authenticationCode: [1, 2, 3, 4]))
    }

    static func facts(_ number: CardNumber, _ person: PersonReference) throws -> CardFacts {
        CardFacts(
            number: number, person: person, layout: "national-3.0", profile: "fmcos", area: "990100",
            issued: try CardDate("20251009"), expires: try CardDate("20351009"),
            planHash: Array(repeating: 0x5A, count: 32), blankSerial: [1, 2, 3, 4])
    }

    /// The first number of the default policy's range: the check character of D0000000 is 11 − (13·3 mod 11) = 5.
    static func firstNumber() throws -> CardNumber { try CardNumber("D00000005") }

    static let loss = LossReport(channel: .counter, reporter: .holder)
}

extension Registry {
    /// Registers a person and makes a card for them.
    @discardableResult
    func makeCard(_ serial: UInt32, for person: Person) throws -> CardReference {
        let reference = try register(person, handledBy: Office.personalizer)
        let number = try reserveCardNumber(for: "journal-\(serial)", handledBy: Office.personalizer)
        let card = try Office.card(serial)
        try record(.personalized(try Office.facts(number, reference)), on: card, handledBy: Office.personalizer)
        return card
    }

    /// Makes a card, hands it over and enables it.
    @discardableResult
    func issueCard(_ serial: UInt32, for person: Person) throws -> CardReference {
        let card = try makeCard(serial, for: person)
        try record(.handedOver, on: card, handledBy: Office.teller)
        try record(.enabled, on: card, handledBy: Office.teller)
        return card
    }
}
