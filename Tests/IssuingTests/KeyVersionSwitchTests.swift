import CardApplication
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

/// A version of the keys is switched while cards are in people's hands and one lies torn on the desk.
@Suite struct KeyVersionSwitchTests {
    private static let switched = "{1: {stage: old}, 2: {stage: live}, 3: {stage: next}}"

    /// A folder that two counters use, one after the other.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test func `an older card proves itself by its own version, a new one by the new`() throws {
        let folder = Folder()
        let old: VirtualCard
        do {
            let before = try Counter(existing: folder.path)
            old = try before.blank(1)
            let issued = try before.issue(old)
            #expect(
                try before.registry.making(of: CardReference(issued.identificationCode))?.facts.keyVersions == "1")
        }
        let after = try Counter(existing: folder.path, versions: Self.switched)
        let new = try after.blank(2)
        let issued = try after.issue(new, after.otherRow)
        #expect(try after.registry.making(of: CardReference(issued.identificationCode))?.facts.keyVersions == "2")
        #expect(try after.verdict(old).reasons == [.state(.sealed)])
        #expect(try after.verdict(new).reasons == [.state(.sealed)])
        // without the record the live version is taken, which the old card does not have
        let area = after.preparation.policy.area
        let check = TillCheck(
            cards: [try after.preparation.library.entry("national-2.0").compiled], keys: after.preparation.keys,
            area: area, today: after.preparation.today)
        #expect(try check.check(VirtualCardChannel(old)) { _ in nil }.reasons.contains(.notGenuine))
        #expect(try !check.check(VirtualCardChannel(new)) { _ in nil }.reasons.contains(.notGenuine))
        #expect(
            try after.registry.making(
                onChip: VirtualCardChannel(old).answerToReset.historicalBytes)?.facts.keyVersions == "1")
        var versions: [String] = []
        try after.registry.forEachMadeCard { versions.append($0.facts.keyVersions) }
        #expect(versions == ["1", "2"])
        #expect(try after.registry.verify().isGood)
    }

    @Test(arguments: [60, 250, 480])
    func `a card torn before the switch is finished with the version it was begun with`(cut: Int) throws {
        let folder = Folder()
        let card: VirtualCard
        do {
            let before = try Counter(existing: folder.path)
            card = try before.blank(1)
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: cut, .beforeAnswer) { card.powerOff() }
            #expect(throws: (any Error).self) { try before.desk.issue(before.request(before.row()), through: torn) }
        }
        let after = try Counter(existing: folder.path, versions: Self.switched)
        let issued = try after.issue(card)
        #expect(issued.wasResumed)
        #expect(try after.registry.making(of: CardReference(issued.identificationCode))?.facts.keyVersions == "1")
        #expect(try after.verdict(card).reasons == [.state(.sealed)])
    }
}
