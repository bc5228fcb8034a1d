import CardCryptography
import CardData
import CardLayout
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// The registry is told of a migration once the card was read back, once, whatever was broken off in between.
@Suite struct MigrationBookingTests {
    private static let target = "example-region-1.1"

    private let counter: Counter
    private let chip: VirtualCardChannel
    private let issued: IssuedCard

    init() throws {
        counter = try Counter()
        let profile = try counter.preparation.library.entry("example-region").compiled.profile
        chip = try VirtualCardChannel(VirtualCard(profile: profile, serialNumber: [0x99, 0x01, 0, 0, 0, 1]))
        issued = try counter.desk.issue(
            IssuingRequest(
                person: counter.row(), layoutName: "example-region",
                pin: PersonalIdentificationNumber(digits: "925814"), handling: Counter.personalizer), through: chip)
    }

    private func registered() throws -> RegisteredCard {
        try #require(try counter.registry.card(identificationCode: issued.identificationCode))
    }

    private func booking(_ handling: Handling = Counter.personalizer) throws -> MigrationBooking? {
        try MigrationBooking(
            of: registered(), to: counter.preparation.library.entry(Self.target).compiled, in: counter.registry,
            handledBy: handling)
    }

    private func booked() throws -> Int {
        try counter.registry.events(of: CardReference(issued.identificationCode))
            .count { $0.body.act == .migrated(layout: Self.target, profile: "fmcos-ssse-region") }
    }

    /// What `card migrate` does: the migration, and at its end `book`.
    private func migrate(_ book: () throws -> Void) throws {
        let desk = MigrationDesk(
            preparation: counter.preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"),
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true))
        try chip.reset()
        let prepared = try desk.prepare(
            MigrationDesk.Request(from: "example-region", to: Self.target), through: chip)
        try chip.reset()
        try desk.run(prepared, through: chip, onWritten: book)
    }

    @Test func afterTheMigrationTheCardIsOneOfTheNewLayout() throws {
        let booking = try #require(try booking())
        #expect(try registered().facts?.layout == "example-region")
        try migrate { try booking.book(in: counter.registry) }
        #expect(try registered().facts?.layout == Self.target)
        #expect(try self.booking() == nil)
        #expect(try booked() == 1)
        #expect(try counter.registry.verify().isGood)
    }

    private struct PowerCut: Error {}

    @Test(arguments: [false, true]) func brokenOffBetweenTheSameCommandBooksItOnce(isBehind: Bool) throws {
        let first = try #require(try booking())
        #expect(throws: IssuingError.self) {
            try migrate {
                if isBehind { try first.book(in: counter.registry) }
                throw PowerCut()
            }
        }
        #expect(try booked() == (isBehind ? 1 : 0))
        // the journal stands, and the command that is run again goes on from it
        let second = try booking()
        #expect((second == nil) == isBehind)
        try migrate { try second?.book(in: counter.registry) }
        try first.book(in: counter.registry)
        #expect(try booked() == 1)
        #expect(try registered().facts?.layout == Self.target)
    }

    @Test func whatTheLogWouldRefuseIsRefusedBeforeTheCardIsChanged() throws {
        let keeper = Handling(by: Officer(number: 1004, role: .stockKeeper))
        let error = #expect(throws: RegistryError.self) { _ = try booking(keeper) }
        #expect(error?.faults.map(\.code) == ["lifecycle.role-not-allowed"])
    }
}
