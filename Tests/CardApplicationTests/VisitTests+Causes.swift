import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing

/// Challenges that come again, and what most likely made a card refuse a key.
extension VisitTests {
    // MARK: - Challenges

    @Test func theLastChallengeOfAVisitIsRefusedAtTheNext() throws {
        try authenticate("9000", challenge: "1122334455667788")
        let replay = try ScriptedChannel(["11223344556677889000"])
        #expect(throws: CardError.challengeRefused) { try visit(replay).perform(challenge) }
        let fresh = try ScriptedChannel(["11223344556677899000"])
        #expect(throws: Never.self) { try visit(fresh).perform(challenge) }
        // Not the challenge itself, and in no form but its digest.
        #expect(!written.contains("1122334455667788"))
    }

    /// Two of four bytes meet by chance; a repeated one of eight is a replay.
    @Test func aShortChallengeMayComeTwice() throws {
        let short = CardOperation.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x04))
        let conversation = try visit(
            ScriptedChannel(
                ["11223344", "11223344", "00000000", "1122334455667788", "1122334455667788"].map { $0 + "9000" }))
        for _ in 0..<2 { #expect(throws: Never.self) { try conversation.perform(short) } }
        #expect(throws: CardError.challengeRefused) { try conversation.perform(short) }
        #expect(throws: Never.self) { try conversation.perform(challenge) }
        #expect(throws: CardError.challengeRefused) { try conversation.perform(challenge) }
    }

    // MARK: - Causes

    private func refusedBy(
        _ operation: CardOperation, _ answer: String, versions: CardKeyVersions, recorded: CardKeyVersions? = nil
    ) throws -> [AuthenticationDiagnosis.Cause]? {
        let profile = try CardSite.profile()
        let channel = try ScriptedChannel(["\(UUID().uuidString.filter { $0 != "-" }.prefix(16))9000", answer])
        let conversation = CardConversation(
            channel, profile: profile, keys: TransparentKeys(),
            context: try CardSite.context(profile).withVersions(recorded),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card),
                keySet: AuthenticationTerms.KeySetMark(isDevelopment: true), liveVersions: versions))
        try conversation.perform(challenge)
        _ = try? conversation.perform(operation)
        return conversation.diagnosis(cardArea: nil)?.causes
    }

    @Test func keysOfAnotherVersionAreToldByTheVersion() throws {
        let first = CardKeyVersions(base: .first)
        let second = CardKeyVersions(base: try #require(KeyVersion(2)))
        #expect(try refusedBy(plain, "9000", versions: first) == nil)
        #expect(try refusedBy(plain, "63C4", versions: second) == [.version(card: "1", used: "2")])
        // The registry says which versions this card has.
        #expect(try refusedBy(plain, "63C3", versions: second, recorded: first) == [.cardChanged])
    }

    @Test func aRefusedTransportKeyIsToldAsTheMakers() throws {
        let transport = CardOperation.authenticate(
            .transport(try CardSite.profile().transportKey), identifier: 0, form: .plain)
        let versions = CardKeyVersions(base: .first)
        #expect(try refusedBy(transport, "63C7", versions: versions) == [.transportKey(profile: "fmcos-ssse")])
        #expect(try refusedBy(transport, "9000", versions: versions) == nil)
    }

    @Test func zerosAreRefusedAtEveryVisit() throws {
        for _ in 0..<2 {
            let channel = try ScriptedChannel(["00000000000000009000"])
            #expect(throws: CardError.challengeRefused) { try visit(channel).perform(challenge) }
        }
    }
}
