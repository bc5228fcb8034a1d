import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing

/// A MAC that the card did not take is explained: by what differs, else by key, version, derivation and cipher (cos-dialects §5).
extension VisitTests {
    enum Protected: CaseIterable {
        case reading, reset, unblock, block

        var key: String { self == .block ? "BK" : "STK" }
    }

    private func conversation(_ answers: [String], version: Int = 1) throws -> CardConversation {
        let compiled = try CardSite.card()
        // the development keys, without their challenges' worth
        let challenge = String(UUID().uuidString.filter { $0 != "-" }.prefix(16))
        let channel = try ScriptedChannel(answers.map { $0 == "challenge" ? challenge + "9000" : $0 })
        return CardConversation(
            channel, with: compiled, keys: try CardSite.developmentKeys(),
            context: try CardSite.context(compiled.profile),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card),
                keySet: AuthenticationTerms.KeySetMark(isDevelopment: true),
                liveVersions: CardKeyVersions(base: try #require(KeyVersion(version)))))
    }

    private func send(_ kind: Protected, _ answer: String, version: Int = 1) throws -> CardConversation {
        let compiled = try CardSite.card()
        let key = issuer(kind.key)
        let short = String(UUID().uuidString.filter { $0 != "-" }.prefix(8)) + "9000"
        switch kind {
        case .reading:
            let conversation = try conversation([short, answer], version: version)
            try conversation.perform(.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 4)))
            let command = CommandAPDU(0x00, 0xB0, 0x95, 0x00, le: 4)
            _ = try conversation.send(.protected(command, key: key, mode: .mac))
            return conversation
        case .reset:
            let conversation = try conversation(["challenge", answer], version: version)
            #expect(throws: CardError.self) {
                try conversation.resetPIN(to: PersonalIdentificationNumber(digits: "481952"), with: key)
            }
            return conversation
        case .unblock:
            let conversation = try conversation(["challenge", answer], version: version)
            #expect(throws: CardError.self) { try conversation.unblockPIN(with: key) }
            return conversation
        case .block:
            let conversation = try conversation(["9000", short, answer], version: version)
            #expect(throws: CardError.self) { try conversation.blockCard(compiled) }
            return conversation
        }
    }

    @Test(arguments: Protected.allCases) func aRefusedMACNamesKeyVersionDerivationAndCipher(kind: Protected) throws {
        let diagnosis = try send(kind, "6988").diagnosis(cardArea: nil)
        #expect(
            diagnosis?.causes == [
                .mac(key: kind.key, version: "1", factor: "8649990100000001", algorithm: "3des")
            ])
        let fault = try #require(diagnosis?.faults.first)
        let catalogue = MessageCatalogue.standard
        for text in [
            catalogue.text(for: fault, language: .chinese).what, catalogue.text(for: fault, language: .english).what,
        ] {
            #expect([kind.key, "1", "8649990100000001", "3des"].allSatisfy(text.contains), "\(text)")
        }
    }

    /// What differs from what the card took before is told first; an order of challenges has no part in a MAC.
    @Test(arguments: Protected.allCases) func aRefusedMACIsComparedWithWhatTheCardTook(kind: Protected) throws {
        let first = try conversation(["challenge", "9000"])
        try first.perform(challenge)
        _ = try first.send(.authenticate(issuer("UKSSSE"), identifier: 0x04, form: .plain))
        #expect(try send(kind, "6988", version: 2).diagnosis(cardArea: nil)?.causes == [.version(card: "1", used: "2")])
        #expect(
            try send(kind, "6988").diagnosis(cardArea: "990102")?.causes == [.area(card: "990102", used: "990101")])
    }

    /// Three wrong MACs in a row lock the directory (cos-dialects §11.2); here more have failed than leave one, and the card took it.
    @Test func aRowThatIsSpentLeavesTheLastTryAndNoMore() throws {
        let text = "SSCV1\ntries STK/36.00 1\ntries STK/36.00.read 1\n"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: folder + "/990100000001.visits", atomically: true, encoding: .utf8)
        let conversation = try conversation(["112233449000"])
        try conversation.perform(.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 4)))
        let write = try CommandAPDU(0x00, 0xD6, 0x95, 0x00, data: [0x01])
        #expect(throws: CardError.lastTry("STK/36.00")) {
            try conversation.perform(.protected(write, key: issuer("STK"), mode: .mac))
        }
    }

    @Test(arguments: Protected.allCases) func whatWasRefusedForAnotherReasonSaysNothingOfTheMAC(kind: Protected) throws
    {
        #expect(try send(kind, "6982").diagnosis(cardArea: nil) == nil)
    }
}
