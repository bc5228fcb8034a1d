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
    private static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static let person = [
        "identificationCode": "990101D15600000504000001A1B2C3D4", "cardClass": "3",
        "initializingInstitution": "915600000299010199010101", "issueDate": "20261122", "expiryDate": "20361122",
        "cardNumber": "D00000005", "citizenNumber": "990165200802116857", "name": "张三", "sex": "1",
        "ethnicGroup": "01", "birthPlace": "990165", "birthDate": "20080211",
    ]

    private let keys: any CardKeyService

    init() throws {
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: Self.home + "/Keys/development"),
            hierarchy: KeyHierarchy.read(Self.home + "/Keys/hierarchy.yaml"))
    }

    /// `national-2.0` with its EF05 under the MAC of the environment's line key.
    private func compiled() throws -> CompiledCard {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: Self.home + "/CardLayouts", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        let protection = "protection: {mode: mac, key: STK, reading: protected}"
        try "name: area\ntitle: 地区\nextends: national-2.0\ndirectories: {SSSE: {files: {EF05: {\(protection)}}}}\n"
            .write(toFile: folder.path + "/area.yaml", atomically: true, encoding: .utf8)
        return try LayoutLibrary(home: Self.home).profile(named: "fmcos-ssse").compiling(folder.path + "/area.yaml")
    }

    private func card(of compiled: CompiledCard) throws -> VirtualCard {
        let card = try VirtualCard(profile: compiled.profile, serialNumber: [0x99, 1, 0, 0, 0, 1])
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let channel = try VirtualCardChannel(card)
        let pin = try PersonalIdentificationNumber(digits: "925814")
        let plan = try CardPlanner(compiled).plan(
            for: PersonImageEncoder(layout: compiled.layout).encode(Self.person), pinLength: 3)
        let journal = try Journal.begin(
            in: folder, card: #require(CardIdentity(channel.answerToReset)),
            content: JournalContent(planHash: plan.hash, values: Self.person, notes: [:], pin: pin),
            key: SealingKey(SecureRandom.secret(32)))
        let context = try #require(CardKeyContext(channel.answerToReset, profile: compiled.profile, area: "990101"))
        try PlanRunner(
            plan, CardConversation(channel, profile: compiled.profile, keys: keys, context: context, pin: pin)
        ).run(journal: journal)
        return card
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
        let verdict = try verdict(card(of: compiled), by: compiled, keys)
        #expect(verdict.reasons == [.notInRegistry], "genuine, in date, and nobody's here")
        #expect(verdict.identificationCode == Self.person["identificationCode"])
        // SELECT, two records with a challenge each, INTERNAL AUTHENTICATE; answers with data take GET RESPONSE.
        #expect(verdict.commandCount <= 10)
    }

    @Test func aPlaceWithoutTheLineKeyIsToldWhatItLacks() throws {
        let compiled = try compiled()
        let verdict = try verdict(card(of: compiled), by: compiled, CardPreparation.absentKeys)
        #expect(verdict.reasons.map(\.code) == ["till.file-protected"])
        #expect(verdict.answer == .unknown)
        #expect(verdict.exitCode == 4)
    }

    /// A MAC that the card does not take says nothing of its data.
    @Test func aRefusedMACIsNoUnfinishedCard() throws {
        let compiled = try compiled()
        let verdict = try verdict(card(of: compiled), by: compiled, keys) { $0.cla == 0x04 && $0.ins == 0xB2 }
        #expect(verdict.reasons.map(\.code) == ["card.refused"])
        #expect(verdict.answer == .unknown)
    }
}

extension COSProfile {
    /// A layout file on this profile.
    fileprivate func compiling(_ path: String) throws -> CompiledCard {
        try CompiledCard(layout: LayoutReader.read(path), profile: self)
    }
}
