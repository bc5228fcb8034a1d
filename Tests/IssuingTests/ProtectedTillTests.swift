import CardApplication
import CardCryptography
import CardData
import CardLayout
import CardVerification
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

@testable import Issuing

/// A till and a layout whose issuer data are read under line protection only: plain reading of them is refused with 6987.
@Suite struct ProtectedTillTests {
    private let site: TillSite

    init() throws { site = try TillSite() }

    /// `national-2.0` with its EF05 under the MAC of the environment's line key.
    private func compiled() throws -> CompiledCard {
        let protection = "protection: {mode: mac, key: STK, reading: protected}"
        return try site.compiled(layout: "directories: {SSSE: {files: {EF05: {\(protection)}}}}")
    }

    private func verdict(
        _ card: VirtualCard, by compiled: CompiledCard, _ keys: any CardKeyService,
        _ answering: @escaping @Sendable (CommandAPDU) -> Bool = { _ in false }
    ) throws -> Verdict {
        let channel = try AnsweringChannel(
            VirtualCardChannel(card), refusing: .secureMessagingIncorrect, answering)
        return try TillCheck(cards: [compiled], keys: keys, area: "990101", today: CardDate("20261201")).check(channel)
        {
            _ in nil
        }
    }

    @Test func whatIsProtectedIsReadUnderProtection() throws {
        let compiled = try compiled()
        let verdict = try verdict(site.card(of: compiled), by: compiled, site.keys)
        #expect(verdict.reasons == [.notInRegistry], "genuine, in date, and nobody's here")
        #expect(verdict.identificationCode == TillSite.person["identificationCode"])
        // SELECT, two records with a challenge each, INTERNAL AUTHENTICATE; answers with data take GET RESPONSE.
        #expect(verdict.commandCount <= 10)
    }

    @Test func aPlaceWithoutTheLineKeyIsToldWhatItLacks() throws {
        let compiled = try compiled()
        let verdict = try verdict(site.card(of: compiled), by: compiled, CardPreparation.absentKeys)
        #expect(verdict.reasons.map(\.code) == ["till.file-protected"])
        #expect(verdict.answer == .unknown)
        #expect(verdict.exitCode == 4)
    }

    /// A MAC that the card does not take says nothing of its data.
    @Test func aRefusedMACIsNoUnfinishedCard() throws {
        let compiled = try compiled()
        let verdict = try verdict(site.card(of: compiled), by: compiled, site.keys) { $0.cla == 0x04 && $0.ins == 0xB2 }
        #expect(verdict.reasons.map(\.code) == ["card.refused"])
        #expect(verdict.answer == .unknown)
    }
}
