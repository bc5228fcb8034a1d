import CardLayout
import Foundation
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// The program is killed with signal 9 at random while it makes a card, again and again, and finishes the card all the same.
///
/// The program is this test's own executable, told by its environment to make a card and nothing else; the card lies in a state file,
/// journal and registry in a counter's folder. It writes a byte for each command to its standard input's place.
@Suite struct KilledProcessTests {
    private static let program = KilledProgram("KilledProcessTests/theCardIsMade")
    private static let folder = program.folder
    /// Two rounds of three kills, or as many as SSCARD_KILL_ROUNDS asks for: a fifth of what it says.
    private static let rounds =
        max(2, (ProcessInfo.processInfo.environment["SSCARD_KILL_ROUNDS"].flatMap(Int.init) ?? 10) / 5)

    private static func open(_ counter: Counter) throws -> VirtualCard {
        try VirtualCard.open(stateFile: counter.folder + "/card.state") { _ in
            try counter.preparation.library.entry("national-2.0").compiled.profile
        }
    }

    /// What the killed process does.
    @Test(.enabled(if: folder != nil)) func theCardIsMade() throws {
        let counter = try Counter(existing: Self.folder)
        let card = try Self.open(counter)
        _ = try counter.desk.issue(counter.request(counter.row()), through: VirtualCardChannel(card)) { _ in
            KilledProgram.report()
        }
    }

    @Test(.enabled(if: folder == nil), arguments: 0..<rounds)
    func killedAtRandomTheCardIsFinishedByteForByte(_ round: Int) throws {
        let reference = try Counter()
        let finished = try reference.blank()
        let made = try reference.issue(finished)

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeBlank(in: folder)
        let places = (0..<3).map { _ in Int.random(in: 0..<made.commandCount) }
        let seen = try places.map { try Self.program.kill(in: folder, after: $0) }
        let comment = Comment(rawValue: "to be killed after \(places), killed after \(seen)")
        // Else nothing was killed in the middle, and the test proves nothing.
        #expect(seen[0] == places[0], comment)

        let counter = try Counter(existing: folder)
        let card = try Self.open(counter)
        if try counter.registry.statistics().blanksUsed == 0 || !counter.journals.isEmpty {
            _ = try counter.issue(card)
        }
        card.powerOff()
        #expect(card.image.elementsEqual(finished.image), comment)
        #expect(try counter.registry.card(number: made.number)?.state.shown == .sealed, comment)
        #expect(try counter.registry.statistics().blanksUsed == 1, comment)
        #expect(try counter.registry.verify().isGood, comment)
        #expect(counter.journals.isEmpty, comment)
    }

    private func makeBlank(in folder: String) throws {
        let counter = try Counter(existing: folder)
        try VirtualCard.makeBlank(
            profile: counter.preparation.library.entry("national-2.0").compiled.profile,
            serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01], stateFile: folder + "/card.state")
    }
}
