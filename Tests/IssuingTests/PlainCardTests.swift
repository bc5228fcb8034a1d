import CardCryptography
import CardLayout
import CardVerification
import ISO7816
import Issuing
import Lifecycle
import Registry
import Testing
import VirtualCard

/// Cards of systems without the social-security form of INTERNAL AUTHENTICATE prove themselves in the plain one.
@Suite struct PlainCardTests {
    @Test(arguments: ["national-2.0@fmcos", "national-2.0@timecos"]) func aPlainCardProvesItselfAndACopyDoesNot(
        layout: String
    ) throws {
        let counter = try Counter()
        let compiled = try counter.preparation.library.entry(layout).compiled
        let card = try VirtualCard(profile: compiled.profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01])
        let issued = try counter.desk.issue(
            IssuingRequest(
                person: counter.row(), layoutName: layout, pin: .init(digits: "925814"),
                handling: Counter.personalizer), through: VirtualCardChannel(card))
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        for (area, reasons) in [("990101", []), ("990102", [Verdict.Reason.issuedElsewhere("990101")])] {
            let check = TillCheck(
                cards: [compiled], keys: counter.preparation.keys, area: area, today: counter.preparation.today)
            let verdict = try check.check(VirtualCardChannel(card)) {
                try counter.registry.card(identificationCode: $0).map {
                    KnownCard(state: $0.state.shown, historicalBytes: $0.facts?.blankSerial)
                }
            }
            #expect(verdict.reasons == reasons)
        }
    }
}
