import CardApplication
import CardLayout
import ISO7816
import IssuerKeys
import Testing

/// The transport code of a blank (cos-dialects §3.7): how many wrong ones it takes is not known, and the last try is kept.
extension VisitTests {
    /// A blank T514, of city 9901 and serial 00000001.
    private func blank(_ answers: [String]) throws -> ScriptedChannel {
        try ScriptedChannel(answers, answerToReset: "3B6D00000087BF10028649990100000001")
    }

    private func visit(
        blank channel: ScriptedChannel, _ settings: String = "", lastTry: LastTryPermission? = nil
    ) throws -> CardConversation {
        let profile = try CardSite.variant(settings, of: "t514")
        return CardConversation(
            channel, profile: profile, keys: TransparentKeys(), context: try CardSite.context(profile),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card), keySet: AuthenticationTerms.KeySetMark(isDevelopment: true),
                lastTry: lastTry))
    }

    @Test(arguments: [("", 3), ("transportTries: 5", 5)])
    func aRefusedTransportCodeIsATrySpent(settings: String, tries: Int) throws {
        for left in (1..<tries).reversed() {
            #expect(throws: CardError.transportCodeRefused(.securityStatusNotSatisfied)) {
                try visit(blank: blank(["6982"]), settings).perform(.presentTransportCode)
            }
            #expect(written.contains("tries transport-code \(left)\n"))
        }
        let channel = try blank(["9000", "9000"])
        #expect(throws: CardError.lastTry("transport-code")) {
            try visit(blank: channel, settings).perform(.presentTransportCode)
        }
        // nor typed byte by byte
        #expect(throws: CardError.lastTry("transport-code")) {
            try visit(blank: channel, settings).send(
                .fixed(CommandAPDU(bytes: bytes("80E00300080000990100000001"))))
        }
        #expect(channel.received.isEmpty)
        let permission = try LastTryPermission(officer: 1001, second: 2001)
        try visit(blank: channel, settings, lastTry: permission).perform(.presentTransportCode)
        #expect(!written.contains("tries transport-code"))
    }

    /// A command that the card does not have, or of another length, was compared with nothing.
    @Test(arguments: ["6700", "6D00", "6E00"]) func whatWasNotComparedCostsNothing(answer: String) throws {
        _ = try visit(blank: blank([answer])).send(.presentTransportCode)
        #expect(!written.contains("tries"))
    }

    /// The code is made of the last six bytes of the answer to reset, whatever diversifies the keys: another documented rule is T8 to TD
    /// and 0000 (cos-dialects §3.7, card.md §2.2).
    @Test(arguments: ["{offset: 5, count: 8}", "{offset: 7, count: 6, suffix: 0000}"])
    func theCodeIsMadeOfTheAnswerToReset(cardFactor: String) throws {
        let channel = try blank(["9000"])
        let profile = try CardSite.variant("cardFactor: \(cardFactor)", of: "t514")
        let context = try #require(CardKeyContext(channel.answerToReset, profile: profile, area: "990101"))
        let conversation = CardConversation(channel, profile: profile, keys: TransparentKeys(), context: context)
        try conversation.perform(.presentTransportCode)
        // the keys show what went in
        #expect(channel.received == ["80E0030008" + "0000990100000001"])
    }
}
