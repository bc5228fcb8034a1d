import CardCryptography
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
    /// A card of another maker and one whose security domain makes it, killed as often as half the rounds say.
    private static let layouts =
        Array(repeating: "national-2.0", count: rounds)
        + ["national-2.0@t514", "national-2.0@globalplatform"].flatMap { Array(repeating: $0, count: rounds / 2) }

    /// A counter's folder with one card of a layout in a state file.
    private struct Place {
        let counter: Counter
        let layout: String

        /// The place that is there already.
        init(_ folder: String) throws {
            layout = try String(contentsOfFile: folder + "/layout", encoding: .utf8)
            counter = try Counter(existing: folder)
        }

        /// A new place with a blank.
        init(_ folder: String, layout: String) throws {
            counter = try Counter(existing: folder)
            self.layout = layout
            try layout.write(toFile: folder + "/layout", atomically: true, encoding: .utf8)
            let profile = try counter.preparation.library.entry(layout).compiled.profile
            let serial: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]
            if let domain = profile.globalPlatform {
                try GlobalPlatformCard.makeBlank(profile: domain, serialNumber: serial, stateFile: state)
            } else {
                try VirtualCard.makeBlank(profile: profile, serialNumber: serial, stateFile: state)
            }
        }

        private var state: String { counter.folder + "/card.state" }

        /// The card as its state file has it.
        func card() throws -> any VirtualReaderCard {
            let profile = try counter.preparation.library.entry(layout).compiled.profile
            if let domain = profile.globalPlatform {
                return try #require(try GlobalPlatformCard(stateFile: state) { _ in domain })
            }
            return try VirtualCard.open(stateFile: state) { _ in profile }
        }

        /// What the state file's card keeps, but for the count of secure channels, of which a resumed card has had more.
        func image() throws -> [UInt8] {
            let card = try card()
            if let domain = card as? GlobalPlatformCard { return domain.image(countsChannels: false) }
            return try #require(card as? VirtualCard).image
        }

        @discardableResult
        func make(progress: (PlanRunner.Progress) -> Void = { _ in }) throws -> IssuedCard {
            let card = try card()
            defer { card.powerOff() }
            return try counter.desk.issue(
                IssuingRequest(
                    person: counter.row(), layoutName: layout, pin: PersonalIdentificationNumber(digits: "925814"),
                    handling: Counter.personalizer),
                through: VirtualCardChannel(card), progress: progress)
        }
    }

    /// What the killed process does.
    @Test(.enabled(if: folder != nil)) func theCardIsMade() throws {
        guard let folder = Self.folder else { return }
        try Place(folder).make { _ in KilledProgram.report() }
    }

    @Test(.enabled(if: folder == nil), arguments: layouts.indices)
    func killedAtRandomTheCardIsFinishedByteForByte(_ round: Int) throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let reference = try Place(base + "/whole", layout: Self.layouts[round])
        let made = try reference.make()

        let folder = base + "/killed"
        _ = try Place(folder, layout: Self.layouts[round])
        let places = (0..<3).map { _ in Int.random(in: 0..<made.commandCount) }
        let seen = try places.map { try Self.program.kill(in: folder, after: $0) }
        let comment = Comment(rawValue: "\(reference.layout) to be killed after \(places), killed after \(seen)")
        // Else nothing was killed in the middle, and the test proves nothing.
        #expect(seen[0] == places[0], comment)

        let place = try Place(folder)
        if try place.counter.registry.statistics().blanksUsed == 0 || !place.counter.journals.isEmpty {
            try place.make()
        }
        #expect(try place.image() == reference.image(), comment)
        #expect(try place.counter.registry.card(number: made.number)?.state.shown == .sealed, comment)
        #expect(try place.counter.registry.statistics().blanksUsed == 1, comment)
        #expect(try place.counter.registry.verify().isGood, comment)
        #expect(place.counter.journals.isEmpty, comment)
    }
}
