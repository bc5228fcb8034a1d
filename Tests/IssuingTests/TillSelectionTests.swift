import CardData
import CardVerification
import ISO7816
import Testing
import VirtualCard

/// A till and a brand of cards that open their environment only after the master file was selected.
@Suite struct TillSelectionTests {
    /// What a till selected, in order.
    private final class Selections {
        var data: [[UInt8]] = []
    }

    @Test func aCardThatWantsItsMasterFileFirstIsChecked() throws {
        let site = try TillSite()
        let brand = try site.compiled(profile: "selectsMasterFileFirst: true")
        let card = try site.card(of: brand)
        let selections = Selections()
        let channel = AnsweringChannel(try VirtualCardChannel(card)) {
            if $0.ins == 0xA4 { selections.data.append($0.data) }
            return nil
        }
        let check = TillCheck(
            cards: [brand], keys: site.keys, area: "990101", today: try CardDate("20261201"))
        let verdict = try check.check(channel) { _ in nil }
        #expect(verdict.reasons == [.notInRegistry], "genuine, in date, and nobody's here")
        #expect(verdict.identificationCode == TillSite.person["identificationCode"])
        #expect(selections.data.first == [0x3F, 0x00])
        #expect(selections.data.count == 2)
        // by a profile that does not say so the till opens nothing on it
        let usual = TillCheck(
            cards: [try site.compiled()], keys: site.keys, area: "990101", today: try CardDate("20261201"))
        #expect(try usual.check(VirtualCardChannel(card)) { _ in nil }.reasons != [.notInRegistry])
    }
}
