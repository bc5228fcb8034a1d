import CardApplication
import CardData
import CardLayout
import Foundation
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// The program is killed with signal 9 at random while a holder's data are changed on the card, again and again: the card ends as an
/// undisturbed one would, and the act stands in the log once.
@Suite struct KilledDataChangeTests {
    private static let program = KilledProgram("KilledDataChangeTests/theDataAreChanged")
    private static let folder = program.folder
    /// Two rounds of three kills, or as many as SSCARD_KILL_ROUNDS asks for: a fifth of what it says.
    private static let rounds =
        max(2, (ProcessInfo.processInfo.environment["SSCARD_KILL_ROUNDS"].flatMap(Int.init) ?? 10) / 5)

    /// A counter with one card in a state file, whose holder's record is newer than the chip.
    private struct Place {
        let counter: Counter

        init(_ folder: String) throws { counter = try Counter(existing: folder) }

        /// Makes the card and brings the record up to date.
        func fill() throws {
            let path = counter.folder + "/card.state"
            try VirtualCard.makeBlank(
                profile: counter.preparation.library.entry("national-2.0").compiled.profile,
                serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01], stateFile: path)
            let made = try counter.issue(card)
            try counter.act(.handedOver, on: made)
            try counter.act(.enabled, on: made)
            try counter.registry.register(holder, handledBy: Counter.teller)
        }

        var card: VirtualCard {
            get throws {
                try VirtualCard.open(stateFile: counter.folder + "/card.state") { _ in
                    try counter.preparation.library.entry("national-2.0").compiled.profile
                }
            }
        }

        var holder: Person {
            get throws {
                let changes = ["name": "阿卜杜勒艾尼买买提依明江吾斯曼阿布都热合曼", "ethnicGroup": "11", "birthPlace": "990102"]
                return Person(try counter.preparation.applicant(counter.row(changes)))
            }
        }

        var registered: RegisteredCard {
            get throws {
                let person = try counter.registry.reference(of: holder.number)
                return try #require(try counter.registry.activeCard(of: person))
            }
        }

        var booked: Int {
            get throws {
                try counter.registry.events(of: registered.reference).count { $0.body.act.kind == .dataChanged }
            }
        }

        func change(progress: (PlanRunner.Progress) -> Void = { _ in }) throws {
            let channel = try VirtualCardChannel(card)
            try channel.reset()
            _ = try DataChangeDesk(
                registry: counter.registry, preparation: counter.preparation,
                journalFolder: counter.folder + "/journal",
                sealingKey: SealingKey.load(in: counter.folder + "/journal"),
                visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true)
            ).change(registered, to: holder, handledBy: Counter.teller, through: channel, progress: progress)
        }
    }

    /// What the killed process does.
    @Test(.enabled(if: folder != nil)) func theDataAreChanged() throws {
        guard let folder = Self.folder else { return }
        try Place(folder).change { _ in KilledProgram.report() }
    }

    @Test(.enabled(if: folder == nil), arguments: 0..<rounds)
    func killedAtRandomTheChangeIsFinishedAndBookedOnce(_ round: Int) throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        // Held open while it is copied: its log is not taken away meanwhile.
        let made = try Place(base + "/made")
        try made.fill()
        for name in ["whole", "killed"] {
            try FileManager.default.copyItem(atPath: base + "/made", toPath: base + "/" + name)
        }
        let whole = try Place(base + "/whole")
        var commands = 0
        try whole.change { _ in commands += 1 }
        #expect(commands > 8)
        #expect(try !whole.card.image.elementsEqual(made.card.image))

        // Killed after the last command, it dies while the act is booked, or when all is done.
        let places = (0..<3).map { _ in Int.random(in: 1...commands) }
        let seen = try places.map { try Self.program.kill(in: base + "/killed", after: $0) }
        let comment = Comment(rawValue: "to be killed after \(places) of \(commands), killed after \(seen)")
        #expect(seen[0] == places[0], comment)
        let place = try Place(base + "/killed")
        do {
            try place.change()
        } catch let error as Faults {
            // Nothing was left to do.
            #expect(error.faults.map(\.code) == ["data-change.nothing"], comment)
        }
        #expect(try place.card.image.elementsEqual(whole.card.image), comment)
        #expect(try place.booked == 1, comment)
        #expect(try place.counter.registry.verify().isGood, comment)
        let left = try FileManager.default.contentsOfDirectory(atPath: base + "/killed/journal")
        #expect(!left.contains { $0.hasSuffix(".migration") }, comment)
    }
}
