import CardApplication
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Testing

/// Keys of one name in two directories are two records with tries of their own: DF0A and DF0B of the region's example.
extension VisitTests {
    private func enter(
        _ directory: String, _ channel: any CardChannel, lastTry: LastTryPermission? = nil
    ) throws -> CardConversation {
        let compiled = try LayoutLibrary(home: CardSite.home).compiledCard(named: "example-region-1.1")
        let conversation = CardConversation(
            channel, with: compiled, keys: TransparentKeys(), context: try CardSite.context(compiled.profile),
            visit: CardVisit(
                try VisitRecord(in: folder, card: card), keySet: AuthenticationTerms.KeySetMark(isDevelopment: true),
                lastTry: lastTry))
        let identifier = try #require(compiled.directory(directory)?.identifier)
        try conversation.perform(.fixed(CardCommands(profile: compiled.profile).select(identifier: identifier)))
        try conversation.perform(challenge)
        return conversation
    }

    private func script(_ answer: String) throws -> ScriptedChannel {
        try ScriptedChannel(["9000", UUID().uuidString.filter { $0 != "-" }.prefix(16) + "9000", answer])
    }

    private func present(_ directory: String, _ channel: ScriptedChannel) throws {
        let key = CardOperation.authenticate(issuer("UK1DF0A"), identifier: 0x91, form: .plain)
        _ = try enter(directory, channel).send(key)
    }

    @Test func eachDirectoryHasItsOwnTries() throws {
        try present("DF0A", script("63C1"))
        #expect(written.contains("tries UK1DF0A/91@DF0A 1\n"))
        try present("DF0B", script("63C4"))
        #expect(written.contains("tries UK1DF0A/91@DF0B 4\n"))
        let channel = try script("9000")
        #expect(throws: CardError.lastTry("UK1DF0A/91@DF0A")) { try present("DF0A", channel) }
        #expect(channel.received.count == 2)
        // the other one is taken, and gives only its own back
        try present("DF0B", script("9000"))
        #expect(!written.contains("@DF0B") && written.contains("tries UK1DF0A/91@DF0A 1\n"))
        // typed byte by byte it is the same counter
        let typed = CardOperation.fixed(try CommandAPDU(bytes: bytes("00820091081122334455667788")))
        #expect(throws: CardError.lastTry("UK1DF0A/91@DF0A")) { try enter("DF0A", script("9000")).send(typed) }
    }

    /// What was noted before directories were told apart counts in each of them.
    @Test(arguments: ["DF0A", "DF0B"]) func anEarlierNoteCountsWherever(directory: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "SSCV1\ntries UK1DF0A/91 1\n".write(
            toFile: folder + "/990100000001.visits", atomically: true, encoding: .utf8)
        #expect(throws: CardError.lastTry("UK1DF0A/91@\(directory)")) { try present(directory, script("9000")) }
    }
}
