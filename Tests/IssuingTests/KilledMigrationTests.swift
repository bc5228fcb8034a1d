import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Testing
import VirtualCard

/// The program is killed with signal 9 at random while it brings a card to another layout, again and again, and finishes it all the same.
@Suite struct KilledMigrationTests {
    private static let program = KilledProgram("KilledMigrationTests/theCardIsMigrated")
    fileprivate static let request = MigrationDesk.Request(
        from: "national-2.0", to: "area-2.0", values: ["regionNumber": "A123", "DF01.EF08.maritalStatus": "2"])

    /// A counter with a layout of its region, whose application lies below the master file.
    private struct Place {
        let folder: String
        let counter: Counter
        let desk: MigrationDesk
        let preparation: CardPreparation

        init(_ folder: String) throws {
            self.folder = folder
            counter = try Counter(existing: folder)
            let home = folder + "/home"
            if !FileManager.default.fileExists(atPath: home) { try Self.makeHome(home) }
            let usual = counter.preparation
            preparation = CardPreparation(
                library: try CardLibrary(home: home), keys: usual.keys, policy: usual.policy, today: usual.today)
            desk = MigrationDesk(
                preparation: preparation,
                journalFolder: folder + "/journal", sealingKey: try SealingKey.load(in: folder + "/journal"),
                visits: VisitPolicy(folder: folder + "/tries", isDevelopment: true))
        }

        private static func makeHome(_ home: String) throws {
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: Counter.home + "/CardLayouts", toPath: home + "/CardLayouts")
            let region = Counter.home + "/Fixtures/layouts/area"
            try FileManager.default.copyItem(
                atPath: region + "/area-2.0.yaml", toPath: home + "/CardLayouts/area-2.0.yaml")
            try FileManager.default.copyItem(
                atPath: region + "/fmcos-ssse-area.yaml", toPath: home + "/CardLayouts/profiles/fmcos-ssse-area.yaml")
        }

        var card: VirtualCard {
            get throws {
                let profile = try counter.preparation.library.entry("national-2.0").compiled.profile
                return try VirtualCard.open(stateFile: folder + "/card.state") { _ in profile }
            }
        }

        func migrate(progress: (PlanRunner.Progress) -> Void = { _ in }) throws {
            let channel = try VirtualCardChannel(card)
            try channel.reset()
            let prepared = try desk.prepare(KilledMigrationTests.request, through: channel)
            try channel.reset()
            try desk.run(prepared, through: channel, progress: progress)
        }
    }

    /// What the killed process does.
    @Test(.enabled(if: program.folder != nil)) func theCardIsMigrated() throws {
        guard let folder = Self.program.folder else { return }
        try Place(folder).migrate { _ in KilledProgram.report() }
    }

    @Test(.enabled(if: program.folder == nil)) func killedAtRandomTheMigrationIsFinishedByteForByte() throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let made = try makeCard(in: base + "/made")
        try FileManager.default.copyItem(atPath: base + "/made", toPath: base + "/whole")
        let whole = try Place(base + "/whole")
        var commands = 0
        try whole.migrate { commands = $0.total }
        #expect(commands > 30)
        let image = try whole.card.image
        #expect(try !image.elementsEqual(made.card.image))

        // The directory's first key is the seventh command: killed before it, the directory is lost.
        let places = (0..<3).map { _ in Int.random(in: 8..<commands - 1) }
        let folder = base + "/killed"
        try FileManager.default.copyItem(atPath: base + "/made", toPath: folder)
        let seen = try places.map { try Self.program.kill(in: folder, after: $0) }
        let comment = Comment(rawValue: "to be killed after \(places), killed after \(seen)")
        // Else nothing was killed in the middle, and the test proves nothing.
        #expect(seen[0] == places[0], comment)
        let place = try Place(folder)
        try place.migrate()
        #expect(try place.card.image.elementsEqual(image), comment)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/journal")
        #expect(!left.contains { $0.hasSuffix(".migration") }, comment)
    }

    private func makeCard(in folder: String) throws -> Place {
        let place = try Place(folder)
        let profile = try place.counter.preparation.library.entry("national-2.0").compiled.profile
        try VirtualCard.makeBlank(
            profile: profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01], stateFile: folder + "/card.state")
        _ = try place.counter.issue(place.card)
        return place
    }

    // MARK: - What only the PIN opens

    private func closedRequest(pin digits: String?) throws -> MigrationDesk.Request {
        MigrationDesk.Request(
            from: "national-2.0", to: "area-2.0", values: ["DF04.EF06.offlineAllowed": "1"],
            pin: try digits.map { try PersonalIdentificationNumber(digits: $0) })
    }

    @Test(.enabled(if: program.folder == nil)) func aWrongPINIsTriedOnceAndNothingIsBegun() throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let place = try makeCard(in: base)
        let request = try closedRequest(pin: "481952")
        // The counter of six is spent but for its last try, which is kept.
        for code in [FaultCode](repeating: "card.wrong-pin", count: 5) + ["card.last-try"] {
            #expect {
                try place.desk.prepare(request, through: VirtualCardChannel(place.card))
            } throws: { error in
                (error as? IssuingError)?.faults.contains { $0.code == code } == true
            }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: base + "/journal")
        #expect(!files.contains { $0.hasSuffix(".migration") })
    }

    /// The card is pulled while it is read back with the PIN: all is written by then, and the holder may have gone.
    @Test(.enabled(if: program.folder == nil), arguments: [true, false])
    func aReadBackWithThePINThatIsInterruptedIsMadeUpForOrTold(isHolderThere: Bool) throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let place = try makeCard(in: base)
        let channel = try VirtualCardChannel(place.card)
        let prepared = try place.desk.prepare(closedRequest(pin: "925814"), through: channel)
        let commands = prepared.migration.plan.commandCount
        #expect(prepared.migration.unread == [])
        #expect(prepared.migration.readBack.commandCount > 3)
        try channel.reset()
        let torn = FaultChannel(channel, cutAt: commands + 2, .beforeAnswer) {}
        #expect(throws: IssuingError.self) { try place.desk.run(prepared, through: torn) }

        let next = try FaultChannel(VirtualCardChannel(place.card), cutAt: .max, .beforeAnswer) {}
        let rest = try place.desk.prepare(closedRequest(pin: isHolderThere ? "925814" : nil), through: next)
        #expect(rest.done == commands)
        #expect(rest.migration.unread == (isHolderThere ? [] : ["DF04/EF06/offlineAllowed"]))
        let before = next.commandCount
        try place.desk.run(rest, through: next)
        #expect(next.commandCount - before == (isHolderThere ? prepared.migration.readBack.commandCount : 0))
        let done = try place.desk.prepare(closedRequest(pin: "925814"), through: VirtualCardChannel(place.card))
        #expect(done.done == nil && done.migration.plan.stages.isEmpty && done.migration.obstacles.isEmpty)
    }

    // MARK: - What is refused

    @Test(.enabled(if: program.folder == nil)) func aBegunMigrationIsBoundToItsTargetAndValues() throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let place = try makeCard(in: base)
        let channel = try VirtualCardChannel(place.card)
        let prepared = try place.desk.prepare(Self.request, through: channel)
        try channel.reset()
        let torn = FaultChannel(channel, cutAt: 20, .beforeAnswer) {}
        #expect(throws: IssuingError.self) { try place.desk.run(prepared, through: torn) }
        for request in [
            MigrationDesk.Request(from: "national-2.0", to: "national-2.0"),
            MigrationDesk.Request(from: "national-2.0", to: "area-2.0", values: ["regionNumber": "B456"]),
        ] {
            #expect {
                try place.desk.prepare(request, through: VirtualCardChannel(place.card))
            } throws: { error in
                (error as? IssuingError)?.faults.map(\.code) == ["migrate.begun-otherwise"]
            }
        }
        let again = MigrationDesk.Request(from: "national-2.0", to: "area-2.0")
        #expect(try place.desk.prepare(again, through: VirtualCardChannel(place.card)).done != nil)
        let inspection = CardInspection(
            preparation: place.preparation, journalFolder: place.folder + "/journal",
            sealingKey: try SealingKey.load(in: place.folder + "/journal")
        ) { _ in nil }
        let standing = try inspection.standing(of: VirtualCardChannel(place.card), layoutName: "national-2.0")
        #expect(standing.kind == .migrating)
        #expect(standing.torn?.layoutName == "area-2.0")
        #expect(standing.torn?.hindrances.isEmpty == true)
        #expect(standing.exitCode == 0)
    }

    /// Two cards of one kind: the plan that was made of one changes nothing on the other.
    @Test(.enabled(if: program.folder == nil)) func aPlanRunsOnTheCardItWasMadeOf() throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let place = try makeCard(in: base)
        let prepared = try place.desk.prepare(Self.request, through: VirtualCardChannel(place.card))
        let other = try place.counter.blank(2)
        _ = try place.counter.issue(other, place.counter.otherRow)
        let image = other.image
        let relay = TracingChannel(try VirtualCardChannel(other))
        let error = #expect(throws: IssuingError.self) { try place.desk.run(prepared, through: relay) }
        #expect(error?.faults.map(\.code) == ["card.removed"])
        #expect(relay.trace.entries.isEmpty)
        #expect(other.image == image)
    }

    @Test(.enabled(if: program.folder == nil)) func aCardThatIsNotFinishedIsNotMigrated() throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let place = try Place(base)
        let card = try place.counter.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 300, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) {
            try place.counter.desk.issue(place.counter.request(place.counter.row()), through: torn)
        }
        #expect {
            try place.desk.prepare(Self.request, through: VirtualCardChannel(card))
        } throws: { error in
            (error as? IssuingError)?.faults.map(\.code) == ["migrate.card-torn"]
        }
    }
}
